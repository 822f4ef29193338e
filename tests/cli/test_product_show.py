"""`ohmstead product show` and `list`: what a product file says is text, whatever is in it."""

from importlib import resources
from pathlib import Path

import pytest

from ohmstead.cli.main import execute


def test_a_product_cannot_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = resources.files("ohmstead.product").joinpath("data", "flagship.toml").read_text("utf-8")
    vendor = next(line for line in shipped.splitlines() if line.startswith("vendor_name"))
    serial = next(line for line in shipped.splitlines() if line.startswith("firmware_version"))
    evil = shipped.replace(vendor, 'vendor_name = "A\\u001b[2J\\u202e[red]B\\u0085C"').replace(
        serial, 'firmware_version = "1\\u001b]0;x\\u0007\\nfirmware: 9"'
    )
    (tmp_path / "evil.toml").write_text(evil, "utf-8")
    assert execute(["product", "show", str(tmp_path / "evil.toml")]) == 0
    shown = capsys.readouterr().out
    assert not [mark for mark in "\x1b\x07\x85\u202e" if mark in shown]
    assert r"A\x1b[2J\u202e[red]B\x85C" in shown
