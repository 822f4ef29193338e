"""What `ohmstead run` makes of a product and of the environment, without starting anything."""

from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.run.console import Console
from ohmstead.cli.run.data import default_folder, open_folder
from ohmstead.cli.run.options import RunOptions, RunRefused, check
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig


@pytest.mark.parametrize(
    ("communication", "names"),
    [
        (("Ethernet", "Mobile network"), {"Wired0": "Ethernet", "Wireless0": "Mobile network"}),
        (("Mobile network",), {"Wireless0": "Mobile network"}),
        (("Wi-Fi", "Ethernet", "Mobile network"), ["Wireless0", "Wired0", "Wireless1"]),
        ((), {"Wired0": "Ethernet"}),
    ],
)
def test_interfaces_have_the_names_of_the_specification(
    communication: tuple[str, ...], names: dict[str, str] | list[str]
) -> None:
    """OCPPInterfaceEnumType: Wired0 to Wired3, Wireless0 to Wireless3."""
    product = load("sec1000-240y")
    hardware = msgspec.structs.replace(product.hardware, communication=communication)
    found = msgspec.structs.replace(product, hardware=hardware).interfaces
    assert (found if isinstance(names, dict) else list(found)) == names


def test_state_goes_where_the_desktop_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder("flagship") == tmp_path / "ohmstead" / "flagship"
    monkeypatch.setenv("XDG_STATE_HOME", "relative/paths/do/not/count")
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_folder("flagship") == Path("/home/ada/.local/state/ohmstead/flagship")


def test_the_password_is_made_once(tmp_path: Path) -> None:
    folder = open_folder(tmp_path / "new", "flagship")
    password = folder.password()
    assert 16 <= len(password) <= 40
    assert open_folder(tmp_path / "new", "flagship").password() == password


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunRefused, match="--data"):
        open_folder(tmp_path / "file" / "folder", "flagship")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_loopback_needs_no_token(host: str) -> None:
    check(RunOptions(product="flagship", identity="CS-1", host=host), load("flagship"))


def test_elsewhere_a_token_does() -> None:
    options = RunOptions(product="flagship", identity="CS-1", host="0.0.0.0", token="let-me-in")
    check(options, load("flagship"))
    assert "let-me-in" not in repr(options)
    with pytest.raises(RunRefused, match="--token"):
        check(msgspec.structs.replace(options, token=None), load("flagship"))
    check(msgspec.structs.replace(options, token=None, api=False), load("flagship"))


def test_brackets_in_names_are_said_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal library reads them as its markup unless told otherwise."""
    product = load("sec1000-240y")
    vendor = msgspec.structs.replace(product.identity, vendor_name="Volt [/x]")
    options = RunOptions(product=product.name, identity="CS-1", token="[red]")
    config = StationConfig(identity="CS-1", csms_url="wss://csms.example")
    Console(options, msgspec.structs.replace(product, identity=vendor)).ready(
        config, tmp_path / "[b]", "http://127.0.0.1:1/", None
    )
    said = capsys.readouterr().out
    assert "Volt [/x]" in said
    assert "http://127.0.0.1:1/docs?token=%5Bred%5D" in said
    assert "[b]" in said
