"""`ohmstead lab perf`: our station as a process of its own, over TLS and a mobile network."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from ohmstead.cli.main import execute


def test_a_limit_that_is_missed_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing answers within a tenth of a second over a network that takes two tenths at least."""
    text = resources.files("ohmstead.product").joinpath("data", "sec1000-240y.toml").read_text(encoding="utf-8")
    product, written = tmp_path / "sec1000-240y.toml", tmp_path / "figures.json"
    product.write_text(re.sub(r"response = \{ limit = [\d.]+", "response = { limit = 0.1", text), encoding="utf-8")
    arguments = ["lab", "perf", "--product", str(product), "--network", "mobile", "--rounds", "1"]
    assert execute([*arguments, "--json", str(written)]) == 1
    assert "above the limit over Mobile network (emulated): OCPP response time" in capsys.readouterr().out
    report = json.loads(written.read_bytes())
    assert (report["product"], report["rounds"], len(report["networks"])) == ("sec1000-240y", 1, 1)
    (measured,) = report["networks"]
    assert measured["missed"] == ["OCPP response time"]
    assert measured["conditions"]["up"] == {"delay": 0.15, "jitter": 0.05, "loss": 0.01, "rate": 64000.0}
    figures = measured["figures"]
    assert (figures["start"]["number"], figures["stop"]["number"], figures["unanswered"]) == (2, 1, 0)
    assert 0.2 <= figures["response"]["min"] <= figures["response"]["p50"] <= figures["response"]["max"]


def test_another_network_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and one line."""
    assert execute(["lab", "perf", "--network", "pigeons"]) == 2
    assert "pigeons is no network" in capsys.readouterr().err
