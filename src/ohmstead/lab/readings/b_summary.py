"""Block B: the report of how the station is."""

from ohmstead.lab.reading import Reading

ONLY_THE_CONDITION = Reading(
    name="only-the-condition",
    requirements=("B07.FR.09",),
    specification="A SummaryInventory is about availability and condition; the settings of controllers are neither.",
    tool="It looks for what has to be there, and whatever else is reported will do.",
)
