"""What is fuzzed: each target reads bytes that somebody else chose; all that it may do is take or refuse them.

`python -m tests.fuzz.targets NAME SECONDS CORPUS` runs one under atheris, guided by the coverage of our code.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from ohmstead.edge.x509 import X509Reader
from ohmstead.ports.certificate_reader import CertificateRefused
from ohmstead.ports.firmware import ImageBroken, opened
from ohmstead.product.certificate import CertificateError, read
from ohmstead.product.load import parse
from ohmstead.product.write import write
from ohmstead.runtime.outbox import OutboxEntry
from ohmstead.wire.messages import HeartbeatRequest
from ohmstead.wire.peer import Peer
from ohmstead.wire.rows import RowUnreadable, StoredRow, from_row, to_row


def frames(data: bytes) -> None:
    """The peer takes any text as an event; nothing is raised, also while a CALL of ours is outstanding."""
    peer = Peer()
    peer.call(HeartbeatRequest(), "m1", 0.0, 30.0)
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        peer.receive(line)


def certificates(data: bytes) -> None:
    """A PEM text that a peer hands in."""
    reader, text = X509Reader(), data.decode("utf-8", "replace")
    with suppress(CertificateRefused):
        reader.read(text)
    with suppress(CertificateRefused):
        reader.signed_by(text, text)
    with suppress(CertificateRefused):
        reader.identifiers(text, text)


def abstracts(data: bytes) -> None:
    """The abstract of a certificate: what is read can be written and loaded again."""
    try:
        product = read(data.decode("utf-8", "replace")).product
    except CertificateError:
        return
    assert parse(write(product).encode()) == product


def firmware(data: bytes) -> None:
    """A firmware package, in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 7):
            yield data[start : start + 7]

    with suppress(ImageBroken):
        asyncio.run(opened(pieces()))


def rows(data: bytes) -> None:
    """A stored row that is damaged: the error names it."""
    try:
        entry = from_row(StoredRow(data, "outbox 1"), OutboxEntry)
    except RowUnreadable as error:
        assert "outbox 1" in str(error)
        return
    assert from_row(to_row(entry), OutboxEntry) == entry


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (frames, certificates, abstracts, firmware, rows)
}


def main(name: str, seconds: str, corpus: str) -> None:
    """Fuzz one target for so many seconds; what is new goes into the corpus. A crash ends it with a status not 0."""
    import atheris

    logging.disable(logging.CRITICAL)
    target = atheris.instrument_func(TARGETS[name])
    arguments = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup([name, corpus, *arguments], target)
    atheris.Fuzz()


if __name__ == "__main__":
    import atheris as _atheris

    with _atheris.instrument_imports(include=["ohmstead"]):
        for loaded in [loaded for loaded in sys.modules if loaded.startswith("ohmstead")]:
            del sys.modules[loaded]
        from tests.fuzz.targets import main as instrumented
    instrumented(*sys.argv[1:4])
