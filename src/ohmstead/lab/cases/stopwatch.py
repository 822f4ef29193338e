"""Takes the four times of a certificate's performance table from the wire log of a lab, frame by frame.

What counts is what the certificate says: every response; reports and messages that were asked for and come later; an
event after RequestStartTransaction only where nobody had to do anything and no charging state changed in between; an
event after RequestStopTransaction only where it does not carry EVConnected (then power had to go down first).
"""

from typing import TypeAlias

import msgspec

from ohmstead.wire import frames
from ohmstead.wire.identifiers import folded

REPORTS = {
    "GetBaseReport": "NotifyReport",
    "GetReport": "NotifyReport",
    "GetMonitoringReport": "NotifyMonitoringReport",
    "CustomerInformation": "NotifyCustomerInformation",
    "GetChargingProfiles": "ReportChargingProfiles",
    "GetDisplayMessages": "NotifyDisplayMessages",
}
"""What is asked for -> what comes, with the same requestId."""
SIGNING = ("SignChargingStationCertificate", "SignV2GCertificate", "SignCombinedCertificate")
"""Requested messages that come as SignCertificate; the others come under their own name."""
DISTURBED = ("hand: ", "connection ", "endpoint ")
"""Remarks of the log after which what is under way no longer comes by the station alone."""
UNANSWERED = "is left without an answer"


class _Info(msgspec.Struct, frozen=True, rename="camel"):
    transaction_id: str = ""
    charging_state: str = ""
    remote_start_id: int | None = None


class _Payload(msgspec.Struct, frozen=True, rename="camel"):
    """The fields that matter, of whichever message."""

    status: str = ""
    request_id: int | None = None
    tbc: bool = False
    requested_message: str = ""
    remote_start_id: int | None = None
    transaction_id: str = ""
    trigger_reason: str = ""
    transaction_info: _Info = _Info()


class _Asked(msgspec.Struct, frozen=True):
    at: float
    action: str
    payload: _Payload


_Pending: TypeAlias = "dict[str, _Asked]"
_PAYLOAD = msgspec.json.Decoder(_Payload)


class Stopwatch:
    """Watches one log from its beginning.

    Attributes:
        response: seconds from each CALL of the lab to its answer.
        triggered: seconds from a request for a report, or a TriggerMessage, to the first message that it brings.
        whole: seconds from a request for a report to its last part.
        start: seconds from RequestStartTransaction to its TransactionEvent.
        stop: seconds from RequestStopTransaction to its TransactionEvent.
    """

    def __init__(self) -> None:
        self.response: list[float] = []
        self.triggered: list[float] = []
        self.whole: list[float] = []
        self.start: list[float] = []
        self.stop: list[float] = []
        self._asked: _Pending = {}
        self._begun: _Pending = {}
        """Requests whose first message has not come yet, by message id."""
        self._whole: _Pending = {}

    @property
    def unanswered(self) -> int:
        """CALLs that have no answer yet, on a connection that stands."""
        return len(self._asked)

    def take(self, at: float, way: str, text: str) -> None:
        """Look at a line of the log.

        Args:
            at: seconds.
            way: `>` to the station, `<` from it, `.` a remark.
            text: the frame or the remark.
        """
        if way == ".":
            self._remark(text)
            return
        try:
            frame = frames.parse(text)
        except frames.FrameError:
            return
        match way, frame:
            case ">", frames.Call():
                self._ask(at, frame)
            case "<", frames.Call():
                self._arrive(at, frame.action, _read(frame.payload))
            case "<", frames.CallResult():
                self._answer(at, frame.id, _read(frame.payload).status == "Accepted")
            case "<", frames.CallErrorFrame():
                self._answer(at, frame.id, accepted=False)

    def _remark(self, text: str) -> None:
        if text.startswith(DISTURBED) or text.endswith(UNANSWERED):
            self._begun.clear()
            self._whole.clear()
        if text.startswith("connection "):
            self._asked.clear()

    def _ask(self, at: float, frame: frames.Call) -> None:
        asked = _Asked(at, frame.action, _read(frame.payload))
        self._asked[frame.id] = asked
        self._begun[frame.id] = asked
        if frame.action in REPORTS:
            self._whole[frame.id] = asked

    def _answer(self, at: float, identifier: str, accepted: bool) -> None:
        asked = self._asked.pop(identifier, None)
        if asked is not None:
            self.response.append(at - asked.at)
        if not accepted:
            self._begun.pop(identifier, None)
            self._whole.pop(identifier, None)

    def _arrive(self, at: float, action: str, got: _Payload) -> None:
        for identifier, asked in tuple(self._begun.items()):
            if not _brings(asked, action, got):
                continue
            del self._begun[identifier]
            times = self._times(asked.action, got.transaction_info.charging_state)
            if times is not None:
                times.append(at - asked.at)
            break
        for identifier, asked in tuple(self._whole.items()):
            if _brings(asked, action, got) and not got.tbc:
                del self._whole[identifier]
                self.whole.append(at - asked.at)

    def _times(self, action: str, state: str) -> list[float] | None:
        """Return where the time of a message belongs that a request has brought; None where it does not count."""
        if action == "RequestStartTransaction":
            return self.start if state != "Charging" else None
        if action == "RequestStopTransaction":
            return self.stop if state != "EVConnected" else None
        return self.triggered


def _brings(asked: _Asked, action: str, got: _Payload) -> bool:
    """Say whether a message of the station is the one that a request of the lab brings."""
    wanted, info = asked.payload, got.transaction_info
    if asked.action in REPORTS:
        return action == REPORTS[asked.action] and got.request_id == wanted.request_id
    if asked.action == "TriggerMessage":
        name = "SignCertificate" if wanted.requested_message in SIGNING else wanted.requested_message
        return action == name and (action != "TransactionEvent" or got.trigger_reason == "Trigger")
    if action != "TransactionEvent":
        return False
    if asked.action == "RequestStartTransaction":
        return info.remote_start_id == wanted.remote_start_id and got.trigger_reason == "RemoteStart"
    if asked.action == "RequestStopTransaction":
        mine = folded(info.transaction_id) == folded(wanted.transaction_id)
        return mine and got.trigger_reason == "RemoteStop"
    return False


def _read(payload: msgspec.Raw) -> _Payload:
    try:
        return _PAYLOAD.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        # What cannot be read is the business of the case, not of the watch.
        return _Payload()
