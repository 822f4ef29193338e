"""Block L: firmware."""

from ohmstead.lab.reading import Reading

PLACE_LEFT_BEFORE_INSTALLING = Reading(
    name="place-left-before-installing",
    requirements=("L01.FR.07",),
    specification="A connector that is left while firmware waits to be installed turns Unavailable.",
    tool="It may turn Available first.",
)
