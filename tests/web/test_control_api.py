"""The control API does what the ports do, and says in one line what it cannot do."""

import asyncio
import json

import msgspec
import pytest

from ohmstead import version
from ohmstead.edge.virtual_time import run
from ohmstead.ports.bench import TraceLine
from ohmstead.ports.hand import KINDS, CutNetwork, as_json
from ohmstead.runtime.bench import StationBench
from tests.ports.actions import every_action, every_short_action
from tests.web.desk import desk
from tests.web.station import ADA


def test_a_charge_by_hand_actions_only() -> None:
    async def charge() -> None:
        async with desk() as here:
            assert (await here.hand("plug", evse_id=1, ev="sedan-77")).json() == {"done": "plug"}
            assert (await here.hand("present", id_token=ADA)).status_code == 200
            await here.station.charges()
            evse = (await here.view()).evses[0]
            assert evse.supply == "Delivering"
            assert evse.session is not None
            assert evse.session.id_token == "••••B2C3"
            assert evse.session.transaction_id is not None
            assert (await here.hand("unplug", evse_id=1)).status_code == 200
            assert (await here.view()).evses[0].supply == "Off"
            await asyncio.sleep(1)
            transactions = (await here.client.get("/api/v1/csms/transactions")).json()
            assert [one["stopped_reason"] for one in transactions] == ["EVDisconnected"]

    run(charge())


def test_an_impossible_action_is_409_with_the_reason() -> None:
    async def refused() -> None:
        async with desk() as here:
            answer = await here.hand("unplug", evse_id=2)
            assert answer.status_code == 409
            assert answer.json() == {"error": "no EV is plugged in at EVSE 2", "hint": ""}

    run(refused())


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"evse_id": "x"}', "evse_id: Expected `int`"),
        ('{"evse_id": 0}', "evse_id: Expected `int` >= 1"),
        ("{}", "missing required field `evse_id`"),
        ('{"evse_id": 1, "cable": 1}', "cable"),
    ],
)
def test_a_wrong_body_is_400_with_the_field(body: str, place: str) -> None:
    async def wrong() -> None:
        async with desk() as here:
            answer = await here.client.post("/api/v1/hand/plug", content=body)
            assert answer.status_code == 400
            assert place in answer.json()["hint"]

    run(wrong())


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/api/v1/hand/plug", b"{", 400),
        ("POST", "/api/v1/hand/plug", b"x" * 300_000, 413),
        ("GET", "/api/v1/nothing", b"", 404),
        ("GET", "/nothing", b"", 404),
        ("DELETE", "/api/v1/station", b"", 405),
        ("GET", "/api/v1/trace?since=-1", b"", 400),
    ],
)
def test_every_error_has_one_shape(method: str, path: str, content: bytes, status: int) -> None:
    async def wrong() -> None:
        async with desk() as here:
            answer = await here.client.request(method, path, content=content)
            assert answer.status_code == status
            assert set(answer.json()) == {"error", "hint"}
            assert "\n" not in answer.json()["error"]

    run(wrong())


def test_a_bug_is_500_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: StationBench) -> None:
        raise RuntimeError("secret 1234")

    async def wrong() -> None:
        async with desk() as here:
            monkeypatch.setattr(StationBench, "view", broken)
            here.client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
            answer = await here.client.get("/api/v1/station")
            assert answer.status_code == 500
            assert "1234" not in answer.text

    run(wrong())


def test_variables_are_filtered_and_set_by_the_rules_of_the_station() -> None:
    async def edit() -> None:
        async with desk() as here:
            path = "/api/v1/variables"
            found = (await here.client.get(path, params={"variable": "heartbeatinterval"})).json()
            assert [one["value"] for one in found] == ["300"]
            key = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
            good = await here.client.put(path, json={**key, "value": "60"})
            assert good.json() == {"status": "Accepted", "reason": ""}
            bad = await here.client.put(path, json={**key, "value": "0"})
            assert bad.status_code == 409
            assert bad.json()["error"] == "Rejected: must be in 1..1800"
            found = (await here.client.get(path, params={"component": "OCPPCommCtrlr"})).json()
            assert {one["key"]["component"] for one in found} == {"OCPPCommCtrlr"}
            assert [one["value"] for one in found if one["key"]["variable"] == "HeartbeatInterval"] == ["60"]

    run(edit())


def test_a_secret_is_never_in_the_device_model() -> None:
    async def look() -> None:
        async with desk() as here:
            found = (await here.client.get("/api/v1/variables", params={"variable": "BasicAuthPassword"})).json()
            assert [one["value"] for one in found] == [None]

    run(look())


def test_the_trace_is_also_a_file_of_json_lines() -> None:
    async def read() -> None:
        async with desk() as here:
            lines = (await here.client.get("/api/v1/trace", params={"limit": 1})).json()
            assert [line["number"] for line in lines] == [len(here.station.bench.trace())]
            answer = await here.client.get("/api/v1/trace.jsonl", params={"since": 0})
            assert answer.headers["content-type"].startswith("application/x-ndjson")
            decoded = [msgspec.json.decode(line, type=TraceLine) for line in answer.text.splitlines()]
            assert decoded == list(here.station.bench.trace())
            assert [(one.direction, one.kind, one.action) for one in decoded[:2]] == [
                ("sent", "CALL", "BootNotification"),
                ("received", "CALLRESULT", "BootNotification"),
            ]

    run(read())


def test_commands_of_the_csms_are_checked_and_answered() -> None:
    async def send() -> None:
        async with desk() as here:
            good = await here.client.post("/api/v1/csms/OHM-0001/Reset", json={"type": "Immediate"})
            latency = good.json().pop("latency")
            assert good.json() == {"kind": "CALLRESULT", "payload": '{"status":"Accepted"}', "latency": latency}
            assert latency == pytest.approx(0.01)
            wrong = await here.client.post("/api/v1/csms/OHM-0001/Reset", json={"type": "Soft"})
            assert wrong.status_code == 422
            assert "$.type" in wrong.json()["error"]
            unknown = await here.client.post("/api/v1/csms/OHM-2/Reset", json={"type": "Immediate"})
            assert unknown.status_code == 404
            schemas = (await here.client.get("/api/v1/csms/commands")).json()
            assert schemas["Reset"]["$defs"]["ResetRequest"]["required"] == ["type"]

    run(send())


def test_without_an_embedded_csms_its_paths_are_404() -> None:
    async def ask() -> None:
        async with desk(csms=False) as here:
            answer = await here.client.get("/api/v1/csms")
            assert answer.status_code == 404
            assert answer.json()["error"] == "this station has no embedded CSMS"

    run(ask())


def test_health_follows_power_and_link() -> None:
    async def fall() -> None:
        async with desk() as here:
            for action, powered, connected in (
                ("cut-network", True, False),
                ("restore-network", True, True),
                ("cut-power", False, False),
                ("restore-power", True, True),
            ):
                await here.client.post(f"/api/v1/hand/{action}", content=b"{}" if "network" in action else b"")
                await asyncio.sleep(600)
                health = (await here.client.get("/api/v1/health")).json()
                assert (health["powered"], health["connected"]) == (powered, connected), action

    run(fall())


def test_health_says_what_runs_there() -> None:
    async def ask() -> None:
        async with desk() as here:
            health = (await here.client.get("/api/v1/health")).json()
            assert (health["version"], health["commit"]) == (version.version(), version.commit())
            assert (health["standard"], health["errata"]) == (version.STANDARD, version.ERRATA)

    run(ask())


def test_every_hand_action_arrives() -> None:
    """It is done or refused by the station; none is taken for a wrong body, a wrong path or a mistake."""

    async def act() -> None:
        async with desk() as here:
            for action in [*every_action(), *every_short_action()]:
                answer = await here.client.post(f"/api/v1/hand/{action.path()}", content=as_json(action))
                assert answer.status_code in (200, 409), answer.text
                if answer.status_code == 200:
                    assert answer.json() == {"done": action.path()}

    run(act())


def test_a_body_may_be_left_out_where_every_argument_has_a_default() -> None:
    """And nowhere else; the OpenAPI document says so."""
    plain = {name for name, kind in KINDS.items() if not any(field.required for field in msgspec.structs.fields(kind))}
    assert KINDS[CutNetwork.name].__struct_fields__
    assert CutNetwork.name in plain

    async def without_bodies() -> None:
        async with desk() as here:
            paths = (await here.client.get("/api/v1/openapi.json")).json()["paths"]
            for name, kind in KINDS.items():
                path = f"/api/v1/hand/{kind.path()}"
                body = paths[path]["post"].get("requestBody", {"required": False})
                assert body["required"] == (name not in plain), name
                if name not in plain:
                    assert (await here.client.post(path)).status_code == 400, name
            assert (await here.client.post("/api/v1/hand/cut-network")).json() == {"done": "cut-network"}
            assert paths["/api/v1/campaign"]["post"]["requestBody"]["required"] is False
            assert (await here.client.post("/api/v1/campaign")).status_code == 201

    run(without_bodies())


def test_every_hand_action_has_a_route_that_is_documented() -> None:
    async def read() -> None:
        async with desk() as here:
            api = (await here.client.get("/api/v1/openapi.json")).json()
            documented = {path.rpartition("/hand/")[2] for path in api["paths"] if "/hand/" in path}
            assert documented == {"lease", *(kind.path() for kind in KINDS.values())}
            for name, kind in KINDS.items():
                operation = api["paths"][f"/api/v1/hand/{kind.path()}"]["post"]
                assert operation["summary"], name
                assert operation["description"], name
                assert ("requestBody" in operation) == bool(kind.__struct_fields__), name
            for path, methods in api["paths"].items():
                for method, operation in methods.items():
                    assert operation.get("tags"), (method, path)
                    assert operation.get("summary"), (method, path)
            assert json.dumps(api).count('"operationId"') == sum(len(methods) for methods in api["paths"].values())

    run(read())
