"""What brings somebody else's station back to idle and to what was found, without judging it."""

from ohmstead.lab.cases.exchange import Exchange, Unanswered
from ohmstead.lab.cases.persistent import PASSWORD, calm
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.rigs.shared_connection import Key, StationChanges
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.identifiers import folded

BACK_WITHIN = 300.0
"""Seconds that a station may take to connect again."""


async def stop(t: Tester) -> None:
    """Stop every transaction that runs."""
    for transaction in _running(t):
        await ask(t, wire.RequestStopTransactionRequest(transaction_id=transaction))
    if _running(t):
        await calm(t)


async def end(t: Tester, authorized: float) -> None:
    """Reset a station in which a transaction still runs, or an authorization may still wait for a cable.

    Args:
        t: the tester of the case.
        authorized: when a token or a remote start was last accepted, seconds of the loop.
    """
    ended = [t.arrived(one).at for one in t.received(wire.TransactionEventRequest) if one.event_type == "Ended"]
    if not _running(t) and authorized <= max(ended, default=0.0):
        return
    await ask(t, wire.ResetRequest(type=wire.ResetEnum.Immediate))
    await t.endpoint().wait_disconnected(t.rig.patience)
    await t.endpoint().wait_connected(BACK_WITHIN)
    await calm(t)


async def set_back(t: Tester, changes: StationChanges, password: str) -> list[str]:
    """Change back what cases have changed; returns what could not be."""
    left = []
    for evse in dict.fromkeys(changes.inoperative):
        change = wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum.Operative, evse=evse)
        if not _accepted(await ask(t, change)):
            left.append(f"{evse or 'the station'} is inoperative")
    changes.inoperative.clear()
    for key, value in list(changes.settings.items()):
        found = password if value is None and _text(key) == PASSWORD else value
        if not await _set(t, key, found):
            left.append(f"{_text(key)} was {value}")
    changes.settings.clear()
    if changes.list_version is not None:
        await ask(
            t,
            wire.SendLocalListRequest(version_number=changes.list_version + 1, update_type=wire.UpdateEnum.Full),
        )
        changes.list_version = None
    return left


async def _set(t: Tester, key: Key, value: str | None) -> bool:
    if value is None:
        return False
    data = wire.SetVariableData(attribute_value=value, component=key[0], variable=key[1])
    response = await ask(t, wire.SetVariablesRequest(set_variable_data=(data,)))
    if not isinstance(response, wire.SetVariablesResponse):
        return False
    status = response.set_variable_result[0].attribute_status
    # A variable that cannot be set has not been changed.
    return status is not wire.SetVariableStatusEnum.Rejected or await _is(t, key, value)


async def _is(t: Tester, key: Key, value: str) -> bool:
    data = wire.GetVariableData(component=key[0], variable=key[1])
    response = await ask(t, wire.GetVariablesRequest(get_variable_data=(data,)))
    return isinstance(response, wire.GetVariablesResponse) and response.get_variable_result[0].attribute_value == value


async def ask(t: Tester, request: Request[Response]) -> Response | None:
    """Ask without judging; None if there is no proper answer."""
    exchange: Exchange | None = t.endpoint().exchange
    if exchange is None or not exchange.open:
        return None
    try:
        return await exchange.call(request, t.rig.patience)
    except (CallError, Unanswered):
        return None


def _accepted(response: Response | None) -> bool:
    return getattr(response, "status", None) == "Accepted"


def accepted_at(t: Tester) -> float:
    """Return when the last token was accepted, seconds of the loop; 0 if none was."""
    accepted = wire.AuthorizationStatusEnum.Accepted
    asked = [one for one in t.received(wire.AuthorizeRequest) if t.answers.info(one.id_token).status is accepted]
    return max((t.arrived(one).at for one in asked), default=0.0)


def _running(t: Tester) -> list[str]:
    """Return the transactions of which no end has been told."""
    events = t.received(wire.TransactionEventRequest)
    ended = {folded(event.transaction_info.transaction_id) for event in events if event.event_type == "Ended"}
    told = {folded(event.transaction_info.transaction_id): event.transaction_info.transaction_id for event in events}
    return [identifier for key, identifier in told.items() if key not in ended]


def _text(key: Key) -> str:
    component, variable = key
    evse = component.evse
    place = "" if evse is None else f"#{evse.id}" + (f"/{evse.connector_id}" if evse.connector_id else "")
    instance = f"[{component.instance}]" if component.instance else ""
    return f"{component.name}{instance}{place}.{variable.name}" + (
        f"[{variable.instance}]" if variable.instance else ""
    )
