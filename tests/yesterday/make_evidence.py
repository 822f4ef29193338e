"""Makes evidence as this version writes it: `python -m tests.yesterday.make_evidence NUMBER` (a minute).

A folder per bench, as `ohmstead certify` writes it, without page and paper: those follow from `report.json`. The
external one is of a station that is not ours; it has a case that fails and one that stays inconclusive.
"""

import sys
import tarfile
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ohmstead.cli.certify_external import external_run
from ohmstead.cli.lab.external import External
from ohmstead.cli.lab.progress import run_campaign
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.report.build import build
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.model import CampaignRun
from ohmstead.lab.rigs.campaign import Campaign
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result
from ohmstead.product.load import load
from tests.lab.mutation import mutants
from tests.peers.test_external_report import PRODUCT as STRANGER
from tests.peers.test_external_report import _free_port as free_port
from tests.peers.test_external_report import _station as station_at
from tests.yesterday.make_station import HERE, anonymous

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECURITY = ("TC_A_01_CS", "TC_A_09_CS", "TC_A_10_CS")
IN_MEMORY = (
    *SECURITY,
    "TC_A_07_CS",
    "TC_A_11_CS",
    "TC_B_01_CS",
    "TC_B_50_CS",
    "TC_C_06_CS",
    "TC_E_01_CS",
    "TC_G_03_CS",
)
ON_THE_WIRE = ("TC_A_09_CS", "TC_A_10_CS", "TC_B_01_CS")
WRONG = {"TC_P_01_CS": "data-transfer-accepted"}
"""Case -> the mutant that it finds."""


def in_memory() -> CampaignRun:
    """Cases of every kind in virtual time, one of them on a wrong station."""
    product, config = load("sec1000-240y"), LabConfig()
    results = []
    for case in (*IN_MEMORY, *WRONG):
        mutate = mutants()[WRONG[case]].mutate if case in WRONG else nullcontext
        result = run_in_memory(load_cases()[case], product, config, mutate=mutate, record=True)
        results.append(confirmed(result, product, config))
    return _run("memory", results)


def on_the_wire() -> CampaignRun:
    """The cases about passwords in real time, over TLS on loopback."""
    product, config = load("sec1000-240y"), LabConfig()
    campaign = Campaign(product=product, rig="wire", config=None, cases=ON_THE_WIRE, record=True)
    return _run("wire", [confirmed(result, product, config) for result in run_campaign(campaign, lambda _: None)])


def outside(directory: Path) -> CampaignRun:
    """A stranger: it passes one, fails one, and has not what a third needs."""
    port = free_port()
    with station_at(f"ws://127.0.0.1:{port}/ocpp") as hand:
        external = External(
            listen=f"ws://127.0.0.1:{port}",
            hand=hand,
            resume=directory / "results.jsonl",
            folder=directory / "lab",
            record=True,
            tolerance=0.3,
            patience=3.0,
        )
        return external_run(external, STRANGER, ["TC_P_01_CS", "TC_B_12_CS", "TC_A_01_CS", "TC_C_47_CS"], None)


def _run(bench: str, results: Sequence[Result]) -> CampaignRun:
    return CampaignRun(
        product=load("sec1000-240y"),
        config=LabConfig(),
        bench=bench,
        made_by="ohmstead 0.1.0",
        began=BEGAN,
        seconds=1.0,
        results=tuple(results),
    )


def keep(name: str, run: CampaignRun) -> None:
    """Write the folder of a report, and keep what is judged of it."""
    report = build(run)
    print(name, {case.id: case.verdict for case in report.cases if case.evidence})
    with TemporaryDirectory() as directory:
        folder = Path(directory) / name
        write_folder(folder, report, run.results)
        for path in folder.iterdir():
            if path.name not in ("report.json", "evidence"):
                path.unlink()
        with tarfile.open(HERE / f"{name}.tar.xz", "w:xz") as archive:
            archive.add(folder, name, filter=anonymous)


def main() -> None:
    """Make all of them."""
    keep(f"evidence-memory-{sys.argv[1]}", in_memory())
    keep(f"evidence-wire-{sys.argv[1]}", on_the_wire())
    with TemporaryDirectory() as directory:
        keep(f"evidence-external-{sys.argv[1]}", outside(Path(directory)))


if __name__ == "__main__":
    main()
