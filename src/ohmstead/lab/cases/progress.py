"""What the lab knows of one EVSE: what the hand did there, and what the station has reported of its transaction."""

from ohmstead.lab.cases.config import LabToken
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import ChargingStateEnum, TransactionEventEnum, TransactionEventRequest, TriggerReasonEnum


class Progress:
    """The progress of a charging session at one EVSE.

    Attributes:
        evse_id: which one.
        bay: an EV stands there.
        plugged: the cable is in.
        authorized: a token or a remote start has been accepted for it.
        remote: that was a remote start.
        token: by which; None: by none yet.
        stopped: the authorization to charge was taken back.
        stop_reason: by whom, as the stoppedReason of an end that follows later has it.
        transaction_id: of the running or the last transaction whose events were consumed.
        ended: it has ended.
        transactions: every transaction so far, as `folded` has their ids.
        last: the last event consumed.
        started: the event that started the running transaction.
        deauthorized: the CSMS has taken the authorization of its driver back.
        flows: energy does, as far as the lab can know, though no event has told it.
    """

    def __init__(self, evse_id: int) -> None:
        self.evse_id = evse_id
        self.bay = False
        self.plugged = False
        self.authorized = False
        self.remote = False
        self.token: LabToken | None = None
        self.stopped = False
        self.stop_reason: str | None = None
        self.transaction_id: str | None = None
        self.ended = False
        self.transactions: set[str] = set()
        self.last: TransactionEventRequest | None = None
        self.started: TransactionEventRequest | None = None
        self.deauthorized = False
        self.flows = False

    @property
    def running(self) -> bool:
        """Say whether a transaction runs, as far as its events were consumed."""
        return self.transaction_id is not None and not self.ended

    @property
    def started_at(self) -> int | None:
        """The EVSE that the event named which started the running transaction."""
        return self.started.evse.id if self.started is not None and self.started.evse is not None else None

    @property
    def charging_state(self) -> ChargingStateEnum | None:
        """The charging state of the last event that told one."""
        return self.last.transaction_info.charging_state if self.last is not None else None

    def take(self, event: TransactionEventRequest) -> None:
        """An event of its transaction was consumed."""
        self.transaction_id = event.transaction_info.transaction_id
        self.transactions.add(folded(self.transaction_id))
        self.ended = event.event_type is TransactionEventEnum.Ended
        self.last = event
        self.flows = False
        self.deauthorized |= event.trigger_reason is TriggerReasonEnum.Deauthorized
        if event.event_type is TransactionEventEnum.Started:
            self.started = event

    def reset(self) -> None:
        """A session is over and the place is empty: keep only which transactions there were."""
        transactions = self.transactions
        self.__init__(self.evse_id)  # type: ignore[misc]  # the same fresh state as at birth
        self.transactions = transactions
