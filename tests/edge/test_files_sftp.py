"""Files over real SFTP, and who may answer for the name of a server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.ports.files import FileRefused, Reason, TransferFailed, TransferTerms
from tests.edge.file_servers import CONTENT

NAME = "image"
TERMS = TransferTerms(protocols=("SFTP",), silence=5.0)


class SshServer(asyncssh.SSHServer):
    """Lets one user in."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("station", "p@ss")


@asynccontextmanager
async def sftp_server(root: Path, key: asyncssh.SSHKey, port: int = 0) -> AsyncIterator[str]:
    """Serve a folder; yields host and port."""
    server = await asyncssh.create_server(
        SshServer,
        "127.0.0.1",
        port,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
    )
    try:
        yield f"127.0.0.1:{server.get_port()}"
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of the server."""
    folder = tmp_path / "server"
    (folder / "logs").mkdir(parents=True)
    (folder / "fw.bin").write_bytes(CONTENT)
    return folder


@pytest.fixture(scope="module")
def key() -> asyncssh.SSHKey:
    """Return the key of the host."""
    return asyncssh.generate_private_key("ssh-ed25519")


def url(place: str, path: str) -> str:
    """Return a URL with the right credentials."""
    return f"sftp://station:p%40ss@{place}/{path}"


async def failure(transfer: Awaitable[None]) -> Reason:
    """Return why a transfer fails."""
    with pytest.raises(TransferFailed) as caught:
        await transfer
    assert "p@ss" not in str(caught.value)
    return caught.value.reason


def test_a_file_goes_up_into_a_folder_and_under_a_name(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    async def scene() -> None:
        async with sftp_server(root, key) as place:
            files = RemoteFiles(tmp_path / "station")
            steps: list[tuple[int, int | None]] = []
            await files.upload(url(place, "logs"), "a.log", [b"one ", b"two"], TERMS, lambda *at: steps.append(at))
            await files.upload(url(place, "logs/"), "b.log", [CONTENT], TERMS)
            await files.upload(url(place, "logs/named.txt"), "c.log", [b""], TERMS)
            assert steps == [(7, 7)]

    asyncio.run(scene())
    found = {path.name: path.read_bytes() for path in (root / "logs").iterdir()}
    assert found == {"a.log": b"one two", "b.log": CONTENT, "named.txt": b""}


def test_a_file_comes_down_and_a_part_is_continued(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    async def scene() -> None:
        async with sftp_server(root, key) as place:
            files = RemoteFiles(tmp_path / "station")
            steps: list[int] = []
            await files.download(url(place, "fw.bin"), NAME, TERMS)
            assert b"".join(files.read(NAME)) == CONTENT
            with (tmp_path / "station" / NAME).open("r+b") as part:
                part.truncate(100_000)
            await files.download(url(place, "fw.bin"), NAME, TERMS, lambda now, _: steps.append(now))
            assert b"".join(files.read(NAME)) == CONTENT
            assert steps[0] > 100_000
            (root / "fw.bin").write_bytes(b"new")
            await files.download(url(place, "fw.bin"), NAME, TERMS)
            assert b"".join(files.read(NAME)) == b"new"

    asyncio.run(scene())


def test_failures_have_their_names(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    async def scene() -> None:
        async with sftp_server(root, key) as place:
            files = RemoteFiles(tmp_path / "station")
            assert await failure(files.download(url(place, "none.bin"), NAME, TERMS)) is Reason.NotFound
            assert await failure(files.download(url(place, "logs"), NAME, TERMS)) in (Reason.NotFound, Reason.Broken)
            assert await failure(files.upload(url(place, "no/such/"), "a", [b"x"], TERMS)) is Reason.NotFound
            assert await failure(files.download(f"sftp://station:no@{place}/fw.bin", NAME, TERMS)) is Reason.Denied
            assert await failure(files.download(f"sftp://{place}/fw.bin", NAME, TERMS)) is Reason.Denied
            small = TransferTerms(protocols=("SFTP",), limit=10)
            assert await failure(files.download(url(place, "fw.bin"), NAME, small)) is Reason.TooLarge
            with pytest.raises(FileRefused):
                await files.download(url(place, "fw.bin"), NAME, TransferTerms())
        assert await failure(files.download(url(place, "fw.bin"), NAME, TERMS)) is Reason.Unreachable

    asyncio.run(scene())


def test_what_is_no_ssh_server_is_left(tmp_path: Path) -> None:
    async def scene() -> None:
        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 an FTP server\r\n" * 5000)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reason = await failure(RemoteFiles(tmp_path).download(f"sftp://127.0.0.1:{port}/x", NAME, TERMS))
        assert reason in (Reason.BadMessage, Reason.Broken)
        server.close()
        silent = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        short = TransferTerms(protocols=("SFTP",), silence=0.3)
        assert await failure(RemoteFiles(tmp_path).download(f"sftp://127.0.0.1:{port}/x", NAME, short)) is (
            Reason.TimedOut
        )
        silent.close()

    asyncio.run(scene())


# Who the server is


def test_a_host_is_known_by_the_key_that_it_showed_first(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    """A later life knows it too; another key for the same place is somebody else."""

    async def scene() -> None:
        known = tmp_path / "known_hosts"
        async with sftp_server(root, key) as place:
            await RemoteFiles(tmp_path / "station", known_hosts=known).download(url(place, "fw.bin"), NAME, TERMS)
            host, port = place.split(":")
            assert known.read_text("utf-8").startswith(f"[{host}]:{port} ssh-ed25519 ")
            assert known.stat().st_mode & 0o777 == 0o600
        before = known.read_text("utf-8")
        other = asyncssh.generate_private_key("ssh-ed25519")
        async with sftp_server(root, other, int(port)) as place:
            later = RemoteFiles(tmp_path / "station", known_hosts=known)
            assert await failure(later.download(url(place, "fw.bin"), NAME, TERMS)) is Reason.Untrusted
            assert await failure(later.upload(url(place, "logs/"), "a", [b"x"], TERMS)) is Reason.Untrusted
        assert known.read_text("utf-8") == before
        assert not list((root / "logs").iterdir())

    asyncio.run(scene())


def test_a_key_that_a_technician_has_put_there_is_asked_for(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    async def scene() -> None:
        async with sftp_server(root, key) as place:
            host, port = place.split(":")
            known = tmp_path / "known_hosts"
            right = key.export_public_key("openssh").decode()
            wrong = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
            for text in (wrong, "ssh-ed25519 bm90IGEga2V5", "x"):
                known.write_text(f"# the depot's server\n[{host}]:{port} {text}", "utf-8")
                transfer = RemoteFiles(tmp_path / "station").download(url(place, "fw.bin"), NAME, TERMS)
                assert await failure(transfer) is Reason.Untrusted
            known.write_text(f"[{host}]:{port} {right}", "utf-8")
            await RemoteFiles(tmp_path / "station").download(url(place, "fw.bin"), NAME, TERMS)

    asyncio.run(scene())


def test_a_key_that_cannot_be_kept_is_not_taken(tmp_path: Path, root: Path, key: asyncssh.SSHKey) -> None:
    async def scene() -> None:
        (tmp_path / "file").write_text("no folder", "utf-8")
        async with sftp_server(root, key) as place:
            files = RemoteFiles(tmp_path / "station", known_hosts=tmp_path / "file" / "known_hosts")
            assert await failure(files.download(url(place, "fw.bin"), NAME, TERMS)) is Reason.Untrusted

    asyncio.run(scene())
