"""Scenario files: what ships runs and passes, the schema says what the reader takes, and what is wrong is one line."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from ohmstead.cli.scenario.play import play
from ohmstead.cli.scenario.shipped import find, shipped_scenarios
from ohmstead.scenario.document import ScenarioError, parse_scenario, read_scenario
from ohmstead.scenario.junit import junit
from ohmstead.scenario.matching import differences
from ohmstead.scenario.outcome import ScenarioOutcome
from ohmstead.scenario.schema import scenario_schema
from ohmstead.scenario.steps import VERBS

CHARGE = """
name: A charge
steps:
  - plug: {evse_id: 1}
  - present: {id_token: 04A1B2C3}
  - expect: {action: TransactionEvent, fields: {eventType: Started}}
"""


def played(text: str) -> ScenarioOutcome:
    return play(parse_scenario(text, "test.yaml"), quiet=True)


@pytest.mark.parametrize("name", [path.stem for path in shipped_scenarios()])
def test_what_ships_passes(name: str) -> None:
    assert play(read_scenario(find(name)), quiet=True).passed


def test_what_ships_and_what_has_every_verb_is_valid_by_the_schema(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(scenario_schema()), "utf-8")
    files = [*shipped_scenarios(), tmp_path / "charge.yaml"]
    files[-1].write_text(CHARGE, "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    files[-1].write_text(CHARGE.replace("plug:", "plugg:"), "utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_the_schema_has_every_verb() -> None:
    assert VERBS.keys() <= scenario_schema()["$defs"]["Step"]["properties"].keys()


def test_the_same_seed_gives_the_same_frames(tmp_path: Path) -> None:
    frames = []
    for number in (1, 2):
        wire = tmp_path / f"{number}.jsonl"
        play(parse_scenario(CHARGE, "test.yaml"), quiet=True, log_wire=wire)
        frames.append(wire.read_text("utf-8"))
    assert frames[0] == frames[1]
    assert "TransactionEvent" in frames[0]


def test_a_step_that_fails_says_what_came_instead_and_is_the_last() -> None:
    outcome = played(CHARGE.replace("Started", "Updated") + "  - sleep: 5 s\n")
    assert not outcome.passed
    assert [step.passed for step in outcome.steps] == [True, True, False]
    assert "eventType is 'Started', wanted is 'Updated'" in outcome.steps[-1].told


def test_a_message_that_does_not_come_names_those_that_did() -> None:
    text = CHARGE + "  - wait_for: {action: MeterValues}\n    within: 1 s\n"
    assert "no MeterValues of the station came within 1 s" in played(text).steps[-1].told


def test_what_came_before_the_first_step_is_not_waited_for() -> None:
    outcome = played("name: x\nsteps:\n  - wait_for: {action: BootNotification}\n    within: 10\n")
    assert outcome.steps[-1].told.startswith("no BootNotification of the station came within 10 s")


def test_an_action_that_is_impossible_fails_its_step() -> None:
    outcome = played("name: x\nsteps:\n  - restore_power: {}\n")
    assert outcome.steps[-1].told == "refused: there is power"


def test_junit_has_a_case_a_step_and_the_failure_with_its_reason() -> None:
    root = ElementTree.fromstring(junit([played(CHARGE.replace("Started", "Updated"))]))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    (failure,) = suite.iter("failure")
    assert "wanted is 'Updated'" in (failure.text or "")


def test_lanes_and_rounds_are_played_by_station() -> None:
    text = """
name: Two at once
stations: {A: {}, B: {}}
steps:
  - together:
      - - repeat:
            times: 2
            steps:
              - plug: {evse_id: 1}
              - unplug: {evse_id: 1}
      - - plug: {evse_id: 1}
          station: B
        - command:
            action: TriggerMessage
            payload: {requestedMessage: Heartbeat}
            answer: {status: Accepted}
          station: B
        - wait_for: {action: Heartbeat}
          station: B
"""
    outcome = played(text)
    assert outcome.passed, outcome.steps[-1].told
    assert sorted((step.station, step.number) for step in outcome.steps) == [
        *(("A", f"1.1.1.{step}#{turn}") for step in (1, 2) for turn in (1, 2)),
        *(("B", f"1.2.{step}") for step in (1, 2, 3)),
    ]


WRONG = [
    ("name: x\nsteps:\n  - plugg: {evse_id: 1}\n", "3: no step 'plugg'; did you mean plug or unplug?"),
    ("name: x\nsteps:\n  - plug: {evse_id: one}\n", "3: evse_id: Expected `int`, got `str`"),
    ("name: x\nsteps:\n  - plug: {}\n", "3: Object missing required field `evse_id`"),
    (
        "name: x\nsteps:\n  - present: {id_token: 12345678}\n",
        "3: id_token: Expected `str`, got `int`; write it in quotes",
    ),
    ("name: x\nsteps:\n  - sleep: soon\n", "3: 'soon' is no time; right would be a number of seconds"),
    ("name: x\nsteps:\n  - plug: {evse_id: 1}\n    station: Z\n", "4: no station 'Z'"),
    (
        "name: x\nsteps:\n  - expect: {action: Hartbeat}\n",
        "3: no action 'Hartbeat' of OCPP 2.0.1; did you mean Heartbeat?",
    ),
    ("name: x\nsteps:\n  - plug: {evse_id: 1}\n    unplug: {evse_id: 1}\n", "3: a step with plug, unplug"),
    ("name: x\nsteps: [\n", "no YAML"),
    ("- x\n", "1: no mapping"),
    ("name: x\nsteps:\n  - check: {a: {matches: '('}}\n", "cannot be compared; right would be a regular expression"),
    ("name: x\nsteps:\n  - protocol_fault: {kind: vanish}\n", "3: kind: Invalid value 'vanish'"),
    ("name: x\nsteps:\n  - repeat: {times: 0, steps: [{sleep: 1}]}\n", "times: Expected `int` >= 1"),
    ("name: x\nfoo: 1\nsteps:\n  - sleep: 1\n", "Object contains unknown field `foo`"),
    ("name: x\nname: y\nsteps:\n  - sleep: 1\n", "no YAML: found duplicate key"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_in_a_file_is_one_line_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(text, "my.yaml")
    told = str(refused.value)
    assert told.startswith("my.yaml:") and says in told and "\n" not in told


def test_values_that_repeat_each_other_without_end_are_refused() -> None:
    layers = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 8))
    with pytest.raises(ScenarioError, match="more than 100000 values"):
        parse_scenario(f"name: x\ncsms:\n  l0: &l0 [1]\n{layers}steps:\n  - sleep: 1\n", "my.yaml")


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"a": 1}, 0),
        ({"a": True}, 1),
        ({"b[1].c": "x"}, 0),
        ({"b[2]": {"present": False}}, 0),
        ({"a": {"at_least": 2}}, 1),
        ({"a": {"one_of": [1, 2]}}, 0),
        ({"b[1].c": {"matches": "^x$"}}, 0),
        ({"none": 1}, 1),
    ],
)
def test_fields_are_compared_by_path(wanted: dict[str, object], wrong: int) -> None:
    found = msgspec.json.decode('{"a": 1, "b": [0, {"c": "x"}]}')
    assert len(differences(found, wanted)) == wrong
