"""Commands that run our own station refuse a product that claims more than it does, or switch that off and say so."""

from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.main import execute
from ohmstead.product.load import load
from ohmstead.product.write import write


def _reserving(folder: Path) -> str:
    product = load("flagship")
    file = folder / "mine.toml"
    claims = {**product.features, "R-0": True, "R-2": True}
    file.write_text(write(msgspec.structs.replace(product, name="mine", features=claims)), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    "command",
    [("run",), ("lab", "run", "B_06"), ("lab", "run", "--bench", "wire"), ("lab", "perf"), ("certify", "TC_B_06")],
)
def test_a_claim_that_is_not_built_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    file = _reserving(tmp_path)
    assert execute([*command, "--product", file]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"ohmstead: {file}: features: it claims what our station does not do yet: R-0 (Reservation), "
        "R-2 (Of any EVSE); right would be --without-unbuilt, which switches them off"
    ]


def test_without_them_it_runs_and_says_what_is_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["lab", "run", "B_06", "--product", _reserving(tmp_path), "--without-unbuilt"]
    assert execute(command) == 0
    said = capsys.readouterr()
    assert "1 PASS" in said.out
    assert "does not do it yet: R-0 (Reservation), R-2 (Of any EVSE)" in said.err


def test_the_lab_lists_and_reads_it_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = _reserving(tmp_path)
    assert execute(["lab", "list", "--product", file, "--block", "H"]) == 0
    assert "R-2 = Yes" in capsys.readouterr().out
