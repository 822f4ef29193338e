"""Scenarios in real time at a CSMS that is not ours, here one made of the package `ocpp`."""

from pathlib import Path

import pytest

from ohmstead.cli.run.options import RunRefused
from ohmstead.cli.scenario.network_stage import CsmsAccess
from ohmstead.cli.scenario.play import play_at
from ohmstead.scenario.document import ScenarioError, parse_scenario
from ohmstead.scenario.outcome import ScenarioOutcome
from tests.cli.test_run_plain import plain_office

CHARGES = """
name: Two charges
product: ac-wallbox
stations: {NORTH: {}, SOUTH: {}}
steps:
  - together:
      - - plug: {evse_id: 1}
        - present: {id_token: 04A1B2C3}
        - wait_for: {action: TransactionEvent, fields: {transactionInfo.chargingState: Charging}}
        - unplug: {evse_id: 1}
        - wait_for: {action: TransactionEvent, fields: {eventType: Ended}}
      - - protocol_fault: {kind: double, action: StatusNotification, times: 1}
          station: SOUTH
        - plug: {evse_id: 1}
          station: SOUTH
        - wait_for: {action: StatusNotification, fields: {connectorStatus: Occupied}}
          station: SOUTH
"""


def played(text: str, access: CsmsAccess, log_wire: Path | None = None) -> ScenarioOutcome:
    return play_at(access, parse_scenario(text, "my.yaml"), quiet=True, log_wire=log_wire)


def test_a_charge_of_seconds_at_a_csms_of_the_package_ocpp(tmp_path: Path) -> None:
    with plain_office() as office:
        access = CsmsAccess(url=office.url, security_profile=0)
        outcome = played(CHARGES, access, tmp_path / "wire.jsonl")
        assert outcome.passed, outcome.steps[-1].told
        assert office.authorizations == [None, None]
    assert (tmp_path / "wire.jsonl").stat().st_mode & 0o777 == 0o600


def test_each_station_shows_its_own_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.txt"
    passwords.write_text("NORTH:northern-password-16\nSOUTH:southern-password-16\n", "utf-8")
    with plain_office() as office:
        text = "name: x\nstations: {NORTH: {}, SOUTH: {}}\nsteps: [{check: {connection.state: Connected}}]\n"
        assert played(text, CsmsAccess(url=office.url, password_file=passwords)).passed
        assert len(set(office.authorizations) - {None}) == 2


def test_a_command_is_refused_before_the_first_step() -> None:
    text = "name: x\nsteps:\n  - plug: {evse_id: 1}\n  - repeat:\n      times: 2\n      steps:\n"
    text += "        - command: {action: Reset}\n"
    with pytest.raises(ScenarioError, match=r"my.yaml:7: the embedded CSMS sends commands, and --csms names another"):
        played(text, CsmsAccess(url="ws://127.0.0.1:1", security_profile=0))


def test_a_password_that_is_needed_and_not_given_is_asked_for() -> None:
    with pytest.raises(RunRefused, match="OHM-0001 needs a password; right would be --password-file FILE"):
        played("name: x\nsteps: [{sleep: 1}]\n", CsmsAccess(url="ws://127.0.0.1:1"))


def test_options_are_checked_as_those_of_run() -> None:
    with pytest.raises(RunRefused, match="needs --csms-root FILE"):
        played("name: x\nsteps: [{sleep: 1}]\n", CsmsAccess(url="wss://127.0.0.1:1"))
