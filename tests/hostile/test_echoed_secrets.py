"""File servers that say again what they were told: credentials and signatures of a URL are in no log."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ohmstead.cli.logs import Formatter
from ohmstead.edge.virtual_time import run
from tests.hostile.file_talk import END, GREETING, ftp_of, http_of
from tests.hostile.test_hostile_file_servers import station

SECRET = "MARKEDsecret-of-a-file-server"
USER = "MARKEDuser"
BASIC = base64.b64encode(f"{USER}:{SECRET}".encode())
ECHOES = {
    "plain": SECRET.encode(),
    "both": f"{USER}:{SECRET}".encode(),
    "quoted": SECRET.replace("-", "%2D").encode(),
    "Basic": b"Basic " + BASIC,
    "the header": b"Authorization: Basic " + BASIC,
    "in a URL": f"ftp://{USER}:{SECRET}@localhost/".encode(),
    "late": b"x" * 80 + SECRET.encode(),
    "later": b"x" * 180 + SECRET.encode(),
}
VERBS = {GREETING: b"530", "USER": b"530", "PASS": b"530", "PWD": b"550", "STOR": b"553", "RETR": b"550", END: b"426"}
HTTP = {
    "reason": b"HTTP/1.1 403 ECHO\r\nContent-Length: 0\r\n\r\n",
    "field": b"HTTP/1.1 200 OK\r\nX: ECHO\r\nContent-Length: 1\r\n\r\nx",
    "no field": b"HTTP/1.1 200 OK\r\nECHO\x00\r\n\r\n",
    "no status": b"ECHO\r\n\r\n",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: ECHO\r\n\r\n",
    "coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: ECHO\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nECHO\r\n",
    "place": b"HTTP/1.1 307 .\r\nLocation: http://127.0.0.1:1/ECHO\r\nContent-Length: 0\r\n\r\n",
    "another place": b"HTTP/1.1 307 .\r\nLocation: http://127.0.0.1:OTHER/ECHO\r\nContent-Length: 0\r\n\r\n",
    "itself": b"HTTP/1.1 307 .\r\nLocation: /ECHO\r\nContent-Length: 0\r\n\r\n",
    "other scheme": b"HTTP/1.1 307 .\r\nLocation: gopher://ECHO/ECHO\r\nContent-Length: 0\r\n\r\n",
    "ETag": b'HTTP/1.1 200 OK\r\nETag: "ECHO"\r\nContent-Length: 2\r\n\r\nx',
    "body": b"HTTP/1.1 500 .\r\nContent-Length: 100\r\n\r\nECHO",
}
NOTHING = b"HTTP/1.1 404 .\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def everything() -> Iterator[list[str]]:
    """Collect what is on stderr with -v."""
    lines: list[str] = []

    class All(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = All(), logging.getLogger()
    handler.setFormatter(Formatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def leaks(lines: list[str]) -> list[str]:
    """Return what holds the secret, or enough of it to begin guessing."""
    parts = (SECRET[:12], SECRET[4:16], BASIC.decode()[:12], BASIC.decode()[-12:])
    return [line for line in lines if any(part in line for part in parts)]


@pytest.mark.parametrize("echo", ECHOES)
def test_an_ftp_server_that_echoes_fills_no_log(echo: str, tmp_path: Path) -> None:
    async def scene() -> list[str]:
        with everything() as lines:
            async with station(tmp_path) as here:
                for verb, code in VERBS.items():
                    for reply in (code + b" " + ECHOES[echo], ECHOES[echo], code + b"-a\r\n" + ECHOES[echo]):
                        said = reply if reply[3:4] != b"-" else reply + b"\r\n" + code + b" ."
                        async with ftp_of({verb: said}) as port:
                            await here.ends(f"ftp://{USER}:{SECRET}@127.0.0.1:{port}/a")
            return lines

    lines = run(scene(), limit=10_000)
    assert any("log upload to ftp://127.0.0.1" in line for line in lines)
    assert leaks(lines) == []


@pytest.mark.parametrize("echo", ECHOES)
def test_an_http_server_that_echoes_fills_no_log(echo: str, tmp_path: Path) -> None:
    async def scene() -> list[str]:
        with everything() as lines:
            async with station(tmp_path) as here, http_of(NOTHING) as other:
                for answer in HTTP.values():
                    told = answer.replace(b"OTHER", b"%d" % other).replace(b"ECHO", ECHOES[echo])
                    async with http_of(told) as port:
                        await here.ends(f"http://{USER}:{SECRET}@127.0.0.1:{port}/a")
                        await here.ends(f"http://127.0.0.1:{port}/a?sig={SECRET}")
            return lines

    lines = run(scene(), limit=10_000)
    assert any("log upload to http://127.0.0.1" in line for line in lines)
    assert leaks(lines) == []
