"""Block F: remote control."""

from ohmstead.lab.reading import Reading

REMOTE_STOP_IN_TWO = Reading(
    name="remote-stop-in-two",
    requirements=("F03.FR.03",),
    specification="The event with the trigger RemoteStop ends the transaction, where its stop points say so.",
    tool="It may be an Updated, and another event ends the transaction.",
)
TIMEOUT_REASON = Reading(
    name="timeout-reason",
    requirements=("F02.FR.07",),
    specification="A transaction that EVConnectionTimeOut ends has the stoppedReason Timeout.",
    tool="Its stoppedReason is not looked at.",
)
TIMEOUT_IN_THE_BAY = Reading(
    name="timeout-in-the-bay",
    requirements=("F02.FR.08",),
    specification="Where transactions stop with the parking bay, the timeout may only take the authorization back.",
    tool="It ends the transaction.",
)
TRIGGER_REFUSED = Reading(
    name="trigger-refused",
    requirements=("F06.FR.05",),
    specification="It is up to the station whether it sends what it is asked for, or answers Rejected.",
    tool="What it can send at all, it sends.",
)
TRIGGERED_MEASURANDS = Reading(
    name="triggered-measurands",
    requirements=("F06.FR.06", "F06.FR.07"),
    specification="Triggered values have every measurand that is configured for them.",
    tool="The first value has the context Trigger; measurands are not looked at.",
)
TRIGGERED_EVSE = Reading(
    name="triggered-evse",
    requirements=("E01.FR.16",),
    specification="Only the first event after plug-in has to name its EVSE, a triggered one may leave it out.",
    tool="Where events of all EVSEs were asked for, each names its own.",
)
TRIGGERED_STATUS = Reading(
    name="triggered-status",
    requirements=("F06.FR.03", "F06.FR.10"),
    specification="A StatusNotification that was asked for is sent as such.",
    tool="A NotifyEvent of the connector's AvailabilityState will do.",
)
