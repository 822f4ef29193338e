"""Files over real FTP and FTPS."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.virtual_time import run
from ohmstead.ports.files import Reason, TransferFailed, TransferTerms
from tests.edge.file_servers import CONTENT, authority, ftp_server

NAME = "image"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of the server."""
    folder = tmp_path / "server"
    (folder / "logs").mkdir(parents=True)
    (folder / "fw.bin").write_bytes(CONTENT)
    return folder


def terms(tls: bool) -> TransferTerms:
    """Return terms that trust the server."""
    return TransferTerms(roots=(authority().root,) if tls else (), silence=5.0)


def url(place: str, path: str, tls: bool) -> str:
    """Return a URL with the right credentials."""
    return f"{'ftps' if tls else 'ftp'}://station:p%40ss@{place}/{path}"


async def failure(transfer: Awaitable[None]) -> Reason:
    """Return why a transfer fails."""
    with pytest.raises(TransferFailed) as caught:
        await transfer
    assert "p@ss" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("tls", [False, True], ids=["ftp", "ftps"])
def test_a_file_goes_up_into_a_folder_and_under_a_name(tmp_path: Path, root: Path, tls: bool) -> None:
    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        await files.upload(url(place, "logs", tls), "a.log", [b"one ", b"two"], terms(tls))
        await files.upload(url(place, "logs/", tls), "b.log", [b"three"], terms(tls))
        await files.upload(url(place, "logs/named.txt", tls), "c.log", [b"four"], terms(tls))

    with ftp_server(root, tls=tls) as place:
        run(scene(place), limit=60)
    found = {path.name: path.read_bytes() for path in (root / "logs").iterdir()}
    assert found == {"a.log": b"one two", "b.log": b"three", "named.txt": b"four"}


@pytest.mark.parametrize("tls", [False, True], ids=["ftp", "ftps"])
def test_a_file_comes_down_and_a_part_is_continued(tmp_path: Path, root: Path, tls: bool) -> None:
    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        steps: list[int] = []
        await files.download(url(place, "fw.bin", tls), NAME, terms(tls))
        assert b"".join(files.read(NAME)) == CONTENT
        with (tmp_path / "station" / NAME).open("r+b") as part:
            part.truncate(100_000)
        await files.download(url(place, "fw.bin", tls), NAME, terms(tls), lambda now, _: steps.append(now))
        assert b"".join(files.read(NAME)) == CONTENT
        assert steps[0] > 100_000

    with ftp_server(root, tls=tls) as place:
        run(scene(place), limit=60)


def test_a_file_that_changed_is_taken_from_its_beginning(tmp_path: Path, root: Path) -> None:
    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        await files.download(url(place, "fw.bin", False), NAME, terms(False))
        (root / "fw.bin").write_bytes(b"new")
        await files.download(url(place, "fw.bin", False), NAME, terms(False))
        assert b"".join(files.read(NAME)) == b"new"

    with ftp_server(root) as place:
        run(scene(place), limit=60)


@pytest.mark.parametrize("without", [("SIZE",), ("MDTM",), ("SIZE", "MDTM")], ids="-".join)
def test_a_plain_old_server_will_do(tmp_path: Path, root: Path, without: tuple[str, ...]) -> None:
    """SIZE and MDTM are of RFC 3659; RFC 959 does without."""

    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        await files.download(url(place, "fw.bin", False), NAME, terms(False))
        assert b"".join(files.read(NAME)) == CONTENT
        assert await failure(files.download(url(place, "none.bin", False), NAME, terms(False))) is Reason.NotFound

    with ftp_server(root, without=without) as place:
        run(scene(place), limit=60)


def test_failures_have_their_names(tmp_path: Path, root: Path) -> None:
    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        good = terms(False)
        assert await failure(files.download(url(place, "none.bin", False), NAME, good)) is Reason.NotFound
        assert await failure(files.upload(url(place, "no/such/", False), "a", [b"x"], good)) is Reason.NotFound
        assert await failure(files.download(f"ftp://station:wrong@{place}/fw.bin", NAME, good)) is Reason.Denied
        small = TransferTerms(limit=10)
        assert await failure(files.download(url(place, "fw.bin", False), NAME, small)) is Reason.TooLarge
        assert await failure(files.download("ftp://127.0.0.1:9/x", NAME, good)) is Reason.Unreachable

    with ftp_server(root) as place:
        run(scene(place), limit=60)


@pytest.mark.parametrize(
    "odd", ["logs/%0D%0ADELE%20fw.bin", "logs/%0A", "a%0Db/", "%00"], ids=["command", "line", "return", "zero"]
)
def test_a_path_cannot_carry_a_command(tmp_path: Path, root: Path, odd: str) -> None:
    """Nothing is done, and the transfer ends like every one that fails."""

    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        assert await failure(files.upload(url(place, odd, False), "a.log", [b"x"], terms(False)))
        assert await failure(files.download(url(place, odd, False), NAME, terms(False)))
        assert await failure(files.download(f"ftp://station%0D%0ANOOP:x@{place}/fw.bin", NAME, terms(False)))

    with ftp_server(root) as place:
        run(scene(place), limit=60)
    assert (root / "fw.bin").read_bytes() == CONTENT


def test_ftps_needs_a_root_that_vouches(tmp_path: Path, root: Path) -> None:
    async def scene(place: str) -> None:
        files = RemoteFiles(tmp_path / "station")
        assert await failure(files.download(url(place, "fw.bin", True), NAME, terms(False))) is Reason.Untrusted

    with ftp_server(root, tls=True) as place:
        run(scene(place), limit=60)


def test_a_cancelled_transfer_lets_go_of_its_thread(tmp_path: Path) -> None:
    """The server never answers; the thread ends all the same."""

    async def scene() -> None:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        files = RemoteFiles(tmp_path)
        task = asyncio.create_task(files.download(f"ftp://127.0.0.1:{port}/x", NAME, TransferTerms(silence=600.0)))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.close()

    asyncio.run(asyncio.wait_for(scene(), 60))
