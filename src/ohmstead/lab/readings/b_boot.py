"""Block B: boot, and what follows an outage."""

from ohmstead.lab.reading import Reading

BOOT_REASON = Reading(
    name="boot-reason",
    requirements=("B01.FR.09",),
    specification="The reason says why the station boots: PowerUp after a cold boot, RemoteReset after a reset.",
    tool="Only some cases look at the reason; a cold boot, and a reset without a transaction, may give any.",
)
SELF_CHECK = Reading(
    name="unavailable-after-boot",
    requirements=("B01.FR.05",),
    specification="Connectors may be told to be Unavailable before their state is, while the station checks itself.",
    tool="The state of each connector is told once, as it is.",
)
REPEATED_BOOT = Reading(
    name="boot-interval",
    requirements=("B02.FR.08", "B03.FR.06"),
    specification="A station that is not accepted boots again when the interval of the response is over.",
    tool="The next BootNotification may follow any time after the interval; while Pending it is not waited for.",
)
BOOT_TRIGGER = Reading(
    name="boot-trigger-rejected",
    requirements=("F06.FR.05",),
    specification="A station that is Pending may reject the trigger of a BootNotification.",
    tool="The trigger is accepted, or not implemented.",
)
BOOT_AFTER_OUTAGE = Reading(
    name="boot-after-outage",
    specification="A station that comes back should not boot again (Part 4, 5.3), but may.",
    tool="No BootNotification follows a connection that was lost.",
)
