"""A file server over SFTP: asyncssh's, which lets everybody in."""

import asyncio
from pathlib import Path

import asyncssh

from ohmstead.edge.file_servers.folder import Folder


class SftpFileServer(Folder):
    """A file server over SFTP on a free port; its host key is a fresh one."""

    def __init__(self, address: str) -> None:
        super().__init__("sftp", address)
        self.answering = asyncio.Event()
        self.answering.set()
        self._server: asyncssh.SSHAcceptor | None = None

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        super().hold(held)
        if held:
            self.answering.clear()
        else:
            self.answering.set()

    async def open(self) -> None:
        """Listen on a free port."""
        if self._server is None:
            self._server = await asyncssh.create_server(
                _AnyUser,
                self._address,
                0,
                server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
                sftp_factory=lambda channel: _Files(channel, self),
                allow_pty=False,
            )
            self.port = self._server.get_port()

    async def close(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self.remove()


class _AnyUser(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        """Let them in without a password."""
        del username
        return False


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], folder: SftpFileServer) -> None:
        super().__init__(channel, chroot=str(folder.root).encode())
        self._folder = folder
        self._coming: dict[int, str] = {}

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Begin a transfer; see asyncssh."""
        name = path.decode("utf-8", "replace")
        self._folder.began(name)
        await self._folder.answering.wait()
        if self._folder.refused:
            raise asyncssh.SFTPNoSuchFile("no such file")
        file = super().open(path, pflags, attrs)
        if pflags & asyncssh.FXF_WRITE:
            self._coming[id(file)] = name
        return file

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Read; see asyncssh."""
        await self._pace(size)
        data = super().read(file_obj, offset, size)
        assert isinstance(data, bytes), "files of this machine"
        return data

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write; see asyncssh."""
        if offset + len(data) > self._folder.largest:
            raise asyncssh.SFTPNoSpaceOnFilesystem("more than is taken")
        await self._pace(len(data))
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int), "files of this machine"
        return written

    async def close(self, file_obj: object) -> None:
        """End a transfer; see asyncssh."""
        super().close(file_obj)
        name = self._coming.pop(id(file_obj), None)
        if name is not None:
            self._folder.arrived(name, Path(self.map_path(name.encode()).decode()))

    async def _pace(self, size: int) -> None:
        if self._folder.rate:
            await asyncio.sleep(size / self._folder.rate)
