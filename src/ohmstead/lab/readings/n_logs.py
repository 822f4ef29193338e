"""Block N: logs."""

from ohmstead.lab.reading import Reading

LOG_NAMED = Reading(
    name="log-named",
    requirements=("N01.FR.01",),
    specification="The response names the file of every log.",
    tool="The name is looked for where the diagnostics log is asked for, not where it is the security log.",
)
RETRY_INTERVAL = Reading(
    name="retry-interval",
    specification="retryInterval is the time after which a retry may be made; a station may wait longer.",
    tool="From the first Uploading to the last failure it takes retries times retryInterval, and no longer.",
)
CANCELLED_FIRST = Reading(
    name="cancelled-first",
    requirements=("N01.FR.08", "N01.FR.20"),
    specification="The end of the cancelled upload and the beginning of the next one are told in any order.",
    tool="AcceptedCanceled is told before Uploading of the next.",
)
