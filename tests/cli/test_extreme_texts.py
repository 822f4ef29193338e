"""Whatever a file, a certificate or an argument says, a command's output can be read and does nothing to a terminal."""

from importlib import resources
from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.main import execute
from ohmstead.cli.run.console import Console
from ohmstead.cli.run.options import RunOptions
from ohmstead.product.load import load
from ohmstead.product.write import write
from ohmstead.runtime.config import StationConfig
from ohmstead.wire.printable import printable_text

NASTY = {
    "escape": "a\x1b[2J\x1b]0;t\x07b\x08",
    "C1": "a\x9b31m\x85b\x7f",
    "lines": "a\u2028b\u2029c\r\nd",
    "direction": "a\u202eb\u2066c\u200fd",
    "rich": "[bold red]a[/][/no]",
    "path": "../../a/..\\b",
    "markup": "</script>]]><!--&\"'",
    "tags": "a\U000e0041b\ufeffc",
}
CERTIFICATE = resources.files("ohmstead.product").joinpath("data", "flagship.toml").read_text("utf-8")


def product_file(folder: Path, text: str) -> Path:
    """Write a product that says it in every field of its identity, and in names that are free."""
    product = load("flagship")
    identity = msgspec.structs.replace(
        product.identity, vendor_name=text, model=text, firmware_version=text, serial_number=text
    )
    file = folder / "nasty.toml"
    file.write_text(write(msgspec.structs.replace(product, identity=identity), text), "utf-8")
    return file


def commands(folder: Path, text: str) -> list[list[str]]:
    """Return command lines with the text in every place that a file or a person fills."""
    file, odd = str(product_file(folder, text)), text.replace("/", "_")
    (folder / "certificate.txt").write_text(f"OCPP Certificate\n{text}\n{text}\tC-01\tYes\n", "utf-8")
    (folder / "lab.toml").write_text(f"{msgspec.json.encode(text).decode()} = 1\n", "utf-8")
    (folder / "report.json").write_bytes(msgspec.json.encode({text: text}))
    (folder / odd).mkdir()
    return [
        ["product", "show", file],
        ["product", "show", odd],
        ["product", "import", str(folder / "certificate.txt")],
        ["product", "import", odd],
        ["firmware", "pack", "--version", text[:50], "--product", file, "-o", str(folder / odd / "image")],
        ["firmware", "keys", str(folder / odd / "keys"), "--manufacturer", "m"],
        ["firmware", "sign", str(folder / "lab.toml"), "--keys", str(folder / odd / "keys"), "--location", text],
        ["firmware", "sign", str(folder / odd), "--keys", text],
        ["lab", "run", text, "--product", file],
        ["lab", "run", "G_01", "--product", file, "--config", str(folder / "lab.toml")],
        ["lab", "run", "B_09", "--product", file, "-v"],
        ["lab", "list", "--product", file],
        ["lab", "judge", str(folder)],
        ["lab", "judge", str(folder / odd)],
        ["lab", "diff", str(folder), str(folder / odd)],
        ["run", "--product", odd],
        ["run", "--csms", text],
        ["run", "--data", str(folder / "report.json"), "--identity", text],
        ["certify", "--out", str(folder / odd), "--product", text],
        [text],
        ["lab", text],
        [f"--{text}"],
    ]


@pytest.mark.parametrize("what", NASTY)
def test_no_command_passes_on_what_acts(what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for command in commands(tmp_path, NASTY[what]):
        execute(command)
        said = "".join(capfd.readouterr())
        assert printable_text(said) == said, command
        assert "a bug" not in said, command
        assert said, command


@pytest.mark.parametrize("what", NASTY)
@pytest.mark.parametrize("headless", [False, True])
def test_the_station_introduces_itself_in_plain_text(
    what: str, headless: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = NASTY[what]
    product = load(str(product_file(tmp_path, text)))
    console = Console(RunOptions(product="x", identity="x", headless=headless), product)
    console.note(text)
    console.ready(StationConfig(identity=text, csms_url=text, password="x" * 16), tmp_path / text, "http://x/", None)
    console.stopping()
    said = capsys.readouterr()
    assert printable_text(said.out + said.err) == said.out + said.err
    if headless:
        assert msgspec.json.decode(said.out)["identity"] == text


@pytest.mark.parametrize("what", NASTY)
def test_a_product_file_says_what_it_said(what: str, tmp_path: Path) -> None:
    text = NASTY[what]
    file = product_file(tmp_path, text)
    assert load(str(file)).identity.vendor_name == text
    written = file.read_text("utf-8")
    assert printable_text(written) == written
