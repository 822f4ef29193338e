"""What is done at a station of `ohmstead run` is a scenario afterwards: by its API, and by its wire log."""

from pathlib import Path

import pytest

from ohmstead.cli.scenario.play import play
from ohmstead.cli.scenario.record import fetch, record_log
from ohmstead.ports.hand import KINDS
from ohmstead.scenario.document import ScenarioError, parse_scenario
from tests.e2e.running import running


def test_a_session_is_saved_runs_again_and_passes(tmp_path: Path) -> None:
    log = tmp_path / "wire.jsonl"
    options = ("--product", "ac-wallbox", "--data", str(tmp_path / "data"), "--log-wire", str(log))
    with running(*options) as station:
        with pytest.raises(ScenarioError, match="404: no hand has done anything here"):
            fetch(station.api, None)
        station.hand("plug", evse_id=1)
        station.hand("present", id_token="04A1B2C3")
        station.until("a charge", lambda: station.session(1).get("charging_state") == "Charging")
        station.hand("unplug", evse_id=1)
        station.until("its end", lambda: not station.get("station")["queue"] and not station.session(1))
        station.ask("faults", kind="double", action="StatusNotification", times=3)
        by_api = parse_scenario(fetch(station.api, None), "session.yaml")
    by_log = parse_scenario(record_log(log, None), "session.yaml")
    done = [step.does for step in by_api.steps if step.word not in ("sleep", "check")]
    assert done == [step.does for step in by_log.steps if step.word not in ("sleep", "check")]
    assert [step.word for step in by_api.steps if step.word in KINDS] == ["plug", "present", "unplug"]
    assert "protocol_fault" in [step.word for step in by_api.steps]
    outcome = play(by_api, quiet=True)
    assert outcome.passed, outcome.steps[-1].told
