"""`ohmstead firmware ...`: what it makes is what a station believes."""

from datetime import timedelta
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.edge.firmware_package import ROOT
from ohmstead.edge.signatures import X509Signatures
from ohmstead.ports.firmware import ImageFault
from ohmstead.wire.codec import decode
from ohmstead.wire.messages import UpdateFirmwareRequest
from tests.pieces import image_of, signed


def test_keys_image_and_signature_make_a_request_that_a_station_believes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, file = tmp_path / "keys", tmp_path / "fw.bin"
    assert execute(["firmware", "keys", str(keys)]) == 0
    options = ["--version", "2.0.0", "--feature", "C-43=yes", "--fault", "DoesNotBoot", "-o", str(file)]
    assert execute(["firmware", "pack", *options]) == 0
    capsys.readouterr()
    url = "https://files.example/fw.bin"
    assert execute(["firmware", "sign", str(file), "--keys", str(keys), "--location", url, "--request-id", "7"]) == 0
    request = decode(UpdateFirmwareRequest, capsys.readouterr().out)
    assert (request.request_id, request.firmware.location) == (7, url)
    certificate, signature = request.firmware.signing_certificate or "", request.firmware.signature or ""
    judge = X509Signatures()
    tomorrow = request.firmware.retrieve_date_time + timedelta(days=1)
    assert judge.fault(certificate, [(keys / ROOT).read_text()], tomorrow) is None
    assert signed(certificate, signature, [file.read_bytes()])
    image = image_of([file.read_bytes()])
    assert (image.version, image.features, image.fault) == ("2.0.0", {"C-43": True}, ImageFault.DoesNotBoot)


def test_a_signature_alone_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys, file = tmp_path / "keys", tmp_path / "any.bin"
    file.write_bytes(b"anything")
    execute(["firmware", "keys", str(keys)])
    capsys.readouterr()
    assert execute(["firmware", "sign", str(file), "--keys", str(keys)]) == 0
    assert len(capsys.readouterr().out.split()) == 1


def test_keys_are_replaced_only_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "keys"
    execute(["firmware", "keys", str(keys)])
    before = (keys / ROOT).read_text()
    assert execute(["firmware", "keys", str(keys)]) == 2
    assert "--force" in capsys.readouterr().err
    assert (keys / ROOT).read_text() == before
    assert execute(["firmware", "keys", str(keys), "--force"]) == 0
    assert (keys / ROOT).read_text() != before


@pytest.mark.parametrize(
    "arguments",
    [
        ["sign", "none.bin", "--keys", "nowhere"],
        ["pack", "--version", "", "-o", "x.bin"],
        ["pack", "--version", "1", "--feature", "C-43", "-o", "x.bin"],
        ["pack", "--version", "1", "--product", "none.toml", "-o", "x.bin"],
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(["firmware", *arguments]) == 2
    assert list(tmp_path.iterdir()) == []
