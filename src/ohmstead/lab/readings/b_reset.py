"""Block B: resets."""

from ohmstead.lab.reading import Reading

UNAVAILABLE_FOR_RESET = Reading(
    name="unavailable-for-reset",
    requirements=("B11.FR.03", "B11.FR.08"),
    specification="What is about to be reset may be told to be Unavailable, also while the reset waits (B12).",
    tool="No status announces a reset, but that of what is Available while a reset of the station waits.",
)
STATE_AFTER_RESET = Reading(
    name="charging-state-of-reset",
    requirements=("B12.FR.04", "B12.FR.08"),
    specification="The event with which a reset ends a transaction may say that the EVSE has suspended.",
    tool="It says that the EV is connected.",
)
TOKEN_OF_RESET = Reading(
    name="token-of-reset",
    requirements=("B12.FR.04",),
    specification="The event with which a reset ends a transaction should not carry the idToken, but may.",
    tool="It does not carry it.",
)
IDLE_WITH_CABLE = Reading(
    name="idle-with-cable",
    requirements=("B11.FR.07", "B12.FR.01"),
    specification="A station in which a cable is still locked is not idle: the reset may wait for it (errata 2.14).",
    tool="The reset follows the end of the last transaction.",
)
