"""Block A: a certificate that was asked for and does not come."""

from ohmstead.lab.reading import Reading

ASKED_IN_TIME = Reading(
    name="asked-in-time",
    requirements=("A02.FR.17", "A02.FR.18"),
    specification="The station asks again once the wait is over, and no later.",
    tool="It asks again once the wait is over, at the earliest.",
)
ASKED_NO_MORE = Reading(
    name="asked-no-more",
    requirements=("A02.FR.19",),
    specification="When the wait was doubled as often as it may be and is over again, the station stops asking.",
    tool="Nobody waits to see that.",
)
