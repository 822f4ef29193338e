"""File servers that overdo it."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.ports.files import Reason, TransferFailed, TransferTerms
from tests.hostile.overdone.table import ALL, BESIDES, BETWEEN, BYTES, MUCH, OFTEN, SHORT, overdo
from tests.hostile.talkers import Talk, Talker, server


async def _failure(folder: Path, scheme: str, talk: Talk, terms: TransferTerms, kind: str) -> Reason:
    files = RemoteFiles(folder / "files")
    async with server(talk) as (port, served):
        url = f"{scheme}://station:p@127.0.0.1:{port}/file"
        with pytest.raises(TransferFailed) as caught:
            if kind == "upload":
                await files.upload(url, "a.log", [b"x" * 1000], terms)
            else:
                await files.download(url, "file", terms)
        assert all(one.sent < MUCH for one in served)
    return caught.value.reason


def _terms(**limits: float) -> TransferTerms:
    return msgspec.structs.replace(TransferTerms(silence=20.0, answer=20.0, whole=40.0), **limits)


@overdo("HTTP server: answer", BYTES)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        for piece in (b"HTTP/1.1 100 Continue\r\n\r\n", b"X-Field: of many\r\n", b"x"):

            async def talk(one: Talker, piece: bytes = piece) -> None:
                await one.head()
                if b"100" not in piece:
                    await one.say(b"HTTP/1.1 200 OK\r\nX: ")
                await one.endlessly(piece)

            assert await _failure(folder, "http", talk, _terms(), kind) is Reason.BadMessage, (kind, piece)


@overdo("HTTP server: answer", BETWEEN)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        assert await _failure(folder, "http", Talker.silently, _terms(silence=SHORT), kind) is Reason.TimedOut


@overdo("HTTP server: answer", ALL)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.endlessly(b"HTTP/1.1 100 Continue\r\n\r\n", every=OFTEN)

    for kind in ("upload", "download"):
        assert await _failure(folder, "http", talk, _terms(answer=SHORT), kind) is Reason.TimedOut


@overdo("HTTP server: answer", BESIDES)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.say(b"HTTP/1.1 307 .\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    for kind in ("upload", "download"):
        assert await _failure(folder, "http", talk, _terms(), kind) is Reason.Redirects


async def _chunks(one: Talker, every: float = 0.0) -> None:
    await one.head()
    await one.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await one.endlessly(b"100\r\n" + b"x" * 256 + b"\r\n", every)


@overdo("HTTP server: file", BYTES)
async def _(folder: Path) -> None:
    assert await _failure(folder, "http", _chunks, _terms(limit=100_000), "download") is Reason.TooLarge


@overdo("HTTP server: file", BETWEEN)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await one.silently()

    assert await _failure(folder, "http", talk, _terms(silence=SHORT), "download") is Reason.TimedOut


@overdo("HTTP server: file", ALL)
async def _(folder: Path) -> None:
    drip = partial(_chunks, every=OFTEN)
    assert await _failure(folder, "http", drip, _terms(whole=SHORT), "download") is Reason.TimedOut


@overdo("FTP server: replies", BYTES)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        for piece in (b"220-Gr\xfc\xdfe\r\n", b"220-x"):
            endless = partial(Talker.endlessly, piece=piece)
            assert await _failure(folder, "ftp", endless, _terms(), kind) is Reason.BadMessage, (kind, piece)


@overdo("FTP server: replies", BETWEEN)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        assert await _failure(folder, "ftp", Talker.silently, _terms(silence=SHORT), kind) is Reason.TimedOut


@overdo("FTP server: replies", ALL)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        drip = partial(Talker.endlessly, piece=b"220-\r\n", every=OFTEN)
        assert await _failure(folder, "ftp", drip, _terms(answer=SHORT), kind) is Reason.TimedOut


def ftp_server(data: int) -> Talk:
    """An FTP server that offers one file at a data port, and has a Latin-1 greeting."""
    replies = {
        "USER": "331 .",
        "PASS": "230 .",
        "TYPE": "200 .",
        "SIZE": "502 .",
        "MDTM": "502 .",
        "RETR": "150 .",
        "PASV": f"227 ok (127,0,0,1,{data >> 8},{data & 255})",
    }

    async def talk(one: Talker) -> None:
        await one.say("220 Grüße\r\n".encode("latin-1"))
        while line := await one.reader.readline():
            await one.say(f"{replies.get(line.decode().split()[0], '502 .')}\r\n".encode())

    return talk


async def _ftp_failure(folder: Path, data: Talk, terms: TransferTerms) -> Reason:
    async with server(data) as (port, _served):
        return await _failure(folder, "ftp", ftp_server(port), terms, "download")


@overdo("FTP server: file", BYTES)
async def _(folder: Path) -> None:
    endless = partial(Talker.endlessly, piece=b"x")
    assert await _ftp_failure(folder, endless, _terms(limit=100_000)) is Reason.TooLarge


@overdo("FTP server: file", BETWEEN)
async def _(folder: Path) -> None:
    assert await _ftp_failure(folder, Talker.silently, _terms(silence=SHORT)) is Reason.TimedOut


@overdo("FTP server: file", ALL)
async def _(folder: Path) -> None:
    drip = partial(Talker.endlessly, piece=b"x", every=OFTEN)
    assert await _ftp_failure(folder, drip, _terms(whole=SHORT)) is Reason.TimedOut
