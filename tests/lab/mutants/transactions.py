"""Mutants of transactions: numbers, reasons, states, tokens."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.model.session import Session, TransactionStep
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import TransactionEventRequest, TriggerReasonEnum
from tests.lab.mutation import Mutant, replaced

Build = Callable[..., tuple[Session, TransactionEventRequest]]
Change = Callable[[TransactionEventRequest, TransactionStep], TransactionEventRequest]


def _said(change: Change) -> Callable[..., object]:
    """Change what a TransactionEvent says."""

    def wrong(build: Build, self: object, session: Session, step: TransactionStep, **options: Any) -> object:
        after, request = build(self, session, step, **options)
        return after, change(request, step)

    return wrong


def _replace(request: TransactionEventRequest, **fields: Any) -> TransactionEventRequest:
    return msgspec.structs.replace(request, **fields)


def _info(request: TransactionEventRequest, **fields: Any) -> TransactionEventRequest:
    return _replace(request, transaction_info=msgspec.structs.replace(request.transaction_info, **fields))


def _mutant(name: str, text: str, change: Change) -> Mutant:
    return Mutant(name, text, lambda: replaced(TransactionEvents, "build", _said(change)))


MUTANTS = (
    _mutant(
        "seq-no-stands-still", "Every event of a transaction has seqNo 0.", lambda event, _: _replace(event, seq_no=0)
    ),
    _mutant("seq-no-skips", "seqNo counts in twos.", lambda event, _: _replace(event, seq_no=event.seq_no * 2)),
    _mutant("no-evse", "No event names its EVSE.", lambda event, _: _replace(event, evse=None)),
    _mutant("no-id-token", "No event carries the idToken.", lambda event, _: _replace(event, id_token=None)),
    _mutant(
        "always-charging-state-changed",
        "Every event has triggerReason ChargingStateChanged.",
        lambda event, _: _replace(event, trigger_reason=TriggerReasonEnum.ChargingStateChanged),
    ),
    _mutant(
        "no-charging-state", "No event tells the charging state.", lambda event, _: _info(event, charging_state=None)
    ),
    _mutant("no-stopped-reason", "Ended has no stoppedReason.", lambda event, _: _info(event, stopped_reason=None)),
    _mutant("no-remote-start-id", "remoteStartId is forgotten.", lambda event, _: _info(event, remote_start_id=None)),
    _mutant("no-offline-flag", "offline is never said.", lambda event, _: _replace(event, offline=None)),
    _mutant("no-meter-values", "No event carries meter values.", lambda event, _: _replace(event, meter_value=None)),
)
