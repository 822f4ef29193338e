"""Block G: availability."""

from ohmstead.lab.reading import Reading

UNAVAILABLE_WHILE_PLUGGED = Reading(
    name="unavailable-while-plugged",
    requirements=("G01.FR.05", "G03.FR.05", "G04.FR.06"),
    specification="A scheduled Unavailable comes when the transaction is over, or when the cable is out after that.",
    tool="It comes as soon as the transaction has ended, though the cable is in.",
)
