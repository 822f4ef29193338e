"""File servers of one scene: an FTP server whose every answer can be another one, and an HTTP server of one answer."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tests.hostile.talkers import Talk, Talker, server

GREETING, END = "GREETING", "END"
"""Where the greeting and the last answer of a transfer stand among the commands."""
PASSWORD = "p@ss-word-of-a-file-server"


def replies(data: int) -> dict[str, bytes]:
    """Return what a plain FTP server answers, without the line's end; files go by a data port."""
    return {
        GREETING: b"220 .",
        "USER": b"331 .",
        "PASS": b"230 .",
        "TYPE": b"200 .",
        "PWD": b'257 "/"',
        "CWD": b"550 .",
        "SIZE": b"502 .",
        "MDTM": b"502 .",
        "PASV": b"227 ok (127,0,0,1,%d,%d)" % (data >> 8, data & 255),
        "EPSV": b"229 ok (|||%d|)" % data,
        "STOR": b"150 .",
        "RETR": b"150 .",
        "QUIT": b"221 .",
        END: b"226 .",
    }


async def _data(one: Talker) -> None:
    await one.say(b"x")
    one.writer.write_eof()
    await one.silently()


def _talk(answers: Mapping[str, bytes]) -> Talk:
    async def talk(one: Talker) -> None:
        await one.say(answers[GREETING] + b"\r\n")
        while line := await one.reader.readline():
            verb = line.decode("latin-1").split()[0].upper()
            await one.say(answers.get(verb, b"502 .") + b"\r\n")
            if verb in ("STOR", "RETR") and answers[verb].startswith(b"1"):
                await one.say(answers[END] + b"\r\n")

    return talk


@asynccontextmanager
async def ftp_of(odd: Mapping[str, bytes]) -> AsyncIterator[int]:
    """Serve FTP with other answers to some commands; yields the port. `DATA` in an answer is the data port's number."""
    async with server(_data) as (data, _):
        told = {verb: text.replace(b"DATA", b"%d" % data) for verb, text in odd.items()}
        async with server(_talk(replies(data) | told)) as (port, _served):
            yield port


@asynccontextmanager
async def http_of(answer: bytes) -> AsyncIterator[int]:
    """Answer every HTTP request with these bytes, and end the connection; yields the port. `PORT` is replaced by it."""
    own = 0

    async def talk(one: Talker) -> None:
        first = await one.reader.read(1)
        if first == b"\x16":  # whoever begins with TLS is at the wrong door
            return
        head = first + await one.head()
        if length := re.search(rb"(?i)content-length: ([0-9]+)", head):
            await one.reader.readexactly(int(length[1]))
        await one.say(answer.replace(b"PORT", b"%d" % own))

    async with server(talk) as (port, _served):
        own = port
        yield port
