"""Two products compared: which cases stop or start to apply, and what decides it; and what the command says of it."""

import itertools
import json
from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.main import execute
from ohmstead.lab.applicability import ApplicabilityDifference, compare
from ohmstead.lab.selection import applicable
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product
from ohmstead.product.write import write
from tests.generators import sample

PAIRS = list(itertools.permutations(shipped(), 2))


def without(name: str, *features: str) -> Product:
    """Return a shipped product without some features."""
    product = load(name)
    return msgspec.structs.replace(product, features={**product.features, **dict.fromkeys(features, False)})


def because(compared: ApplicabilityDifference) -> dict[str, tuple[int, int]]:
    """Return for each field that decides something: how many cases stop and start."""
    return {
        difference.where: (len(moved.stop), len(moved.start))
        for difference, moved in compared.decided
        if moved.stop or moved.start
    }


@pytest.mark.parametrize(("before", "after"), sample(PAIRS, 3))
def test_what_is_said_to_move_is_what_applies_to_one_alone(before: str, after: str) -> None:
    """Every case that moves has a difference that decides it, or several that do it together."""
    one, other = load(before), load(after)
    compared = compare(one, other)
    assert set(compared.all.stop) == set(applicable(one)) - set(applicable(other))
    assert set(compared.all.start) == set(applicable(other)) - set(applicable(one))
    told = [moved for _, moved in compared.decided] + [compared.together]
    assert {case for moved in told for case in moved.stop} == set(compared.all.stop)
    assert {case for moved in told for case in moved.start} == set(compared.all.start)


def test_one_feature_decides_its_cases() -> None:
    compared = compare(load("sec1000-240y"), without("sec1000-240y", "C-57"))
    assert because(compared) == {}
    compared = compare(load("depot"), without("depot", "C-57"))
    assert because(compared) == {'features["C-57"]': (1, 0)}
    assert compared.all.stop == ("TC_N_36_CS",)


def test_of_two_features_that_do_the_same_each_is_named() -> None:
    """Either would keep the cases that need a token at the station."""
    both = load("sec1000-240y").features | {"C-30": True, "C-31": True}
    compared = compare(msgspec.structs.replace(load("sec1000-240y"), features=both), without("sec1000-240y", "C-30"))
    assert set(because(compared)) <= {'features["C-30"]', 'features["C-31"]'}
    assert compared.all.stop
    assert compared.together.stop == ()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, files, and abstracts of certificates."""
    file = tmp_path / "mine.toml"
    file.write_text(write(without("depot", "C-49", "C-53", "C-54")))
    assert execute(["lab", "diff", "depot", str(file)]) == 1
    said = capsys.readouterr().out
    assert "C-49 Authorization cache: Yes -> No, so " in said
    assert "cases stop applying: TC_" in said
    assert "C-53 Cached tokens grow old: Yes -> No, so 1 case stops applying: TC_C_46_CS\n" in said
    assert "3 differences; " in said
    assert execute(["lab", "diff", "depot", "depot"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["0 differences; 0 cases stop applying, 0 cases start"]
    abstract = Path(__file__).parents[1] / "product" / "fixtures" / "sec1000_240y.txt"
    assert execute(["lab", "diff", "sec1000-240y", str(abstract), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


def test_the_file_of_json(tmp_path: Path) -> None:
    written = tmp_path / "diff.json"
    assert execute(["lab", "diff", "minimal", "depot", "--json", str(written)]) == 1
    told = json.loads(written.read_text())
    row = next(one for one in told["differences"] if one["id"] == "C-57")
    assert row == {
        "id": "C-57",
        "where": 'features["C-57"]',
        "before": False,
        "after": True,
        "text": "A running log upload can be cancelled: No -> Yes",
        "stop": [],
        "start": ["TC_N_36_CS"],
    }
    assert row["start"][0] in told["start"]


@pytest.mark.parametrize("wrong", ["nothing-like-it", "missing.toml", "empty.json", "empty.txt"])
def test_what_cannot_be_read_is_said(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("empty.json", "empty.txt"):
        (tmp_path / name).write_text("")
    assert execute(["lab", "diff", "minimal", wrong]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ohmstead: ")
