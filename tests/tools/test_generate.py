"""The generator: what it writes is current, and it says so when it is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import generate, wire_messages


@pytest.mark.parametrize(("path", "function"), generate.GENERATED)
def test_every_generated_file_is_current(path: str, function: Callable[[], str]) -> None:
    assert (generate.ROOT / path).read_text(encoding="utf-8") == function(), "run `make generate`"


def test_a_stale_file_is_named_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "GENERATED", [("deep/a.txt", lambda: "new"), ("b.txt", lambda: "same")])
    (tmp_path / "b.txt").write_text("same")
    assert generate.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == "deep/a.txt is not current: run `make generate`\n"
    assert not (tmp_path / "deep").exists()
    assert generate.main([], tmp_path) == 0
    assert (tmp_path / "deep/a.txt").read_text() == "new"
    assert generate.main(["--check"], tmp_path) == 0


def test_an_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--chekc"]) == 2
    assert "--chekc" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        ("evseId", "evse_id"),
        ("iso15118SchemaVersion", "iso15118_schema_version"),
        ("responderURL", "responder_url"),
        ("ePriceLevel", "e_price_level"),
        ("fullSoC", "full_soc"),
        ("dcChargingParameters", "dc_charging_parameters"),
        ("from", "from_"),
    ],
)
def test_attribute_names(field: str, attribute: str) -> None:
    assert wire_messages.attribute_name(field) == attribute


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ("Energy.Active.Import.Register", "Energy_Active_Import_Register"),
        ("L1-N", "L1_N"),
        ("s309-1P-16A", "s309_1P_16A"),
        ("None", "None_"),
        ("title", "title_"),
        ("3DES", "_3DES"),
        ("name", "name_"),
    ],
)
def test_member_names(value: str, member: str) -> None:
    assert wire_messages.member_name(value) == member
