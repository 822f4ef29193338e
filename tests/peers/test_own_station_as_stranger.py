"""`ohmstead run` tested as a stranger: the campaign leases its hand, and the emergency stop is everybody's."""

import asyncio
from pathlib import Path

import httpx
import pytest

from ohmstead.edge.private_files import write_private
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.external_campaign import ExternalCampaign, StationGone
from ohmstead.lab.rigs.hand import HttpHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.results import Results, ResultsHead
from ohmstead.lab.verdict import Verdict
from ohmstead.ports.hand import HandRefused, Plug, Unplug
from ohmstead.product.load import load
from ohmstead.web.server import bind
from tests.e2e.running import running

PRODUCT = "sec1000-240y"
PASSWORD = "a-password-of-its-own"
CASES = ("TC_G_01_CS", "TC_G_02_CS")


def _free_port() -> int:
    with bind("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


async def _interfere(api: httpx.AsyncClient) -> dict[str, object]:
    """Try to use the hand while the first case runs, and press the emergency stop; returns the refusal."""
    holder = None
    while holder != f"lab: {CASES[0]}":
        await asyncio.sleep(0.02)
        holder = (await api.get("/hand/lease")).json()["holder"]
    refused = await api.post("/hand/plug", json={"evse_id": 2})
    assert refused.status_code == 409
    assert (await api.post("/hand/emergency-stop", json={"pressed": True})).status_code == 200
    answer: dict[str, object] = refused.json()
    return answer


def test_the_emergency_stop_ends_a_campaign_and_its_case_is_inconclusive(tmp_path: Path) -> None:
    """Others get 409 with the case's name; when the campaign is over, the hand is free again."""
    results = Results(None, ResultsHead(product=PRODUCT))
    provisioning = Provisioning(identity="CS-001", password=PASSWORD, security_profile=2)
    password = tmp_path / "password"
    write_private(password, PASSWORD)

    async def campaign() -> None:
        place = ListenAddress.parse("wss://127.0.0.1:0", ("127.0.0.1",))
        port = _free_port()
        hand = HttpHand(f"http://127.0.0.1:{port}/api/v1/hand")
        rig = ExternalRig(load(PRODUCT), place, hand, provisioning, tmp_path / "lab", tolerance=0.3, patience=8.0)
        await rig.listen()
        options = ["--product", PRODUCT, "--identity", "CS-001", "--data", str(tmp_path / "data"), "--csms", rig.url]
        options += ["--csms-root", str(rig.root), "--password-file", str(password), "--port", str(port)]
        context = running(*options)
        station = await asyncio.to_thread(context.__enter__)
        try:
            async with httpx.AsyncClient(base_url=f"{station.api}/api/v1", timeout=30) as api:
                other = asyncio.create_task(_interfere(api))
                guest = ExternalCampaign(rig, load(PRODUCT), LabConfig(), results, None)
                with pytest.raises(StationGone, match="the emergency stop was pressed by somebody else"):
                    await guest.run([load_cases()[case] for case in CASES])
                assert (await other)["error"] == f"the hand is held by lab: {CASES[0]}"
                assert (await api.get("/hand/lease")).json()["holder"] is None
                assert (await api.get("/station")).json()["emergency_stop"] is True
                assert (await api.post("/hand/emergency-stop", json={"pressed": False})).status_code == 200
        finally:
            await hand.close()
            await rig.close()
            await asyncio.to_thread(context.__exit__, None, None, None)

    asyncio.run(campaign())
    assert list(results.done) == [CASES[0]]
    assert results.done[CASES[0]].verdict is Verdict.INCONCLUSIVE
    assert results.done[CASES[0]].reason == "the emergency stop was pressed by somebody else"


def test_a_hand_that_somebody_holds_is_not_taken(tmp_path: Path) -> None:
    """The second lab is told who was first; an adapter without a lease is nobody's."""

    async def two(base: str) -> None:
        first, second = HttpHand(f"{base}/api/v1/hand"), HttpHand(f"{base}/api/v1/hand")
        await first.hold("lab: TC_E_01_CS")
        with pytest.raises(HandRefused, match="held by lab: TC_E_01_CS"):
            await second.hold("lab: TC_G_01_CS")
        await first.perform(Plug(1))
        assert await first.interruption() == ""
        await first.hold("lab: TC_E_02_CS")
        await first.let_go()
        await second.hold("lab: TC_G_01_CS")
        await second.perform(Unplug(1))
        await second.close()
        nobody = HttpHand(f"{base}/api/v1/nothing")
        await nobody.hold("lab: TC_G_01_CS")
        assert await nobody.interruption() == ""
        await nobody.close()
        await first.close()

    with running("--product", PRODUCT, "--data", str(tmp_path)) as station:
        asyncio.run(two(station.api))
