"""`ohmstead run` with what cannot work: one line that says what is wrong and what would be right, exit code 2."""

import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Put
from tests.e2e.running import refused, running


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--product", "no-such-thing"), "no such product"),
        (("--host", "0.0.0.0"), "needs --token"),
        (("--security-profile", "1"), "the product sec1000-240y has 2 and 3; --product ac-wallbox or flagship has 1"),
        (("--security-profile", "0"), "--security-profile 0 goes with --csms ws://HOST:PORT"),
        (("--csms", "wss://csms.example", "--security-profile", "0"), "security profile 0 needs a ws:// URL"),
        (
            ("--csms", "ws://csms.example", "--product", "minimal"),
            "take --product ac-wallbox or flagship, a wss:// URL",
        ),
        (("--manufacturer-root", "/no/such.pem"), "/no/such.pem cannot be read"),
        (("--identity", "a:b"), "--identity 'a:b'"),
        (("--csms", "ws://csms.example", "--security-profile", "2"), "security profile 2 needs a wss:// URL"),
        (("--csms", "wss://csms.example"), "needs --csms-root FILE"),
        (("--csms-root", "root.pem"), "--csms-root goes with --csms URL"),
        (("--password-file", "password"), "--password-file goes with --csms URL"),
        (("--csms", "wss://"), "it names no host"),
        (("--csms", "wss://csms.example:port/ocpp"), "right would be wss://HOST[:PORT]/PATH"),
        (("--csms", "wss://csms example/ocpp"), "no blanks"),
        (("--port", "99999"), "--port"),
        (("--log-wire", "/no/such/folder/wire.jsonl"), "--log-wire /no/such/folder/wire.jsonl: No such file"),
    ],
)
def test_wrong_options(tmp_path: Path, options: tuple[str, ...], text: str) -> None:
    code, said = refused("--headless", "--data", str(tmp_path), *options)
    assert code == 2
    assert text in said
    assert said.startswith("ohmstead: ")
    lines = [line for line in said.splitlines() if "(once)" not in line and "is taken" not in line]
    assert len(lines) == 1


def test_a_url_with_a_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    code, said = refused("--headless", "--data", str(tmp_path), "--csms", "wss://cs:secret@csms.example/ocpp")
    assert (code, "--password-file FILE" in said, "secret" in said) == (2, True, False)


@pytest.mark.parametrize(
    "url",
    [
        "ws://cs:secret@csms.example/ocpp",
        "wss://cs:secret@csms.example:port/ocpp",
        "wss://csms.example/ocpp ?sig=secret",
        "wss://csms.example/ocpp#secret",
        "cs:secret@csms.example",
    ],
)
def test_no_refusal_of_a_url_repeats_its_secret(tmp_path: Path, url: str) -> None:
    code, said = refused("--headless", "--data", str(tmp_path), "--csms", url)
    assert (code, "--csms" in said, "secret" in said) == (2, True, False)


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_roots_that_are_none(tmp_path: Path, content: str) -> None:
    root = tmp_path / "root.pem"
    root.write_text(content)
    code, said = refused("--headless", "--data", str(tmp_path), "--csms", "wss://localhost:1", "--csms-root", str(root))
    assert (code, f"{root}: a root certificate cannot be read" in said) == (2, True)


def test_a_client_certificate_without_its_key(tmp_path: Path) -> None:
    authority = Authority.load_or_create(tmp_path)
    root, other, key = tmp_path / "r.pem", tmp_path / "c.pem", tmp_path / "k.pem"
    root.write_text(authority.root)
    other.write_text(authority.issue_client("CS-1").chain)
    key.write_text(authority.issue_client("CS-2").key)
    options = ("--security-profile", "3", "--client-cert", str(other), "--client-key", str(key))
    code, said = refused("--headless", "--data", str(tmp_path), "--csms", "wss://h", "--csms-root", str(root), *options)
    assert (code, f"{other} and {key}: the client certificate and its key cannot be used" in said) == (2, True)


@pytest.mark.parametrize("content", ["", "short\n"])
def test_a_password_file_that_was_damaged_names_itself(tmp_path: Path, content: str) -> None:
    (tmp_path / "password").write_text(content)
    code, said = refused("--headless", "--data", str(tmp_path), "--csms-port", "0")
    named = f"{tmp_path / 'password'} (without the file one is made): {len(content.strip())} characters" in said
    assert (code, named, "16 to 40 (A00.FR.205)" in said) == (2, True, True)


def test_a_station_without_a_password_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "csms.toml").write_text('[[stations]]\nidentity = "OHM-0001"\n')
    code, said = refused("--headless", "--data", str(tmp_path), "--csms-port", "0")
    assert (code, "csms.toml: OHM-0001 has no password, security profile 2 needs one" in said) == (2, True)


def test_profile_three_elsewhere_needs_a_certificate(tmp_path: Path) -> None:
    options = ("--csms", "wss://csms.example", "--csms-root", "root.pem", "--security-profile", "3")
    code, said = refused("--data", str(tmp_path), *options)
    assert (code, "needs --client-cert FILE and --client-key FILE" in said) == (2, True)


@pytest.mark.parametrize("option", ["--port", "--csms-port"])
def test_a_port_that_is_taken(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused("--headless", "--data", str(tmp_path), option, port)
    assert code == 2
    assert port in said
    assert "in use" in said


def test_a_data_folder_that_another_station_uses(tmp_path: Path) -> None:
    with running("--data", str(tmp_path)) as station:
        code, said = refused("--headless", "--data", str(tmp_path))
        assert (code, f"another station runs in {tmp_path}" in said) == (2, True)
        station.stop()


def test_a_damaged_settings_file_names_itself(tmp_path: Path) -> None:
    (tmp_path / "csms.toml").write_text("stations = 3")
    code, said = refused("--headless", "--data", str(tmp_path))
    assert code == 2
    assert "csms.toml" in said


def test_a_machine_of_another_product(tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text('{"outlets": [{"evse_id": 9, "register_wh": 1.0}]}')
    code, said = refused("--headless", "--data", str(tmp_path))
    assert code == 2
    assert "the product has no EVSE 9" in said


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("fifteen-letters", "15 characters; a BasicAuthPassword has 16 to 40"),
        ("x" * 41, "41 characters; a BasicAuthPassword has 16 to 40"),
        ("rings-a-bell-\x07-here", "character 14 is U+0007"),
        ("two-lines-in-one\nfile-of-it", "character 17 is U+000A"),
        ("turns\u202eround-and-round", "character 6 is U+202E"),
    ],
)
def test_a_password_that_no_station_may_use_is_refused_and_not_repeated(
    tmp_path: Path, content: str, text: str
) -> None:
    Authority.load_or_create(tmp_path / "authority")
    (tmp_path / "password.txt").write_text(content, "utf-8")
    roots = tmp_path / "root.pem"
    roots.write_text(Authority.load_or_create(tmp_path / "authority").root)
    options = ("--csms", "wss://csms.example/ocpp", "--csms-root", str(roots))
    code, said = refused(
        "--headless", "--data", str(tmp_path / "data"), *options, "--password-file", str(tmp_path / "password.txt")
    )
    assert (code, text in said, content in said) == (2, True, False)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('"OCPPCommCtrlr.HartbeatInterval" = { value = 60 }', "right would be OCPPCommCtrlr.HeartbeatInterval"),
        ('"NoSuchCtrlr.Nothing" = { min = 1 }', "this station has no such variable"),
        ('"EVSE.AvailabilityState" = { value = "Available" }', "the station works its value out"),
        ('"OCPPCommCtrlr.HeartbeatInterval" = { value = -1 }', "HeartbeatInterval"),
    ],
)
def test_a_setting_of_a_product_that_cannot_be_is_refused(tmp_path: Path, line: str, text: str) -> None:
    shipped = resources.files("ohmstead.product").joinpath("data", "flagship.toml").read_text("utf-8")
    kept = [one for one in shipped.splitlines() if not one.startswith('"OCPPCommCtrlr.HeartbeatInterval"')]
    product = tmp_path / "mine.toml"
    product.write_text("\n".join(kept).replace("[variables]", f"[variables]\n{line}"))
    for command in (("run", "--headless", "--data", str(tmp_path / "data")), ("lab", "run", "G_03")):
        code, said = refused(*command[1:], "--product", str(product)) if command[0] == "run" else _lab(product)
        assert (code, "variables" in said, text in said) == (2, True, True)


def _lab(product: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ohmstead.cli.main", "lab", "run", "G_03", "--product", str(product)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_row_that_cannot_be_read_names_itself(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "station.db")
    store.commit([Put("session", "s-1", b'{"half": ')])
    store.close()
    code, said = refused("--headless", "--data", str(tmp_path))
    wanted = f"{tmp_path / 'station.db'}: the row 'session s-1' cannot be read"
    assert (code, wanted in said.splitlines()[-1], "Traceback" in said) == (2, True, False)
