"""What the lab will be able to test of a station, tried before any case: messages it has, actions a hand can do.

Nothing is judged. Each message is asked once in a way that changes nothing; each action of the hand that some case
needs is done once and undone. From what came follows for each case whether it can be carried out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from enum import StrEnum

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.keys import parse_key
from ohmstead.lab.describe.inquiry import Inquiry
from ohmstead.lab.needs import needs
from ohmstead.lab.rigs.external import OFF_FOR, ExternalRig
from ohmstead.lab.rigs.hand import HandMissing
from ohmstead.lab.rigs.idle import stop
from ohmstead.ports.hand import (
    Action,
    Arrive,
    ConnectEv,
    CutPower,
    DisconnectEv,
    HandRefused,
    Leave,
    Plug,
    Present,
    RemoveCable,
    RestorePower,
    Resume,
    StopByEv,
    Suspend,
    Unplug,
)
from ohmstead.product.profile import Product
from ohmstead.product.token_types import CARDS, local_start_types
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

VARIABLE = "OCPPCommCtrlr.HeartbeatInterval"
"""Read, and set to what it is: every station has it, and can set it (Part 2, 2.1.3)."""
BACK_WITHIN = 120.0
"""Seconds in which a station has to be back after a reset or without mains."""
MOST_FINDINGS = 10
NOBODYS = "no-such-transaction"
BOUNCE = (CutPower, RestorePower)


class Outcome(StrEnum):
    """What came of a trial."""

    Yes = "yes"
    No = "no"
    """The station does not have it, or nobody can do it."""
    Unclear = "?"
    """It did not work this time."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried."""

    name: str
    """A message, `SetVariables`, or an action of the hand, `plug`."""
    outcome: Outcome
    told: str
    """What came of it, in words."""
    hand: bool = False


async def trials(
    inquiry: Inquiry, rig: ExternalRig, product: Product, config: LabConfig, tell: Callable[[Trial], None]
) -> list[Trial]:
    """Try everything once, at a station that has connected.

    Args:
        inquiry: with the station.
        rig: of it; its hand is used.
        product: what the station claims to be.
        config: has the token and the EVSE.
        tell: told each trial as it comes.
    """
    done = [_boot(inquiry)]
    tell(done[0])
    for source in (_messages(inquiry, config), _hand(inquiry, rig, product, config), _reset(inquiry)):
        async for trial in source:
            done.append(trial)
            tell(trial)
    for trial in _protocol(inquiry):
        done.append(trial)
        tell(trial)
    return done


def _protocol(inquiry: Inquiry) -> Iterator[Trial]:
    """Yield what broke the protocol meanwhile, once each: every case in which it happens will fail by it."""
    seen = dict.fromkeys((one.field, one.wanted, one.got.partition(": b'")[0]) for one in inquiry.t.rules.findings)
    for field, wanted, got in tuple(seen)[:MOST_FINDINGS]:
        yield Trial(name=field, outcome=Outcome.Unclear, told=f"wanted {wanted}, got {inquiry.t.shown(got)[:200]}")


def _boot(inquiry: Inquiry) -> Trial:
    boot = inquiry.found.boot
    if boot is None:
        return Trial(name="BootNotification", outcome=Outcome.Unclear, told="none seen: it was up before the lab")
    return Trial(
        name="BootNotification", outcome=Outcome.Yes, told=f"{boot.charging_station.model}, {boot.reason.value}"
    )


async def _messages(inquiry: Inquiry, config: LabConfig) -> AsyncIterator[Trial]:
    component, variable = parse_key(VARIABLE)
    read = wire.GetVariablesRequest(get_variable_data=(wire.GetVariableData(component=component, variable=variable),))
    got = await inquiry.ask(read)
    value = None if isinstance(got, str) else got.get_variable_result[0].attribute_value
    yield _trial(read, got, f"{VARIABLE} is {value}")
    data = wire.SetVariableData(component=component, variable=variable, attribute_value=value or "300")
    setting = wire.SetVariablesRequest(set_variable_data=(data,))
    response = await inquiry.ask(setting)
    status = "" if isinstance(response, str) else response.set_variable_result[0].attribute_status.value
    yield _trial(setting, response, f"{VARIABLE}={data.attribute_value} is {status}")
    for request, due in _harmless(config):
        answer = await inquiry.ask(request)
        status = str(getattr(answer, "status", "answered"))
        trial = _trial(request, answer, status)
        if not isinstance(answer, str) and due and status not in due:
            told = f"{status}, where {' or '.join(due)} is due"
            trial = msgspec.structs.replace(trial, outcome=Outcome.Unclear, told=told)
        yield trial
    yield await _heartbeat(inquiry)


async def _heartbeat(inquiry: Inquiry) -> Trial:
    """Trigger a Heartbeat and see whether it comes."""
    request = wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.Heartbeat)
    before = len(inquiry.t.received(wire.HeartbeatRequest))
    answer = await inquiry.ask(request)
    if isinstance(answer, str) or answer.status != "Accepted":
        return _trial(request, answer, str(getattr(answer, "status", "")))
    await inquiry.until(lambda: len(inquiry.t.received(wire.HeartbeatRequest)) > before, inquiry.t.patience)
    came = len(inquiry.t.received(wire.HeartbeatRequest)) > before
    told = "Accepted, and the Heartbeat came" if came else "Accepted, and no Heartbeat came"
    return Trial(name="TriggerMessage", outcome=Outcome.Yes if came else Outcome.Unclear, told=told)


def _harmless(config: LabConfig) -> Iterator[tuple[Request[Response], tuple[str, ...]]]:
    """Yield requests of tools that change nothing at a station that is idle, and which statuses are due."""
    evse = wire.EVSE(id=config.evse_id)
    operative = wire.OperationalStatusEnum.Operative
    yield wire.GetBaseReportRequest(request_id=99, report_base=wire.ReportBaseEnum.SummaryInventory), ()
    yield wire.ChangeAvailabilityRequest(operational_status=operative, evse=evse), ("Accepted",)
    yield wire.RequestStopTransactionRequest(transaction_id=NOBODYS), ("Rejected",)
    yield wire.GetTransactionStatusRequest(), ()
    yield wire.GetInstalledCertificateIdsRequest(), ("Accepted", "NotFound")
    yield wire.ClearCacheRequest(), ()
    yield wire.DataTransferRequest(vendor_id=config.vendor_id), ("UnknownVendorId",)


def _trial(request: Request[Response], response: Response | str, told: str) -> Trial:
    name = type(request).__name__.removesuffix("Request")
    if not isinstance(response, str):
        return Trial(name=name, outcome=Outcome.Yes, told=told)
    absent = response.startswith("CALLERROR") and response.endswith(("NotImplemented", "NotSupported"))
    return Trial(name=name, outcome=Outcome.No if absent else Outcome.Unclear, told=f"is answered {response}")


async def _hand(inquiry: Inquiry, rig: ExternalRig, product: Product, config: LabConfig) -> AsyncIterator[Trial]:
    """Do each action that some case needs; what is left of it is undone."""
    wanted = {action for need in needs().values() for action in need.hand} | {kind.path() for kind in BOUNCE}
    for action in _sequence(product, config):
        if action.path() in wanted and not isinstance(action, rig.needless):
            trial = await _perform(inquiry, rig, action)
            wanted -= {action.path()} if trial.outcome is Outcome.No else set()
            yield trial
    await stop(inquiry.t)
    await rig.hand.put_back(*BOUNCE, Unplug, Leave)


def _sequence(product: Product, config: LabConfig) -> Iterator[Action]:
    """Yield actions in an order in which each can be done."""
    evse, connector = config.evse_id, config.connector_id
    yield Arrive(evse)
    yield Plug(evse, connector)
    if local_start_types(product):
        kind = local_start_types(product)[0]
        shared = kind in (*CARDS, "KeyCode") and product.hardware.rfid_readers != "PerEVSE"
        token = config.valid.id_token if kind in (*CARDS, "KeyCode", "MacAddress") else ""
        yield Present(token, kind, None if shared else evse)
    yield from (Suspend(evse), Resume(evse), StopByEv(evse))
    detachable = any(one.cable == "Detachable" for place in product.evses for one in place.connectors)
    if detachable:
        yield from (DisconnectEv(evse), ConnectEv(evse, connector), DisconnectEv(evse), RemoveCable(evse))
    yield from (Unplug(evse), Leave(evse), CutPower(), RestorePower())


async def _perform(inquiry: Inquiry, rig: ExternalRig, action: Action) -> Trial:
    before, made = len(inquiry.t.received(Request)), rig.line.made
    try:
        await rig.hand.perform(action)
    except HandMissing as missing:
        return Trial(name=action.path(), outcome=Outcome.No, told=str(missing), hand=True)
    except HandRefused as refused:
        return Trial(name=action.path(), outcome=Outcome.Unclear, told=f"refused: {refused}", hand=True)
    if isinstance(action, CutPower):
        await asyncio.sleep(OFF_FOR)
    if isinstance(action, RestorePower):
        told = await _back(inquiry, rig, made)
        return Trial(name=action.path(), outcome=Outcome.Yes if told else Outcome.Unclear, told=told, hand=True)
    await asyncio.sleep(inquiry.t.settle)
    said = dict.fromkeys(_short(one) for one in inquiry.t.received(Request)[before:])
    told = f"then it says {', '.join(said)}" if said else "the station says nothing"
    return Trial(name=action.path(), outcome=Outcome.Yes, told=told, hand=True)


def _short(message: Request[Response]) -> str:
    name = type(message).__name__.removesuffix("Request")
    match message:
        case wire.StatusNotificationRequest():
            return f"{name} {message.connector_status.value}"
        case wire.TransactionEventRequest():
            return f"{name} {message.event_type.value} {message.trigger_reason.value}"
    return name


async def _back(inquiry: Inquiry, rig: ExternalRig, made: int) -> str:
    """Wait for another connection than those made before; return what to say of it, empty if none came."""
    began = inquiry.t.now()
    while rig.line.made == made or not inquiry.t.endpoint().connected:
        if inquiry.t.now() - began > BACK_WITHIN:
            return ""
        await asyncio.sleep(0.1)
    seconds = inquiry.t.now() - began
    await asyncio.sleep(inquiry.t.settle)
    return f"it connects again after {seconds:.0f} s"


async def _reset(inquiry: Inquiry) -> AsyncIterator[Trial]:
    """Reset the station at last: whatever was done is over then."""
    request = wire.ResetRequest(type=wire.ResetEnum.Immediate)
    endpoint = inquiry.t.endpoint()
    before = endpoint.exchange
    response = await inquiry.ask(request)
    if isinstance(response, str) or response.status == "Rejected":
        yield _trial(request, response, "Rejected")
        return
    came = await endpoint.wait_anew(before, BACK_WITHIN)
    await asyncio.sleep(inquiry.t.settle)
    told = f"{response.status.value}, {'and it is back' if came else f'but no new connection in {BACK_WITHIN:g} s'}"
    yield Trial(name="Reset", outcome=Outcome.Yes if came else Outcome.Unclear, told=told)
