"""Faults of the protocol over the control API: what is taken, what is refused, and who is told."""

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import ohmstead
from ohmstead.edge.virtual_time import run
from ohmstead.ports.protocol_faults import FAULT_KINDS, ProtocolFault
from tests.web.desk import StationControls, desk
from tests.web.station import ADA

FAULTS = "/api/v1/faults"
DROP = {"kind": "drop", "action": "Heartbeat"}


async def faults(here: StationControls) -> dict[str, Any]:
    told: dict[str, Any] = (await here.client.get(FAULTS)).json()
    return told


def refusal(answer: httpx.Response) -> tuple[int, str]:
    told = answer.json()
    return answer.status_code, " ".join(filter(None, (told["error"], told["hint"])))


def test_a_fault_is_in_every_snapshot_until_it_is_cleared() -> None:
    async def add_and_clear() -> None:
        async with desk() as here:
            added = await here.client.post(FAULTS, json=DROP)
            assert added.status_code == 201
            assert [one.number for one in (await here.view()).protocol_faults] == [1]
            assert (await here.client.delete(f"{FAULTS}/1")).status_code == 204
            assert (await here.view()).protocol_faults == ()
            told = await faults(here)
            assert told["active"] == [] and [one["number"] for one in told["spent"]] == [1]

    run(add_and_clear(), limit=600)


def test_a_fault_counts_what_it_does_and_ends_after_so_many_times() -> None:
    async def charge_twice_told() -> None:
        async with desk() as here:
            await here.client.post(FAULTS, json={"kind": "double", "action": "TransactionEvent", "times": 2})
            await here.hand("plug", evse_id=1)
            await here.hand("present", id_token=ADA)
            await here.station.charges()
            (spent,) = (await faults(here))["spent"]
            assert (spent["matched"], spent["applied"]) == (2, 2)
            assert spent["last"].startswith("TransactionEvent ")

    run(charge_twice_told(), limit=3600)


def test_the_trace_has_what_was_sent_and_not_what_was_meant() -> None:
    async def damaged() -> None:
        async with desk() as here:
            await here.client.post(FAULTS, json={"kind": "wrong_value", "path": "evse.id", "value": 77, "times": 1})
            await here.hand("plug", evse_id=1)
            await here.station.until(lambda: any('"id":77' in line.payload for line in here.station.bench.trace()))
            sent = [
                line for line in here.station.bench.trace() if line.direction == "sent" and '"id":77' in line.payload
            ]
            assert len(sent) == 1

    run(damaged(), limit=3600)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"kind": "vanish"}, 400, "Invalid value 'vanish'"),
        ({"action": "Heartbeat"}, 400, "required field `kind`"),
        ({"kind": "delay"}, 400, "required field `seconds`"),
        ({"kind": "drop", "direction": "sideways"}, 400, "direction"),
        ({"kind": "error", "direction": "sends"}, 400, "unknown field `direction`"),
        ({"kind": "wrong_value", "path": "evse..id", "value": 1}, 400, "path"),
        ({"kind": "drop", "times": 0}, 400, "times"),
        ({"kind": "drop", "action": "Hartbeat"}, 409, "Hartbeat is no action of OCPP 2.0.1"),
        ({"kind": "old_call", "again": "Hartbeat"}, 409, "Hartbeat is no action of OCPP 2.0.1"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(body: dict[str, object], status: int, says: str) -> None:
    async def ask() -> None:
        async with desk() as here:
            code, told = refusal(await here.client.post(FAULTS, json=body))
            assert code == status
            assert says in told and "\n" not in told

    run(ask(), limit=600)


def test_no_more_than_32_at_one_time() -> None:
    async def ask() -> None:
        async with desk() as here:
            for _ in range(32):
                assert (await here.client.post(FAULTS, json=DROP)).status_code == 201
            assert refusal(await here.client.post(FAULTS, json=DROP))[0] == 409
            assert (await here.client.delete(FAULTS)).status_code == 204
            assert (await faults(here))["active"] == []

    run(ask(), limit=600)


def test_a_lab_that_takes_the_hand_of_a_station_with_a_fault_is_refused() -> None:
    async def ask() -> None:
        async with desk() as here:
            await here.client.post(FAULTS, json=DROP)
            code, told = refusal(await here.client.post("/api/v1/hand/lease", json={"holder": "lab"}))
            assert code == 409
            assert "drop what the station sends: Heartbeat" in told
            await here.client.delete(FAULTS)
            assert (await here.client.post("/api/v1/hand/lease", json={"holder": "lab"})).status_code == 200

    run(ask(), limit=600)


def test_nobody_makes_something_wrong_while_a_lab_holds_the_hand() -> None:
    async def ask() -> None:
        async with desk() as here:
            key = (await here.client.post("/api/v1/hand/lease", json={"holder": "lab"})).json()["key"]
            assert refusal(await here.client.post(FAULTS, json=DROP)) == (
                409,
                "the hand is held by lab wait until it is given back; GET /api/v1/hand/lease says when it ends",
            )
            own = {"X-Ohmstead-Lease": key}
            assert (await here.client.post(FAULTS, json=DROP, headers=own)).status_code == 201
            again = await here.client.post("/api/v1/hand/lease", json={"holder": "lab"}, headers=own)
            assert again.status_code == 200

    run(ask(), limit=600)


def test_each_kind_says_what_it_takes() -> None:
    async def ask() -> None:
        async with desk() as here:
            kinds = (await here.client.get(f"{FAULTS}/kinds")).json()
            assert set(kinds) == set(FAULT_KINDS)
            assert all(kind["summary"] and kind["description"] for kind in kinds.values())

    run(ask(), limit=600)


def test_the_page_of_the_documentation_has_an_example_of_each_kind() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
    examples = [msgspec.json.decode(text, type=ProtocolFault) for text in re.findall(r"`(\{.*?\})`", page)]
    assert {example.__struct_config__.tag for example in examples} == set(FAULT_KINDS)


def test_a_station_of_the_lab_can_have_none() -> None:
    rigs = Path(ohmstead.__file__).parent / "lab" / "rigs"
    assert '"--no-faults"' in (rigs / "wire.py").read_text("utf-8")
    assert [
        path.name for path in rigs.glob("*.py") if re.search(r"FaultTable|\bfaults=", path.read_text("utf-8"))
    ] == []
