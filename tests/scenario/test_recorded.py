"""What was done at a station is recorded as a scenario: it says what came of it, runs again, and passes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ohmstead.cli.scenario.play import play
from ohmstead.cli.scenario.record import record_log
from ohmstead.cli.scenario.shipped import find
from ohmstead.ports.hand import KINDS, Present
from ohmstead.ports.protocol_faults import DoubleFrame, DropFrame
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.scenario.document import ScenarioError, parse_scenario, read_scenario
from ohmstead.scenario.outcome import ScenarioOutcome
from ohmstead.scenario.recording import recording_of
from ohmstead.site.noted_faults import note_faults
from ohmstead.site.noted_hand import hand_line

COMMANDED = """
name: x
steps:
  - plug: {evse_id: 1}
  - present: {id_token: 04A1B2C3}
  - command: {action: TriggerMessage, payload: {requestedMessage: Heartbeat}, answer: {status: Accepted}}
  - command:
      action: RequestStopTransaction
      payload: {transactionId: nobodys}
      answer: {status: Rejected}
  - sleep: 10 s
  - reboot: {}
  - wait_for: {action: BootNotification}
    within: 5 min
  - unplug: {evse_id: 1}
  - sleep: 1 min
"""


def recorded(scenario: str, folder: Path) -> str:
    """Return the recording of a run of a scenario: the text, or the name of one that ships."""
    log = folder / "wire.jsonl"
    read = parse_scenario(scenario, "test.yaml") if "\n" in scenario else read_scenario(find(scenario))
    assert play(read, quiet=True, log_wire=log).passed
    return record_log(log, None)


def again(text: str) -> ScenarioOutcome:
    return play(parse_scenario(text, "recorded.yaml"), quiet=True)


def verbs(text: str) -> list[str]:
    return [step.word for step in parse_scenario(text, "recorded.yaml").steps]


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the recording of an outage."""
    return recorded("outage", tmp_path_factory.mktemp("outage"))


def test_an_outage_is_recorded(outage: str) -> None:
    hand = [verb for verb in verbs(outage) if verb not in ("check", "wait_for", "sleep")]
    assert hand == ["plug", "present", "cut_network", "unplug", "restore_network", "plug", "present", "unplug"]
    assert "offline: true" in outage and "flagship" in outage


def test_it_runs_again_passes_and_its_recording_does_the_same(outage: str, tmp_path: Path) -> None:
    assert verbs(recorded(outage, tmp_path)) == verbs(outage)


def test_it_fails_where_something_else_comes_of_it(outage: str) -> None:
    outcome = again(outage.replace("type: ISO14443, status: Accepted", "type: ISO14443, status: Blocked"))
    assert not outcome.passed
    assert outcome.steps[-1].title.startswith("wait_for TransactionEvent")


def test_faults_of_the_protocol_are_recorded(tmp_path: Path) -> None:
    text = recorded("hostile", tmp_path)
    assert verbs(text).count("protocol_fault") == 5
    outcome = again(text)
    assert outcome.passed, outcome.steps[-1].told


def test_a_fault_that_is_cleared_by_somebody_is_told_from_one_that_is_spent() -> None:
    faults, told = FaultTable(), list[tuple[str, dict[str, object]]]()
    note_faults(faults, lambda name, arguments: told.append((name, arguments)))
    first = faults.add(DropFrame(action="Heartbeat"))
    faults.add(DoubleFrame(times=1))
    faults.depart('[2,"1","StatusNotification",{}]')
    kept = faults.add(DropFrame(action="MeterValues", every=2))
    faults.clear(first.number)
    faults.clear(kept.number)
    meter_values: dict[str, object] = {"kind": "drop", "action": "MeterValues", "every": 2}
    assert told == [
        ("protocol_fault", {"kind": "drop", "action": "Heartbeat"}),
        ("protocol_fault", {"kind": "double", "times": 1}),
        ("protocol_fault", meter_values),
        ("clear_protocol_faults", {}),
        ("protocol_fault", meter_values),
        ("clear_protocol_faults", {}),
    ]


def test_several_stations_are_recorded_side_by_side(tmp_path: Path) -> None:
    text = recorded(
        "name: x\nproduct: ac-wallbox\nstations: {A: {}, B: {}}\nsteps:\n"
        "  - plug: {evse_id: 1}\n  - plug: {evse_id: 1}\n    station: B\n"
        "  - sleep: 5\n  - unplug: {evse_id: 1}\n    station: B\n",
        tmp_path,
    )
    steps = parse_scenario(text, "recorded.yaml").steps
    assert [(step.word, step.station) for step in steps if step.word in ("plug", "unplug")] == [
        ("plug", "A"),
        ("plug", "B"),
        ("unplug", "B"),
    ]
    assert again(text).passed


def test_commands_are_steps_and_what_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    text = recorded(COMMANDED, tmp_path)
    assert "TriggerMessage" in text and "reason: LocalReset" in text
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("RequestStopTransaction" in line and "names a transaction" in line for line in comments)
    assert "nobodys" not in text
    outcome = again(text)
    assert outcome.passed, outcome.steps[-1].told


def test_a_start_by_phone_is_recorded_though_no_hand_came_before(tmp_path: Path) -> None:
    start = "{remoteStartId: 1, evseId: 1, idToken: {idToken: 04A1B2C3, type: ISO14443}}"
    text = recorded(
        f"name: x\nproduct: ac-wallbox\nsteps:\n  - command: {{action: RequestStartTransaction, payload: {start}}}\n"
        "  - plug: {evse_id: 1}\n  - wait_for: {action: TransactionEvent}\n  - sleep: 5\n",
        tmp_path,
    )
    assert [verb for verb in verbs(text) if verb in ("command", "plug")] == ["command", "plug"]
    assert again(text).passed


def test_a_key_code_is_kept_nowhere() -> None:
    line = hand_line(Present("1234", "KeyCode"), "OHM-0001", datetime(2026, 3, 2, tzinfo=UTC), 0)
    recording = recording_of([line])
    assert "1234" not in str(line) + str(recording)
    assert "hidden" in recording.left_out[0]


def test_a_program_that_was_started_again_is_a_power_cut(tmp_path: Path) -> None:
    charge = "name: x\nproduct: ac-wallbox\nsteps:\n  - plug: {evse_id: 1}\n  - present: {id_token: 04A1B2C3}\n"
    recorded(charge + "  - sleep: 20\n", tmp_path)
    before = (tmp_path / "wire.jsonl").read_text("utf-8")
    recorded("name: x\nproduct: ac-wallbox\nsteps:\n  - sleep: 20\n  - arrive: {evse_id: 1}\n", tmp_path)
    after = (tmp_path / "wire.jsonl").read_text("utf-8")
    (tmp_path / "both.jsonl").write_text(before + after, "utf-8")
    steps = verbs(record_log(tmp_path / "both.jsonl", None))
    assert [verb for verb in steps if verb in KINDS] == ["plug", "present", "cut_power", "restore_power", "arrive"]


def test_a_log_without_a_hand_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "wire.jsonl"
    play(parse_scenario("name: x\nsteps: [{sleep: 1}]\n", "test.yaml"), quiet=True, log_wire=log)
    with pytest.raises(ScenarioError, match="no hand has done anything here"):
        record_log(log, None)


def test_what_is_no_wire_log_is_refused_with_its_line(tmp_path: Path) -> None:
    log = tmp_path / "wire.jsonl"
    log.write_text("{}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"wire.jsonl:1: no line of a wire log"):
        record_log(log, None)
