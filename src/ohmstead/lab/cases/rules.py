"""The general rules of Part 6, checked on every message of every case, whatever the case itself looks at."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from ohmstead.lab.cases.exchange import Arrived
from ohmstead.lab.cases.signed import SignatureFault, SignedSoFar
from ohmstead.lab.cases.value_words import words_of
from ohmstead.lab.verdict import Finding
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import FirmwareStatusEnum, TransactionEventEnum, TransactionEventRequest, TriggerReasonEnum

PERIODIC = frozenset({TriggerReasonEnum.MeterValuePeriodic, TriggerReasonEnum.MeterValueClock})
CANCELLED = frozenset({FirmwareStatusEnum.DownloadFailed, FirmwareStatusEnum.InstallationFailed})
STEP = "general rules"
FRAMES = "Part 4, 4.2"
"""Where it says what a frame and its payload look like."""
UNASKED = "Part 6, unexpected messages"
REQUIREMENTS = {
    "seqNo": ("E01.FR.07",),
    "offline": ("E04.FR.03",),
    "evse": ("E01.FR.16",),
    "idToken": ("E01.FR.10",),
    "remoteStart": ("F01.FR.25", "F02.FR.21"),
    "timestamp": ("Part 6, general rules",),
    "firmware": ("L01.FR.10", "L01.FR.20"),
    "signed": ("J01.FR.21", "J02.FR.21"),
}
"""Rule -> where the specification asks for it."""


class _Transaction:
    """What has been received of one transaction."""

    def __init__(self) -> None:
        self.events: dict[int, tuple[str, TransactionEventRequest]] = {}
        self.evse_id: int | None = None


class Rules:
    """Watches one case. Findings are collected; the tester takes them.

    Attributes:
        findings: what was wrong so far.
        waived: rules that a case has switched off: `seqNo`, `offline`, `evse`, `idToken`, `remoteStart`, `timestamp`,
            `firmware`, `signed`.
        cancelled: requestIds of updates in whose place another one was accepted.
        disturbed: the case withheld answers, sent errors or cut the connection, so messages may be late.
    """

    def __init__(self, tolerance: float, delay: float = 0.0) -> None:
        """Watch a case whose CALLs are answered after `delay` seconds."""
        self.findings: list[Finding] = []
        self.waived: set[str] = set()
        self.disturbed = False
        self._signed = SignedSoFar()
        self._tolerance = tolerance
        self._frame = ""
        self._wait = timedelta(seconds=6 + 8 * delay)
        self._transactions: dict[str, _Transaction] = {}
        self._links: list[datetime] = []
        self._plugged: dict[int, datetime] = {}
        self._presented: wire.IdToken | None = None
        self._authorized: wire.IdToken | None = None
        self._remote: wire.RequestStartTransactionRequest | None = None
        self._update: int | None = None
        self.cancelled: set[int] = set()

    # What the lab did

    def linked(self, at: datetime) -> None:
        """The station has made a connection."""
        self._links.append(at)

    def plugged(self, evse_id: int, at: datetime) -> None:
        """The hand connected an EV."""
        self._plugged[evse_id] = at

    def unplugged(self, evse_id: int) -> None:
        """The hand took it away."""
        self._plugged.pop(evse_id, None)

    def presented(self, token: wire.IdToken) -> None:
        """The hand presented a token."""
        self._presented = token

    def answered(self, request: Request[Response], answer: object) -> None:
        """The lab answered a CALL of the station."""
        if isinstance(request, wire.AuthorizeRequest) and isinstance(answer, wire.AuthorizeResponse):
            accepted = answer.id_token_info.status is wire.AuthorizationStatusEnum.Accepted
            if not accepted and self._remote is not None and _same(request.id_token, self._remote.id_token):
                self._remote = None
            if self._presented is not None and _same(request.id_token, self._presented):
                self._authorized = request.id_token if accepted else None

    def asked(self, request: Request[Response], response: Response) -> None:
        """The station answered a CALL of the lab."""
        accepted = getattr(response, "status", None) in ("Accepted", "AcceptedCanceled")
        if isinstance(request, wire.RequestStartTransactionRequest) and accepted:
            self._remote = request
        if isinstance(request, wire.UpdateFirmwareRequest) and accepted:
            if self._update is not None:
                self.cancelled.add(self._update)
            self._update = request.request_id

    def forget_authorization(self) -> None:
        """An authorization or a remote start will not lead to a transaction any more (it timed out)."""
        self._authorized = None
        self._remote = None

    # What the station said

    def observe(self, arrived: Arrived) -> None:
        """Look at a message."""
        message = arrived.message
        self._frame = arrived.id
        if isinstance(message, TransactionEventRequest):
            self._observe_event(arrived, message)
        if isinstance(message, wire.FirmwareStatusNotificationRequest):
            self._observe_firmware(message)
        if isinstance(message, wire.MeterValuesRequest):
            self._find_signed(self._signed.take(message.evse_id, message.meter_value))
        stamp = getattr(message, "timestamp", None)
        if isinstance(stamp, datetime):
            # What security events tell of may have waited for the network (A04.FR.02): a boot, for one.
            queued = isinstance(message, wire.SecurityEventNotificationRequest) or (
                isinstance(message, TransactionEventRequest) and bool(message.offline)
            )
            self._check_time(arrived, stamp, fresh=not queued)

    def finish(self) -> None:
        """Look at each transaction as a whole."""
        self._frame = ""
        self._find_signed(self._signed.finish())
        self.check_transactions()

    def check_transactions(self) -> None:
        """Look at what has come of each transaction."""
        self._frame = ""
        for identifier, transaction in self._transactions.items():
            self._check_whole(identifier, transaction)

    def _find_signed(self, faults: Iterable[SignatureFault]) -> None:
        for fault in faults:
            self._find("signed", f"sampledValue.{fault.field}", fault.wanted, fault.got)

    def _find(self, rule: str, field: str, wanted: str, got: object) -> None:
        """Note what breaks a rule."""
        if rule not in self.waived:
            cited = REQUIREMENTS[rule]
            told = words_of(got)
            self.findings.append(
                Finding(step=STEP, field=field, wanted=wanted, got=told, frame=self._frame, requirements=cited)
            )

    def _check_time(self, arrived: Arrived, stamp: datetime, *, fresh: bool) -> None:
        field = f"{type(arrived.message).__name__}.timestamp"
        slack = timedelta(seconds=self._tolerance)
        if stamp > arrived.wall + slack:
            self._find("timestamp", field, f"not after {words_of(arrived.wall)}", stamp)
        # Written instants are cut to whole seconds; a message may wait for the answer to the one before it.
        elif fresh and not self.disturbed and stamp < arrived.wall - slack - self._wait:
            self._find("timestamp", field, f"close to {words_of(arrived.wall)}", stamp)

    def _observe_firmware(self, message: wire.FirmwareStatusNotificationRequest) -> None:
        """Every status of an update carries its requestId; only Idle may go without.

        An update that was cancelled may still be told to have failed (errata 6.2.82).
        """
        if message.status is FirmwareStatusEnum.Idle and message.request_id is None:
            return
        if message.status in CANCELLED and message.request_id in self.cancelled:
            return
        if message.request_id != self._update:
            self._find("firmware", "FirmwareStatusNotificationRequest.requestId", str(self._update), message.request_id)

    def _observe_event(self, arrived: Arrived, event: TransactionEventRequest) -> None:
        identifier = folded(event.transaction_info.transaction_id)
        transaction = self._transactions.setdefault(identifier, _Transaction())
        known = transaction.events.get(event.seq_no)
        if known is not None:
            same = self._is_again(event, known[1])
            if known[0] != arrived.id and not (same and self.disturbed):
                self._find("seqNo", "TransactionEventRequest.seqNo", f"one that is new in {identifier}", event.seq_no)
            elif not same:
                self._find("seqNo", "TransactionEventRequest", "the same content when it is sent again", "another")
            return
        transaction.events[event.seq_no] = (arrived.id, event)
        if event.evse is not None:
            if transaction.evse_id not in (None, event.evse.id):
                self._find("evse", "TransactionEventRequest.evse.id", str(transaction.evse_id), event.evse.id)
            transaction.evse_id = event.evse.id
        self._find_signed(self._signed.take(transaction.evse_id, event.meter_value or ()))
        self._check_offline(event)
        self._check_plugged(transaction, event)
        self._check_token(event)
        self._check_remote(transaction, event)

    def _is_again(self, event: TransactionEventRequest, before: TransactionEventRequest) -> bool:
        """Say whether an event is sent again: under the same message id or another (errata to Part 4, 4.1.4).

        What still waits when the connection is lost may be marked offline from then on (E11.FR.07).
        """
        lost = len(self._links) > 1 and event.offline is True
        return event == (msgspec.structs.replace(before, offline=True) if lost else before)

    def _check_offline(self, event: TransactionEventRequest) -> None:
        """Nothing happens offline while the first connection lasts (E04.FR.03)."""
        if event.offline and len(self._links) == 1 and event.timestamp > self._links[0]:
            self._find("offline", "TransactionEventRequest.offline", "absent: the connection was never lost", True)

    def _check_plugged(self, transaction: _Transaction, event: TransactionEventRequest) -> None:
        """The first event after plug-in names EVSE and connector (E01.FR.16)."""
        for evse_id, at in tuple(self._plugged.items()):
            if transaction.evse_id not in (None, evse_id) or event.timestamp < at.replace(microsecond=0):
                continue
            if transaction.evse_id is None and (len(self._plugged) > 1 or event.trigger_reason in PERIODIC):
                continue
            del self._plugged[evse_id]
            if event.evse is None or event.evse.connector_id is None:
                self._find("evse", "TransactionEventRequest.evse", "id and connectorId after plug-in", event.evse)

    def _check_token(self, event: TransactionEventRequest) -> None:
        """The first event after a token was presented and accepted carries it (E01.FR.10)."""
        token = self._authorized
        if token is None or event.trigger_reason in PERIODIC:
            return
        starts = event.event_type is TransactionEventEnum.Started
        if starts or event.trigger_reason is TriggerReasonEnum.Authorized:
            self._authorized = self._presented = None
            if event.id_token is None or not _same(event.id_token, token):
                self._find("idToken", "TransactionEventRequest.idToken", words_of(token), event.id_token)
        elif event.trigger_reason in (TriggerReasonEnum.StopAuthorized, TriggerReasonEnum.Deauthorized):
            self._authorized = self._presented = None

    def _check_remote(self, transaction: _Transaction, event: TransactionEventRequest) -> None:
        """The first event after a remote start says so (F01.FR.25, F02.FR.21)."""
        remote = self._remote
        if remote is None or event.trigger_reason in PERIODIC:
            return
        if remote.evse_id is not None and transaction.evse_id not in (None, remote.evse_id):
            return
        self._remote = None
        if event.trigger_reason is not TriggerReasonEnum.RemoteStart:
            self._find(
                "remoteStart", "TransactionEventRequest.triggerReason", "RemoteStart", event.trigger_reason.value
            )
        elif event.transaction_info.remote_start_id != remote.remote_start_id:
            self._find(
                "remoteStart",
                "TransactionEventRequest.transactionInfo.remoteStartId",
                str(remote.remote_start_id),
                event.transaction_info.remote_start_id,
            )

    def _check_whole(self, identifier: str, transaction: _Transaction) -> None:
        """Started first, Ended last and once, no number missing in between (chapter E, sequence numbers)."""
        numbers = sorted(transaction.events)
        missing = sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers))
        if missing:
            self._find(
                "seqNo", "TransactionEventRequest.seqNo", "no gap", f"{words_of(missing)} missing in {identifier}"
            )
        kinds = [transaction.events[number][1].event_type for number in numbers]
        if kinds[0] is not TransactionEventEnum.Started:
            self._find("seqNo", "TransactionEventRequest.eventType", "Started first", kinds[0].value)
        if TransactionEventEnum.Started in kinds[1:]:
            self._find("seqNo", "TransactionEventRequest.eventType", "Started once", f"again in {identifier}")
        if TransactionEventEnum.Ended in kinds[:-1]:
            self._find("seqNo", "TransactionEventRequest.eventType", "Ended last", f"{kinds[-1].value} after it")
        stamps = [transaction.events[number][1].timestamp for number in numbers]
        if stamps != sorted(stamps):
            self._find("seqNo", "TransactionEventRequest.seqNo", "the order of timestamps", f"another in {identifier}")


def _same(one: wire.IdToken, other: wire.IdToken) -> bool:
    return one.type is other.type and folded(one.id_token) == folded(other.id_token)
