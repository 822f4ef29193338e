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
PLUGGED_IN = Reading(
    name="plugged-in",
    requirements=("E02.FR.17", "E03.FR.12"),
    specification="The event of the cable should have the trigger CablePluggedIn, and may have ChargingStateChanged.",
    tool="On the way from the token to the energy it has CablePluggedIn and the charging state EVConnected.",
)
STARTED_BY_TOKEN = Reading(
    name="started-by-token",
    requirements=("E02.FR.01", "E02.FR.20"),
    specification="With the cable in, the event that follows an accepted token has the trigger Authorized.",
    tool="Where the token closes the power path, ChargingStateChanged will do as well.",
)
STOP_IN_TWO = Reading(
    name="stop-in-two",
    requirements=("E06.FR.03", "E07.FR.02"),
    specification="An Updated may say that the token has stopped, and the next event ends the transaction.",
    tool="One event says both.",
)
VALUES_OFFLINE = Reading(
    name="values-offline",
    requirements=("E11.FR.01", "J02.FR.11"),
    specification="Every periodic value that was due without a connection is sent afterwards.",
    tool="One of them is enough.",
)
STOPPED_OFFLINE = Reading(
    name="stopped-offline",
    requirements=("E07.FR.02",),
    specification="A token that stops without a connection is told with the trigger StopAuthorized.",
    tool="Only the end of the transaction is looked at.",
)
RECONNECT_TIMEOUT = Reading(
    name="reconnect-timeout",
    requirements=("E10.FR.02",),
    specification="The reason of an end for want of the EV may name the timeout or the cable.",
    tool="It names the timeout.",
)
NOT_READY_AT_ONCE = Reading(
    name="not-ready-at-once",
    requirements=("E02.FR.17", "E03.FR.12"),
    specification="The event of the cable may be the one that says SuspendedEV: its trigger is the more specific one.",
    tool="SuspendedEV comes with ChargingStateChanged.",
)
