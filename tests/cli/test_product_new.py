"""`ohmstead product new`: the answers become a product that passes its checks, whatever they are."""

import itertools
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.product.built import unbuilt
from ohmstead.product.check import problems
from ohmstead.product.draft import DraftAnswers, draft
from ohmstead.product.load import load, parse
from ohmstead.product.write import write
from tests.generators import sample

ALL = [
    (number, kind, connectors, power, readers, displays, profiles)
    for (kind, connectors, power), number, readers, displays, profiles in itertools.product(
        [
            ("AC", ("sType2",), 3.0),
            ("AC", ("cType2",), 1.0),
            ("AC", ("sType2", "cType2"), 2.0),
            ("DC", ("cCCS2",), 50.0),
            ("DC", ("cCCS2", "cG105"), 400.0),
        ],
        [1, 2, 5],
        ["None", "Single", "PerEVSE"],
        [0, 2],
        [(1,), (2,), (2, 3), (1, 2, 3)],
    )
]


@pytest.mark.parametrize("cell", sample(ALL, 60))
def test_every_combination_of_answers_is_a_product_that_is_built(cell: tuple[object, ...]) -> None:
    """It contradicts nothing, needs nothing that is missing, and its file says the same."""
    number, kind, connectors, power, readers, displays, profiles = cell
    answers = {"evses": number, "current": kind, "connectors": connectors, "power": power}
    answers |= {"readers": readers, "displays": displays, "profiles": profiles}
    product = draft(DraftAnswers(model="A station", **answers))  # type: ignore[arg-type]
    assert list(problems(product)) == []
    assert unbuilt(product) == ()
    assert parse(write(product).encode()) == product


def test_flags_answer_without_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "wall.toml"
    flags = ["--model", "Wall 22", "--evses", "2", "--current", "ac", "--connectors", "stype2", "--profiles", "3,2"]
    assert execute(["product", "new", *flags, "-o", str(out)]) == 0
    product = load(out)
    assert (product.name, len(product.evses), product.security.profiles) == ("wall-22", 2, (2, 3))
    assert product.evses[0].connectors[0].type == "sType2"
    assert "# Detachable cable" in out.read_text(encoding="utf-8")
    assert execute(["product", "new", *flags, "-o", str(out)]) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--evses", "0", "no number from 1 to 50"),
        ("--current", "three", "none of ac, dc"),
        ("--connectors", "cFuture", "none of"),
        ("--readers", "many", "none, single, per-evse"),
        ("--profiles", "4", "no number from 1 to 3"),
        ("--communication", "pigeon", "ethernet, mobile, wi-fi"),
        ("--phases", "5", "no number from 1 to 3"),
    ],
)
def test_a_wrong_answer_is_refused_in_words(
    flag: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["product", "new", flag, value]) == 2
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_somebody_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong answer is asked for again."""
    told = iter(["Depot", "Somebody", "4", "dc", "cCCS2,cG105", "lots", "150", "per-evse", "1", "mobile", "2"])
    asked: list[str] = []

    def prompt(question: str, **_options: object) -> str:
        asked.append(question)
        return next(told)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    assert execute(["product", "new"]) == 0
    product = parse(capsys.readouterr().out.encode())
    assert len(set(asked)) == 10
    assert (len(product.evses), product.evses[3].max_power_w) == (4, 150_000.0)
    assert product.hardware.rfid_readers == "PerEVSE"
