"""A report on a station that is not ours: made in two parts, judged again offline, and its claims held against it."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ohmstead.cli.certify_external import external_run
from ohmstead.cli.lab.external import External
from ohmstead.cli.lab.prompt import PromptHand
from ohmstead.cli.main import execute
from ohmstead.edge.private_files import write_private
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.evidence.tape import ASK, parted, read
from ohmstead.lab.report.build import build
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.judging import judge_report
from ohmstead.lab.report.model import CampaignRun, Report
from ohmstead.lab.report.observed import observe
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.external_campaign import PROVISION, ExternalCampaign
from ohmstead.lab.rigs.hand import HttpHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.results import Results, ResultsHead
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.web.server import bind
from tests.e2e.running import running
from tests.peers.stranger import Stranger, serving, stranger

PRODUCT = str(Path(__file__).with_name("stranger.toml"))
PASSWORD = "a-password-of-its-own"
PASSES, FAILS, UNFIT, NOT_ITS = "TC_P_01_CS", "TC_B_12_CS", "TC_A_09_CS", "TC_C_47_CS"


class Person:
    """Somebody who does what the terminal says, and keeps it in mind."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, question: str) -> str:
        """Do it."""
        self.asked.append(question)
        return ""


def _free_port() -> int:
    with bind("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _station(url: str) -> Iterator[str]:
    """Run a stranger beside the test; yields the URL of its adapter."""
    ready, over, adapter = threading.Event(), asyncio.Event(), []

    async def live() -> None:
        station = Stranger(PASSWORD)
        async with serving(station) as hand, stranger(station, url):
            adapter.append((hand, asyncio.get_running_loop()))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    assert ready.wait(60)
    hand, loop = adapter[0]
    try:
        yield hand
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(60)


def test_a_campaign_in_two_parts_is_one_report(tmp_path: Path) -> None:
    """The second part runs what the first did not; every verdict follows from its evidence."""
    port, resume, folder = _free_port(), tmp_path / "results.jsonl", tmp_path / "report"
    with _station(f"ws://127.0.0.1:{port}/ocpp") as hand:
        external = External(
            listen=f"ws://127.0.0.1:{port}",
            hand=hand,
            resume=resume,
            folder=tmp_path / "lab",
            record=True,
            tolerance=0.3,
            patience=8.0,
        )
        first = external_run(external, PRODUCT, [PASSES], None)
        done = external_run(external, PRODUCT, [FAILS, UNFIT, PASSES, NOT_ITS], None)
    verdicts = {result.id: result.verdict.value for result in done.results}
    assert verdicts == {PASSES: "PASS", FAILS: "FAIL", UNFIT: "INCONCLUSIVE", NOT_ITS: "NOT APPLICABLE"}
    kept = {result.id: result.evidence for result in first.results}
    assert kept[PASSES] == next(result.evidence for result in done.results if result.id == PASSES)
    assert done.began == first.began
    assert {read(result.evidence)[0].bench for result in done.results if result.evidence} == {"external"}
    report = build(done)
    assert report.seen.vendors == ("Strange & Sons",)
    write_folder(folder, report, done.results)
    judged = list(judge_report(folder))
    assert [(one.reported.id, one.same) for one in judged] == [(UNFIT, True), (FAILS, True), (PASSES, True)]
    assert execute(["lab", "judge", str(folder)]) == 0
    _alter(folder, report)


def _alter(folder: Path, report: Report) -> None:
    """Change an answer, and the checksum with it: the verdict does not follow any more."""
    path = folder / "evidence" / f"{PASSES}.jsonl"
    text = path.read_text("utf-8").replace("UnknownVendorId", "Accepted")
    path.write_text(text, "utf-8")
    assert [one.altered for one in judge_report(folder) if one.reported.id == PASSES] == [True]
    checksum = hashlib.sha256(text.encode()).hexdigest()
    cases = [msgspec.structs.replace(one, sha256=checksum if one.id == PASSES else one.sha256) for one in report.cases]
    changed = msgspec.structs.replace(report, cases=tuple(cases))
    (folder / "report.json").write_bytes(msgspec.json.encode(changed))
    again = next(one for one in judge_report(folder) if one.reported.id == PASSES)
    assert (again.altered, again.same, again.result.verdict.value) == (False, False, "INCONCLUSIVE")


def test_what_is_seen_is_held_against_the_claims(tmp_path: Path) -> None:
    """Over TLS the ClientHello is in the evidence, though the connection was made before the case.

    The case cannot be undone: a person is asked to provision the station again, which the evidence tells too.
    """
    person = Person()
    product = load("sec1000-240y")
    results = Results(None, ResultsHead(product=product.name), record=True)
    password = tmp_path / "password"
    write_private(password, PASSWORD)

    async def campaign() -> None:
        place, port = ListenAddress.parse("wss://127.0.0.1:0", ("127.0.0.1",)), _free_port()
        asked = PromptHand(person)
        hand = HttpHand(f"http://127.0.0.1:{port}/api/v1/hand", asked)
        given = Provisioning(password=PASSWORD)
        rig = ExternalRig(product, place, hand, given, tmp_path / "lab", tolerance=0.3, patience=8.0)
        await rig.listen()
        options = ["--product", product.name, "--data", str(tmp_path / "data"), "--csms", rig.url]
        options += ["--csms-root", str(rig.root), "--password-file", str(password), "--port", str(port)]
        options += ["--identity", given.identity]
        station = running(*options)
        await asyncio.to_thread(station.__enter__)
        try:
            guest = ExternalCampaign(rig, product, LabConfig(), results, asked, record=True)
            await guest.run([load_cases()["TC_M_01_CS"]])
        finally:
            await rig.close()
            await hand.close()
            await asyncio.to_thread(station.__exit__, None, None, None)

    asyncio.run(campaign())
    result = results.done["TC_M_01_CS"]
    assert (result.verdict, confirmed(result, product, LabConfig())) == (Verdict.PASS, result), result.reason
    assert [PROVISION in question for question in person.asked] == [True]
    assert [entry.what for entry in parted(read(result.evidence)[1])[1]] == [ASK]
    assert observe([result.evidence]).offered_suites
    assert _cipher_suites(product, result) == "confirmed"
    fewer = msgspec.structs.replace(product.security, cipher_suites=product.security.cipher_suites[:1])
    assert _cipher_suites(msgspec.structs.replace(product, security=fewer), result) == "contradicted"


def _cipher_suites(product: Product, result: Result) -> str:
    """Return what a report with one result says of the claimed cipher suites (C-41)."""
    began = datetime(2026, 3, 2, tzinfo=UTC)
    run = CampaignRun(
        product=product,
        config=LabConfig(),
        bench="external",
        made_by="ohmstead 1",
        began=began,
        seconds=1.0,
        results=(result,),
    )
    rows = (row for section in build(run).sections for row in section.rows)
    return next(row.verdict for row in rows if row.id == "C-41")
