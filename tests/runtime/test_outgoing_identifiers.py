"""What a station would have to say again, and is no identifierString, it refuses where it comes in."""

import asyncio

import pytest

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.calls import CallFailed
from ohmstead.ports.store import Put
from ohmstead.runtime.outbox import Outbox
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import InvalidMessage
from tests.requirements.charging import CARD, OTHER, charge, consecutive, kinds
from tests.runtime.site import START, Site, site
from tests.runtime.witness import no_errors

WRONG = "XYZ not hex"
ISO = wire.IdTokenEnum.ISO14443
STRANGE = wire.IdToken(id_token=WRONG, type=ISO)
WITH_MORE = wire.IdToken(
    id_token=CARD, type=ISO, additional_info=(wire.AdditionalInfo(additional_id_token=WRONG, type="x"),)
)


def _get(component: wire.Component, variable: wire.Variable) -> wire.GetVariablesRequest:
    right = wire.GetVariableData(component=wire.Component(name="TxCtrlr"), variable=wire.Variable(name="TxStartPoint"))
    wrong = wire.GetVariableData(component=component, variable=variable)
    return wire.GetVariablesRequest(get_variable_data=(right, wrong))


def _set(component: wire.Component, variable: wire.Variable) -> wire.SetVariablesRequest:
    interval = ("OCPPCommCtrlr", "HeartbeatInterval")
    right = wire.SetVariableData(
        component=wire.Component(name=interval[0]), variable=wire.Variable(name=interval[1]), attribute_value="77"
    )
    wrong = wire.SetVariableData(component=component, variable=variable, attribute_value="1")
    return wire.SetVariablesRequest(set_variable_data=(right, wrong))


NAMES: dict[str, tuple[wire.Component, wire.Variable]] = {
    "component.name": (wire.Component(name="Tx Ctrlr"), wire.Variable(name="A")),
    "component.instance": (wire.Component(name="TxCtrlr", instance="#1"), wire.Variable(name="A")),
    "variable.name": (wire.Component(name="TxCtrlr"), wire.Variable(name="Tx/Start")),
    "variable.instance": (wire.Component(name="TxCtrlr"), wire.Variable(name="A", instance="ü")),
}


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize("make", [_get, _set], ids=["get", "set"])
def test_a_name_that_could_not_be_repeated_is_refused_before_anything_is_done(
    field: str, make: type[Request[Response]]
) -> None:
    """The response repeats component and variable; a CALLERROR with the field, and nothing was set."""

    async def live() -> None:
        async with site() as here:
            with pytest.raises(CallFailed) as refused:
                await here.csms.call(make(*NAMES[field]))
            assert refused.value.error.code == "PropertyConstraintViolation"
            path = str(refused.value.error.details["path"])
            assert path.endswith(f"[1].{field}")
            assert path in refused.value.error.description
            interval = wire.GetVariableData(
                component=wire.Component(name="OCPPCommCtrlr"), variable=wire.Variable(name="HeartbeatInterval")
            )
            got = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(interval,)))
            assert got.get_variable_result[0].attribute_value != "77"

    with no_errors():
        run(live(), limit=600)


@pytest.mark.parametrize("authorize", ["true", "false"])
@pytest.mark.parametrize("token", [STRANGE, WITH_MORE], ids=["idToken", "additionalIdToken"])
def test_a_remote_start_with_a_token_that_cannot_travel_is_rejected(token: wire.IdToken, authorize: str) -> None:
    """It would go into Authorize and into events, and the CSMS would refuse these (F01.FR.02, F02.FR.01)."""

    async def live() -> None:
        async with site() as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", authorize)
            request = wire.RequestStartTransactionRequest(remote_start_id=1, evse_id=1, id_token=token)
            response = await here.csms.call(request)
            assert response.status is wire.RequestStartStopStatusEnum.Rejected
            assert response.status_info is not None
            assert response.status_info.reason_code == "InvalidIdToken"
            await here.hand.plug(1)
            await asyncio.sleep(60)
            assert not here.csms.of(wire.AuthorizeRequest)
            assert all(event.id_token is None for event in here.csms.events)

    with no_errors():
        run(live(), limit=600)


LOOKED_UP: dict[str, Request[Response]] = {
    "RequestStop": wire.RequestStopTransactionRequest(transaction_id="a b"),
    "GetTransactionStatus": wire.GetTransactionStatusRequest(transaction_id="a b"),
    "CustomerInformation": wire.CustomerInformationRequest(request_id=1, report=False, clear=False, id_token=STRANGE),
    "groupIdToken": wire.RequestStartTransactionRequest(
        remote_start_id=1, evse_id=2, id_token=wire.IdToken(id_token=OTHER, type=ISO), group_id_token=STRANGE
    ),
    "GetReport": wire.GetReportRequest(
        request_id=1, component_variable=(wire.ComponentVariable(component=wire.Component(name="a b")),)
    ),
}


@pytest.mark.parametrize("name", LOOKED_UP)
def test_what_is_only_looked_up_may_say_anything(name: str) -> None:
    """Nothing of it is sent again, so there is no reason to refuse the message."""

    async def live() -> None:
        async with site() as here:
            await here.csms.call(LOOKED_UP[name])
            await charge(here)
            assert here.csms.events

    with no_errors():
        run(live(), limit=600)


def _event(token: wire.IdToken | None, transaction_id: str) -> wire.TransactionEventRequest:
    return wire.TransactionEventRequest(
        event_type=wire.TransactionEventEnum.Started,
        timestamp=START,
        trigger_reason=wire.TriggerReasonEnum.Authorized,
        seq_no=0,
        id_token=token,
        transaction_info=wire.Transaction(transaction_id=transaction_id),
    )


@pytest.mark.parametrize("event", [_event(STRANGE, "t"), _event(WITH_MORE, "t"), _event(None, "a b")])
def test_nothing_new_is_put_into_the_outbox_that_cannot_travel(event: wire.TransactionEventRequest) -> None:
    """What waits there goes out as it is."""
    outbox = Outbox([])
    with pytest.raises(InvalidMessage, match="identifierString"):
        outbox.prepare(event, "1")
    assert outbox.prepare(_event(None, "t"), "1")[0].number == 1


async def _as_before(here: Site, store: MemoryStore) -> None:
    """Cut the power, and make the rows those of a version that took any text for a token."""
    await here.hand.cut_power()
    kept = store.reopen()
    for kind in ("outbox", "session"):
        rows = kept.rows(kind)
        assert kind == "outbox" or any(CARD.encode() in row for _, row in rows)
        kept.commit([Put(kind, key, row.replace(CARD.encode(), WRONG.encode())) for key, row in rows])
    await here.hand.restore_power()


def test_events_that_an_earlier_version_has_kept_go_out_as_they_are() -> None:
    """None is lost, none renumbered, and the transaction goes on to its end."""

    async def live() -> None:
        store = MemoryStore()
        async with site(store=store) as here:
            await here.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
            await here.hand.cut_network()
            await charge(here)
            await _as_before(here, store)
            await here.hand.restore_network()
            await here.csms.until(lambda: len(here.csms.events) > 1)
            await asyncio.sleep(60)
            await here.hand.unplug(1)
            await asyncio.sleep(60)
            events = here.csms.events
            assert consecutive(events)
            assert [event.id_token for event in events if event.id_token is not None] == [STRANGE]
            assert kinds(events)[-1] == "Ended"

    with no_errors():
        run(live(), limit=7200)


def test_what_a_session_of_an_earlier_version_still_had_to_say_goes_out_without_the_token() -> None:
    """The event is optional about its idToken, and with this one a CSMS would refuse it again and again."""

    async def live() -> None:
        store = MemoryStore()
        async with site(store=store) as here:
            await here.set("TxCtrlr", "TxStartPoint", "EnergyTransfer")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(1)
            assert not here.csms.events
            await _as_before(here, store)
            await here.csms.until(lambda: bool(here.csms.events))
            await here.hand.unplug(1)
            await asyncio.sleep(60)
            assert consecutive(here.csms.events)
            assert kinds(here.csms.events)[0] == "Started"
            assert all(event.id_token is None for event in here.csms.events)

    with no_errors():
        run(live(), limit=7200)
