"""Block B: network connection profiles, and the way back to the CSMS."""

from ohmstead.lab.reading import Reading

BACK_OFF = Reading(
    name="back-off-no-longer",
    specification="The wait before an attempt is the back-off time, and no longer (Part 4, 5.3).",
    tool="The wait is at least that long.",
)
AFTER_ALL_ATTEMPTS = Reading(
    name="after-all-attempts",
    requirements=("B10.FR.07", "B10.FR.08", "B10.FR.09"),
    specification="When every profile has failed, the station may begin with the first one again (errata).",
    tool="It goes back to the one that worked last, after RetryBackOffWaitMinimum.",
)
