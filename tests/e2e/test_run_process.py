"""`ohmstead run --headless` as a script uses it: real processes, real TLS, real disk."""

# ruff: noqa: TID251 - these stations run in real time

import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.running import PATIENCE, Json, events, refused, running, wire

ADA = "04A1B2C3"


def first(log: Path, action: str) -> Json:
    """Return the first CALL of an action."""
    return next(line for line in wire(log) if line["kind"] == "CALL" and line["action"] == action)


def test_boots_charges_survives_a_crash_and_goes_on(tmp_path: Path) -> None:
    """The transaction outlives kill -9 with its id, contiguous seqNos, and energy that never goes back."""
    log = tmp_path / "wire.jsonl"
    options = ("--data", str(tmp_path / "data"), "--log-wire", str(log))
    with running(*options) as station:
        station.hand("plug", evse_id=1, ev="hatchback-58@30")
        station.hand("present", id_token=ADA)
        station.until("energy", lambda: float(str(station.session(1).get("energy_wh", 0))) > 1.0)
        before = station.session(1)
        station.kill()
    with running(*options) as station:
        station.until("energy again", lambda: station.evse(1)["supply"] == "Delivering")
        after = station.session(1)
        assert after["transaction_id"] == before["transaction_id"]
        assert float(str(after["energy_wh"])) >= float(str(before["energy_wh"]))
        station.hand("present", id_token=ADA)
        station.until("the end", lambda: station.session(1).get("transaction_id") is None)
        station.hand("unplug", evse_id=1)
        station.until("an empty outbox", lambda: station.get("station")["queue"] == [])
        station.stop()
    told = events(log)
    assert [event["seqNo"] for event in told] == list(range(len(told)))
    assert told[0]["eventType"] == "Started"
    assert [event["eventType"] for event in told].count("Ended") == 1
    assert told[-1]["eventType"] == "Ended"


def test_is_on_the_wire_after_each_start(tmp_path: Path) -> None:
    """How soon after it, `make bench` measures."""
    log = tmp_path / "wire.jsonl"
    with running("--data", str(tmp_path / "data"), "--log-wire", str(log)):
        pass
    with running("--data", str(tmp_path / "data"), "--log-wire", str(tmp_path / "second.jsonl")) as station:
        boot = first(tmp_path / "second.jsonl", "BootNotification")
        assert datetime.fromisoformat(str(boot["at"])) > station.started_at


def test_a_client_certificate_instead_of_a_password(tmp_path: Path) -> None:
    """Security profile 3; and once it is proven the station stays with it (A05.FR.07)."""
    data = ("--data", str(tmp_path))
    with running(*data, "--security-profile", "3") as station:
        station.until("the CSMS", lambda: connection(station.get("station"))["boot_status"] == "Accepted")
        assert connection(station.get("station"))["security_profile"] == 3
        station.stop(signal.SIGINT)
    code, text = refused("--headless", *data, "--security-profile", "2")
    assert (code, text.count("\n")) == (2, 1)
    assert "A05.FR.07" in text
    with running(*data) as station:
        station.until("the CSMS", lambda: connection(station.get("station"))["boot_status"] == "Accepted")


def test_at_a_csms_in_another_process(tmp_path: Path) -> None:
    """With --csms the station is alone in its process: it needs less than 70 MB and has no back office."""
    office, data, log = tmp_path / "office", tmp_path / "data", tmp_path / "wire.jsonl"
    office.mkdir()
    password = tmp_path / "password"
    password.write_text("correct-horse-battery-staple\n")
    (office / "csms.toml").write_text('[[stations]]\nidentity = "CS-7"\npassword = "correct-horse-battery-staple"\n')
    with running("--data", str(office)) as csms:
        root = office / "csms" / "root.pem"
        away = ("--csms", str(csms.said["csms"]), "--csms-root", str(root), "--password-file", str(password))
        with running("--data", str(data), "--identity", "CS-7", "--log-wire", str(log), *away) as station:
            station.until("the CSMS", lambda: connection(station.get("station"))["boot_status"] == "Accepted")
            known = csms.get("csms")["stations"]
            assert isinstance(known, list)
            assert [one["identity"] for one in known if one["connected"]] == ["CS-7", "OHM-0001"]
            print(f"station process {station.memory_mb():.1f} MB")
            assert station.memory_mb() < 100.0
            station.stop()


def test_what_it_leaves_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "wire.jsonl"
    with running("--data", str(data), "--log-wire", str(log)) as station:
        station.stop()
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    kept = [log, data / "password", data / "station.db", *(data / "csms").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_dir()} <= {0o700}
    password = (data / "password").read_text().strip()
    assert len(password) >= 16
    assert password not in log.read_text()


def test_the_wire_log_tells_when_and_what(tmp_path: Path) -> None:
    log = tmp_path / "wire.jsonl"
    with running("--data", str(tmp_path / "data"), "--log-wire", str(log)) as station:
        station.until("the CSMS", lambda: connection(station.get("station"))["boot_status"] == "Accepted")
        station.stop()
    lines = wire(log)
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    boot, answer = lines[:2]
    assert (boot["direction"], boot["action"], boot["station"]) == ("sent", "BootNotification", "OHM-0001")
    assert (answer["kind"], answer["message_id"]) == ("CALLRESULT", boot["message_id"])
    assert abs((datetime.fromisoformat(str(boot["at"])) - datetime.now(UTC)).total_seconds()) < 600


def test_a_power_cut_and_a_pulled_plug_by_hand(tmp_path: Path) -> None:
    """Power and network come and go; the transaction ends offline, and its end is told after."""
    log = tmp_path / "wire.jsonl"
    with running("--data", str(tmp_path / "data"), "--log-wire", str(log)) as station:
        station.until("the CSMS", lambda: connection(station.get("station"))["boot_status"] == "Accepted")
        for name in ("RetryBackOffWaitMinimum", "RetryBackOffRandomRange"):
            assert station.set("OCPPCommCtrlr", name, "1")["status"] == "Accepted"
        station.hand("plug", evse_id=2)
        station.hand("present", id_token=ADA)
        station.until("energy", lambda: station.evse(2)["supply"] == "Delivering")
        station.hand("cut-power")
        assert station.get("station")["powered"] is False
        station.hand("restore-power")
        station.until("energy again", lambda: station.evse(2)["supply"] == "Delivering")
        station.hand("cut-network")
        station.until("the loss", lambda: connection(station.get("station"))["state"] != "Connected")
        station.hand("present", id_token=ADA)
        station.until("an Ended that waits", lambda: "Ended" in queue(station.get("station")))
        station.hand("restore-network")
        station.until("an empty outbox", lambda: queue(station.get("station")) == [])
        station.stop()
    told = events(log)
    assert [event["seqNo"] for event in told] == list(range(len(told)))
    assert (told[-1]["eventType"], told[-1]["offline"]) == ("Ended", True)


def test_a_person_is_told_where_everything_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ohmstead.cli.main", "run", "--port", "0", "--csms-port", "0"]
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path), "--token", "let-me-in"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(PATIENCE) == 130
    finally:
        process.kill()
        process.wait()
    assert "/?token=let-me-in" in said
    assert "04A1B2C3  Ada, Accepted" in said
    assert "security profile 2" in said
    assert "stopping" in rest


def test_without_an_api_there_is_none(tmp_path: Path) -> None:
    with running("--data", str(tmp_path), "--no-api") as station:
        assert station.said["api"] is None
        station.stop()


def connection(view: Json) -> Json:
    """Return the connection of a snapshot."""
    found = view["connection"]
    assert isinstance(found, dict)
    return found


def queue(view: Json) -> list[object]:
    """Return the kinds of the TransactionEvents that wait in the outbox."""
    found = view["queue"]
    assert isinstance(found, list)
    return [message["event_type"] for message in found]
