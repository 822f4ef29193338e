"""Twenty mistakes that a maker could make in good faith, each with what a reader of the report should come to know."""

import random

BUGS = {
    "boot-reason": "BootNotification after a power cut says Unknown instead of PowerUp",
    "no-status": "a cable that is plugged in or out changes no StatusNotification",
    "never-occupied": "StatusNotification says Available while a cable is plugged in",
    "seq-no-stands": "seqNo of a transaction does not go up",
    "no-charging": "no event tells that energy flows",
    "remote-trigger": "a remote start is told with triggerReason Authorized instead of RemoteStart",
    "no-remote-start-id": "the first event after a remote start has no remoteStartId",
    "invalid-charges": "a token that is Invalid starts charging",
    "stopped-reason": "a remote stop is told with stoppedReason Local instead of Remote",
    "no-last-meter": "the last event of a transaction has no meter value",
    "sets-read-only": "a variable that is ReadOnly can be set",
    "knows-all-variables": "a variable that nobody has is read as Accepted",
    "report-without-end": "the last part of a report says that more parts follow",
    "reset-at-once": "a reset OnIdle does not wait for the transaction to end",
    "away-at-once": "ChangeAvailability to Inoperative does not wait for the transaction to end",
    "trigger-unheeded": "TriggerMessage is Accepted, and nothing is sent",
    "stops-unknown": "RequestStopTransaction of a transaction that nobody knows is Accepted",
    "forgets-offline": "what happens while the connection is lost is not told afterwards",
    "waits-for-ever": "EVConnectionTimeOut is set and not heeded",
    "local-time": "instants have no offset from UTC",
}
"""Name -> what is wrong."""
DRAWN = 5


def drawn(seed: int) -> frozenset[str]:
    """Return five of them."""
    return frozenset(random.Random(seed).sample(sorted(BUGS), DRAWN))
