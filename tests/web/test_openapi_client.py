"""A client that a generator makes from the OpenAPI document charges a car: what the document says is enough for it."""

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from ohmstead.edge.virtual_time import run
from tests.web.desk import desk
from tests.web.station import ADA, IDENTITY

PACKAGE = "generated_ohmstead_client"
SETTINGS = {"content_type_overrides": {"application/x-ndjson": "text/html"}, "post_hooks": []}
"""JSON lines are text to it; nobody reads what it has made, so it need not be put in form."""


def document() -> str:
    async def ask() -> str:
        async with desk() as here:
            return (await here.client.get("/api/v1/openapi.json")).text

    return run(ask())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make the client; a warning of the generator is an error."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(document())
    (folder / "settings.json").write_text(json.dumps(SETTINGS))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", "openapi.json", "--config", "settings.json", "--output-path", PACKAGE]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def part(name: str) -> ModuleType:
    """Return a module of the client."""
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.mark.usefixtures("client")
def test_it_charges_a_car() -> None:
    models = part("models")

    async def ask(here: Any, operation: str, *place: str, **arguments: Any) -> Any:
        answer = await part(f"api.{operation}").asyncio_detailed(*place, client=here, **arguments)
        assert answer.status_code == 200, answer.content
        return answer.parsed

    async def charge() -> None:
        async with desk() as station:
            transport = httpx.ASGITransport(app=station.app)  # type: ignore[arg-type]  # plain dicts
            here = part("client").Client(base_url="http://127.0.0.1:8080", httpx_args={"transport": transport})
            done = await ask(here, "hand.post_hand_plug", body=models.Plug(evse_id=models.PlugEvseId(1), ev="sedan-77"))
            assert done.done == "plug"
            await ask(here, "hand.post_hand_present", body=models.Present(id_token=ADA))
            await station.station.charges()
            view = await ask(here, "station.get_station")
            assert view.evses[0].supply == "Delivering"
            assert view.evses[0].session.charging_state == "Charging"
            reset = models.ResetRequest(type_=models.ResetEnum("OnIdle"))
            result = await ask(here, "csms.post_csms_reset", IDENTITY, body=reset)
            assert (result.kind, json.loads(result.payload)["status"]) == ("CALLRESULT", "Scheduled")
            await ask(here, "hand.post_hand_unplug", body=models.Unplug(evse_id=models.UnplugEvseId(1)))
            await asyncio.sleep(1)
            (transaction,) = await ask(here, "csms.get_csms_transactions")
            assert (transaction.stopped_reason, transaction.missing) == ("EVDisconnected", [])
            refused = await part("api.hand.post_hand_unplug").asyncio(
                client=here, body=models.Unplug(evse_id=models.UnplugEvseId(2))
            )
            assert isinstance(refused, models.Problem)
            assert refused.error == "no EV is plugged in at EVSE 2"

    run(charge())
