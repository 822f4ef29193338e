"""What a CSMS that is not ours asks of the station, and what it understands of the answers."""

import asyncio
from pathlib import Path

import pytest

from tests.peers.ocpp_office import Json, OcppOffice, check
from tests.peers.real_station import QUICK
from tests.peers.test_peer_charge import BRISK, CARD, pair, set_variables

TOKEN: Json = {"id_token": CARD, "type": "ISO14443"}


async def status(office: OcppOffice, action: str, **payload: object) -> object:
    """Send a command and return the status of its response."""
    return (await office.call(action, **payload))["status"]


async def variable(office: OcppOffice, component: str, name: str) -> Json:
    """Get one variable."""
    datum = {"component": {"name": component}, "variable": {"name": name}}
    results = (await office.call("GetVariables", get_variable_data=[datum]))["get_variable_result"]
    assert isinstance(results, list)
    result: Json = results[0]
    return result


def test_variables_and_reports(tmp_path: Path) -> None:
    async def main() -> None:
        async with pair(tmp_path) as (office, _station):
            await set_variables(office, BRISK)
            assert (await variable(office, "SampledDataCtrlr", "TxUpdatedInterval"))["attribute_value"] == "1"
            assert (await variable(office, "Nobody", "Knows"))["attribute_status"] == "UnknownComponent"
            assert (await variable(office, "OCPPCommCtrlr", "Knows"))["attribute_status"] == "UnknownVariable"

            accepted = await status(office, "GetBaseReport", request_id=7, report_base="FullInventory")
            assert accepted == "Accepted"
            await office.until(lambda: bool(office.of("NotifyReport")) and not office.of("NotifyReport")[-1].get("tbc"))
            parts = office.of("NotifyReport")
            assert [part["seq_no"] for part in parts] == list(range(len(parts)))
            assert {part["request_id"] for part in parts} == {7}
            assert [bool(part.get("tbc")) for part in parts] == [True] * (len(parts) - 1) + [False]
            data = [item for part in parts for item in _items(part)]
            keys = [(str(item["component"]), str(item["variable"])) for item in data]
            assert len(set(keys)) == len(keys) > 100
            assert await status(office, "GetBaseReport", request_id=8, report_base="SummaryInventory") == "NotSupported"
            check(office.frames)

    asyncio.run(main())


def _items(part: Json) -> list[Json]:
    items = part["report_data"]
    assert isinstance(items, list)
    return items


def test_a_remote_charge_and_triggers(tmp_path: Path) -> None:
    async def main() -> None:
        async with pair(tmp_path) as (office, station):
            await set_variables(office, {**BRISK, "AuthCtrlr.AuthorizeRemoteStart": "true"})
            started = await office.call("RequestStartTransaction", id_token=TOKEN, remote_start_id=42, evse_id=2)
            assert started["status"] == "Accepted"
            await office.until(lambda: bool(office.of("Authorize")))
            await station.hand.plug(2, ev=QUICK.name)
            await office.until(lambda: len(office.events) >= 3)
            info = office.events[0]["transaction_info"]
            assert isinstance(info, dict)
            transaction = info["transaction_id"]
            assert info["remote_start_id"] == 42
            assert office.events[0]["evse"] == {"id": 2, "connector_id": 1}

            unlocked = await status(office, "UnlockConnector", evse_id=2, connector_id=1)
            assert unlocked == "OngoingAuthorizedTransaction"
            ongoing = await office.call("GetTransactionStatus", transaction_id=transaction)
            assert ongoing["ongoing_indicator"] is True
            assert await status(office, "TriggerMessage", requested_message="TransactionEvent") == "Accepted"
            await office.until(lambda: any(event["trigger_reason"] == "Trigger" for event in office.events))
            assert await status(office, "ChangeAvailability", operational_status="Inoperative") == "Scheduled"

            assert await status(office, "RequestStopTransaction", transaction_id="nobody's") == "Rejected"
            assert await status(office, "RequestStopTransaction", transaction_id=transaction) == "Accepted"
            await office.until(lambda: office.events[-1]["event_type"] == "Ended")
            assert office.events[-1]["trigger_reason"] == "RemoteStop"
            assert [event["seq_no"] for event in office.events] == list(range(len(office.events)))
            await office.until(lambda: _statuses(office) == {1: "Unavailable", 2: "Unavailable"})
            check(office.frames)

    asyncio.run(main())


def _statuses(office: OcppOffice) -> dict[object, object]:
    """Return the last status reported of each EVSE's connector."""
    return {said["evse_id"]: said["connector_status"] for said in office.of("StatusNotification")}


@pytest.mark.parametrize("asked", ["Heartbeat", "MeterValues", "StatusNotification"])
def test_a_message_that_is_asked_for_comes(tmp_path: Path, asked: str) -> None:
    async def main() -> None:
        async with pair(tmp_path) as (office, _station):
            known = len(office.of(asked))
            place = {"evse": {"id": 1, "connector_id": 1}} if asked == "StatusNotification" else {}
            assert await status(office, "TriggerMessage", requested_message=asked, **place) == "Accepted"
            await office.until(lambda: len(office.of(asked)) > known)
            check(office.frames)

    asyncio.run(main())


def test_small_commands_and_a_reset(tmp_path: Path) -> None:
    async def main() -> None:
        async with pair(tmp_path) as (office, station):
            second: Json = {"id": 2}
            inoperative = await status(office, "ChangeAvailability", operational_status="Inoperative", evse=second)
            assert inoperative == "Accepted"
            await office.until(lambda: _statuses(office) == {1: "Available", 2: "Unavailable"})
            operative = await status(office, "ChangeAvailability", operational_status="Operative", evse=second)
            assert operative == "Accepted"
            await office.until(lambda: _statuses(office) == {1: "Available", 2: "Available"})

            assert await status(office, "UnlockConnector", evse_id=1, connector_id=1) == "UnlockFailed"
            assert await status(office, "UnlockConnector", evse_id=9, connector_id=1) == "UnknownConnector"
            assert await status(office, "ClearCache") == "Accepted"
            assert await status(office, "DataTransfer", vendor_id="com.example.nobody") == "UnknownVendorId"

            await set_variables(office, BRISK)
            reported = len(office.of("StatusNotification"))
            assert await status(office, "Reset", type="Immediate") == "Accepted"
            await office.until(lambda: len(office.of("BootNotification")) == 2)
            await office.until(lambda: len(office.of("StatusNotification")) == reported + 2)
            assert [boot["reason"] for boot in office.of("BootNotification")] == ["PowerUp", "RemoteReset"]
            assert (await variable(office, "SampledDataCtrlr", "TxUpdatedInterval"))["attribute_value"] == "1"
            assert station.host.runs == 2
            check(office.frames)

    asyncio.run(main())
