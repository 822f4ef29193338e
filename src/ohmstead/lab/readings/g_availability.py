"""Block G: availability."""

from ohmstead.lab.reading import Reading

UNCHANGED_TOLD = Reading(
    name="unchanged-told",
    requirements=("G04.FR.05",),
    specification="Connectors whose status has changed are told; where nothing changes nothing has to be told.",
    tool="Asked to be Inoperative once more, the station tells the status of every connector.",
)
UNAVAILABLE_WHILE_PLUGGED = Reading(
    name="unavailable-while-plugged",
    requirements=("G01.FR.05", "G03.FR.05", "G04.FR.06"),
    specification="A scheduled Unavailable comes when the transaction is over, or when the cable is out after that.",
    tool="It comes as soon as the transaction has ended, though the cable is in.",
)
