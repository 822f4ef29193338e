"""Block E: transactions."""

from ohmstead.lab.reading import Reading

STOPPED_BY_DRIVER = Reading(
    name="stopped-by-driver",
    requirements=("E06.FR.09", "E07.FR.04"),
    specification="stoppedReason may be left out where the driver has stopped; it then means Local.",
    tool="The event with which the token ends the transaction says Local.",
)
CABLE_TIMEOUT = Reading(
    name="cable-timeout",
    requirements=("E03.FR.05", "E06.FR.04"),
    specification="A lapsed authorization ends the transaction where the stop point Authorized is set.",
    tool="Where transactions start with the parking bay, an Updated event will do.",
)
RETRY_AFTER_ERROR = Reading(
    name="retry-after-error",
    requirements=("E13.FR.03",),
    specification="After a CALLERROR the interval times the number of sends is waited, and no longer.",
    tool="The message timeout may be waited as well, though it has no part in a CALLERROR.",
)
