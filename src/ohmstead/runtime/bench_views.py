"""What the bench shows of sessions, of the outbox and of variables."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import msgspec

from ohmstead.blocks.b_variables import BVariables
from ohmstead.model.charges import Charge
from ohmstead.model.device.component import Component
from ohmstead.model.device.variable import WRITE_ONLY, AnyVariable
from ohmstead.model.elapsed import Elapsed
from ohmstead.model.facts import Fact, closure
from ohmstead.model.session import Session
from ohmstead.ports.bench import ChargeView, QueuedMessage, SessionView, SetOutcome, VariableKey, VariableView, mask
from ohmstead.runtime.outbox import OutboxEntry
from ohmstead.runtime.station import Station
from ohmstead.wire import messages as wire
from ohmstead.wire.rows import from_row

MOST_QUEUED = 500
"""Messages of the outbox that a snapshot carries, oldest first."""
_NUMBERS = (wire.DataEnum.integer, wire.DataEnum.decimal)


class _EventHead(msgspec.Struct, frozen=True, rename="camel"):
    """As much of a TransactionEventRequest as a list of waiting messages shows."""

    event_type: str
    timestamp: datetime
    seq_no: int


class Queue:
    """Shows the outbox; what was shown before is not read again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[OutboxEntry, QueuedMessage]] = {}

    def view(self, entries: Iterable[OutboxEntry]) -> tuple[QueuedMessage, ...]:
        """Return the oldest entries as messages."""
        known, self._known = self._known, {}
        for entry in islice(entries, MOST_QUEUED):
            before = known.get(entry.message_id)
            shown = before[1] if before is not None and before[0] is entry else _queued(entry)
            self._known[entry.message_id] = entry, shown
        return tuple(shown for _, shown in self._known.values())


def _queued(entry: OutboxEntry) -> QueuedMessage:
    head = from_row(entry.payload, _EventHead) if entry.action == "TransactionEvent" else None
    return QueuedMessage(
        message_id=entry.message_id,
        action=entry.action,
        event_type=head.event_type if head else None,
        transaction_id=entry.transaction_id,
        seq_no=head.seq_no if head else None,
        attempts=entry.attempts,
        at=head.timestamp if head else None,
    )


def view_of_session(session: Session, register_wh: float | None, elapsed: Elapsed) -> SessionView:
    """Return what is shown of a session; `register_wh` is the meter of its EVSE, where it has one."""
    facts = closure(session.facts)
    transaction, authorization = session.transaction, session.authorization
    start = transaction.energy_start_wh if transaction is not None else None
    return SessionView(
        id=session.id,
        facts=tuple(fact.value for fact in Fact if fact in facts),
        id_token=mask(authorization.id_token.id_token) if authorization is not None else None,
        transaction_id=transaction.id if transaction is not None else None,
        seq_no=transaction.seq_no - 1 if transaction is not None else None,
        charging_state=session.charging_state.value,
        energy_wh=0.0 if start is None or register_wh is None else max(0.0, register_wh - start),
        started_at=elapsed.begin_of_transaction(session),
    )


def view_of_charge(charge: Charge) -> ChargeView:
    """Return what is shown of a charge that has ended."""
    return ChargeView(
        transaction_id=charge.transaction_id,
        evse_id=charge.evse_id,
        started_at=charge.started_at,
        ended_at=charge.ended_at,
        seconds=charge.seconds,
        energy_wh=charge.energy_wh,
        stopped_reason=None if charge.reason is None else charge.reason.value,
        cost=charge.cost,
    )


def view_of_variable(component: Component, variable: AnyVariable) -> VariableView:
    """Return what is shown of a variable: as a report says it, with the value as it travels in GetVariables."""
    trait = component.trait(variable)
    place = component.place
    return VariableView(
        key=VariableKey(
            component=component.name,
            variable=variable.name,
            component_instance=component.instance,
            variable_instance=variable.instance,
            evse_id=place.evse_id,
            connector_id=place.connector_id,
        ),
        type=variable.data_type.value,
        mutability=trait.mutability.value,
        unit=variable.unit,
        min=trait.minimum if variable.data_type in _NUMBERS else None,
        max=trait.maximum,
        values=trait.values or None,
        value=None if trait.mutability is WRITE_ONLY else component.text(variable),
        writable=trait.writable,
        persistent=trait.writable or not variable.computed,
        reboot_required=variable.reboot_required,
    )


def set_variable(station: Station, key: VariableKey, value: str) -> SetOutcome:
    """Set a variable as a SetVariablesRequest with one item does: the same checks, commit and reactions."""
    evse = None if key.evse_id is None else wire.EVSE(id=key.evse_id, connector_id=key.connector_id)
    data = wire.SetVariableData(
        attribute_value=value,
        component=wire.Component(name=key.component, instance=key.component_instance, evse=evse),
        variable=wire.Variable(name=key.variable, instance=key.variable_instance),
    )
    block = next(block for block in station.blocks.all if isinstance(block, BVariables))
    with station.work.unit():
        response = block.on_set_variables(wire.SetVariablesRequest(set_variable_data=(data,)))
    result = response.set_variable_result[0]
    info = result.attribute_status_info
    reason = "" if info is None else info.additional_info or info.reason_code
    return SetOutcome(status=result.attribute_status.value, reason=reason)
