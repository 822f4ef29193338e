"""Every message that a station may start, as wild as its schema allows."""

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from ohmstead.csms.answers import SERVED, answer
from ohmstead.csms.examples import EXAMPLES
from ohmstead.csms.settings import Tariff
from ohmstead.csms.station_session import StationSession
from ohmstead.csms.token_registry import TokenRegistry
from ohmstead.csms.transaction_log import TransactionLog
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.calls import Answer
from ohmstead.wire import codec
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTIONS
from tests.csms.office import CP1, SETTINGS, START
from tests.wire import schema_instances as instances

ISO_15118 = {"Get15118EVCertificate", "NotifyEVChargingNeeds", "NotifyEVChargingSchedule"}


def test_what_is_served_is_what_stations_start_but_iso_15118() -> None:
    assert (set(ACTIONS) - set(EXAMPLES)) | {"DataTransfer"} == SERVED | ISO_15118


@pytest.mark.parametrize("action", sorted(SERVED))
def test_any_valid_request_gets_a_valid_response(action: str) -> None:
    random = Random(action)
    store = MemoryStore()
    session = StationSession(CP1, SETTINGS, TokenRegistry(SETTINGS, lambda: START), lambda: START, None, store=store)
    kind, response_kind = ACTIONS[action]
    for _ in range(30):
        request = codec.decode(kind, msgspec.json.encode(instances.instance(f"{action}Request", random)))
        result = answer(request, session)
        response = result.response if isinstance(result, Answer) else result
        assert type(response) is response_kind
        codec.check(response_kind, codec.encode(response))
    session.snapshot()
    told = [record.snapshot("CP1", Tariff()) for record in session.ledger.records()]
    kept = [record.snapshot("CP1", Tariff()) for record in TransactionLog("CP1", store.reopen()).records()]
    assert sorted(kept, key=lambda one: one.transaction_id) == sorted(told, key=lambda one: one.transaction_id)


@pytest.mark.parametrize("spell", [str, str.upper, str.lower])
def test_an_event_of_a_connector_is_its_status_however_its_names_are_spelled(spell: Callable[[str], str]) -> None:
    session = StationSession(CP1, SETTINGS, TokenRegistry(SETTINGS, lambda: START), lambda: START, None)
    event = m.EventData(
        event_id=1,
        timestamp=START,
        trigger=m.EventTriggerEnum.Delta,
        actual_value="Faulted",
        component=m.Component(name=spell("Connector"), evse=m.EVSE(id=1, connector_id=2)),
        variable=m.Variable(name=spell("AvailabilityState")),
        event_notification_type=m.EventNotificationEnum.HardWiredNotification,
    )
    answer(m.NotifyEventRequest(generated_at=START, seq_no=0, event_data=(event,)), session)
    assert session.snapshot().connectors == {"1.2": "Faulted"}
