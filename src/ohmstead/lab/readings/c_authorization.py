"""Block C: authorization."""

from ohmstead.lab.reading import Reading

STOPPING_TOKEN = Reading(
    name="stopping-token",
    requirements=("E07.FR.02",),
    specification="The event of a stop should name the token that stopped, and may leave it out.",
    tool="It names the token of the group that stopped.",
)
CACHED_TOKEN_ASKED = Reading(
    name="cached-token-asked",
    requirements=("C01.FR.05", "C09.FR.04"),
    specification="The CSMS may be asked for a token that is Accepted in the cache, as long as nobody waits for it.",
    tool="It is not asked.",
)
CACHE_OVER_REBOOT = Reading(
    name="cache-over-reboot",
    requirements=("C10.FR.02",),
    specification="The cache should outlast a reboot; a station that has lost it asks again.",
    tool="The token is known after a reset, and nobody is asked.",
)
CLEARED_CACHE = Reading(
    name="cleared-cache",
    requirements=("C11.FR.01", "C11.FR.03"),
    specification="A cache that was cleared knows no token: the CSMS is asked, LocalPreAuthorize or not.",
    tool="LocalPreAuthorize is false, so that the CSMS is asked whatever the cache knows.",
)
MASTER_PASS_TRIGGER = Reading(
    name="master-pass-trigger",
    requirements=("C16.FR.06", "E07.FR.02"),
    specification="What a master pass stops is told with the trigger StopAuthorized.",
    tool="Only stoppedReason and token are looked at.",
)
DEAUTHORIZED_STATE = Reading(
    name="deauthorized-state",
    requirements=("E05.FR.09", "E05.FR.10"),
    specification="The event of a deauthorization may leave the charging state to the next one, or end without it.",
    tool="It says EVConnected or SuspendedEVSE.",
)
AUTHORIZED_OFFLINE = Reading(
    name="authorized-offline",
    requirements=("E02.FR.01", "E02.FR.20"),
    specification="The event that tells of a token accepted offline has the trigger Authorized.",
    tool="It carries the token; an event with the trigger Authorized is optional.",
)
INVALID_OFFLINE_END = Reading(
    name="invalid-offline-end",
    requirements=("C15.FR.03", "C15.FR.04"),
    specification="The event with the trigger Deauthorized is the one that ends, and says why; or it is an Updated.",
    tool="An event with the trigger Deauthorized comes, of whatever type.",
)
INVALID_OFFLINE_SUSPENSION = Reading(
    name="invalid-offline-suspension",
    requirements=("C15.FR.06",),
    specification="The energy is suspended in an Updated event with the trigger ChargingStateChanged.",
    tool="Any event with the charging state SuspendedEVSE will do.",
)
OFFLINE_AFTERWARDS = Reading(
    name="offline-afterwards",
    requirements=("E04.FR.03",),
    specification="What follows from an answer of the CSMS has not happened offline.",
    tool="The flag of such an event is not looked at.",
)
