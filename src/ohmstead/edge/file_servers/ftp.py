"""A file server over FTP and FTPS: pyftpdlib's, in a thread, open to everybody who reaches it.

It comes with `pip install "ohmstead[files]"`: whoever only meets stations with HTTP(S) or SFTP does without.
"""

import asyncio
import logging
import threading
import warnings
from pathlib import Path

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler, ThrottledDTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.file_servers import Arrived
from ohmstead.edge.file_servers.folder import Folder
from ohmstead.edge.file_servers.http import MOST_CONNECTIONS, SILENCE

logging.getLogger("pyftpdlib").setLevel(logging.WARNING)
TRANSFERS = ("RETR", "STOR")
WAIT = 0.05
"""Seconds between two looks at whether a server that is held answers again."""
TURN = 0.05
"""Seconds after which the thread looks whether it is to end."""
ALL = "elradfmwMT"
"""Every permission of pyftpdlib."""
TRANSFERRING = "elrw"
"""Those that it takes to put a file there, and to get one."""
LISTING = frozenset({"LIST", "NLST", "MLSD", "MLST"})


class FtpFileServer(Folder):
    """A file server over FTP, or with a certificate over FTPS, on a free port.

    Args:
        address: to listen on.
        shown: the certificate of FTPS.
        arrived: told of what arrives, on the thread of the server, which lists nothing then.
        most: connections at once.
    """

    def __init__(
        self,
        address: str,
        shown: Issued | None = None,
        arrived: Arrived | None = None,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        super().__init__("ftp" if shown is None else "ftps", address, arrived)
        self._shown = shown
        self._most = most
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    async def open(self) -> None:
        """Listen on a free port."""
        if self._thread is not None:
            return
        loop = IOLoop()
        server = FTPServer((self._address, 0), self._handler(), ioloop=loop)
        server.max_cons = self._most
        self.port = server.address[1]

        def serve() -> None:
            while not self._stop.is_set():
                server.serve_forever(timeout=TURN, blocking=False)
            server.close_all()

        self._thread = threading.Thread(target=serve, name="ftp", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Stop."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self.remove()

    def _handler(self) -> type:
        """Return the class of a connection: pyftpdlib keeps what is set for a server in the class of its handlers."""
        authorizer = DummyAuthorizer()
        with warnings.catch_warnings():  # that anybody may write is meant
            warnings.simplefilter("ignore", RuntimeWarning)
            authorizer.add_anonymous(str(self.root), perm=ALL if self._arrived is None else TRANSFERRING)
        secure = self._shown is not None
        base, data = (TLS_FTPHandler, TLS_DTPHandler) if secure else (FTPHandler, DTPHandler)
        options: dict[str, object] = {
            "authorizer": authorizer,
            "folder": self,
            "timeout": 10 * SILENCE,
            "log_prefix": "",
            "dtp_handler": type("Data", (_Data, data), {"folder": self, "timeout": 10 * SILENCE}),
        }
        if self._arrived is not None:
            commands = {name: how for name, how in base.proto_cmds.items() if name not in LISTING}
            # The library looks for this one whatever it is given; with a path it would list.
            options["proto_cmds"] = commands | {"STAT": {**commands["STAT"], "arg": False}}
        if self._shown is not None:
            pem = self.root.with_name(f"{self.root.name}.pem")
            pem.touch(mode=0o600)
            pem.write_text(self._shown.key + self._shown.chain, "utf-8")
            options |= {"certfile": str(pem), "tls_control_required": True, "tls_data_required": True}
        return type("Connection", (_Connection, base), options)

    def remove(self) -> None:
        """Remove the folder and what the server shows."""
        self.root.with_name(f"{self.root.name}.pem").unlink(missing_ok=True)
        super().remove()


class _Connection(FTPHandler):  # type: ignore[misc]
    folder: Folder

    def process_command(self, cmd: str, *arguments: object, **named: object) -> None:
        """Do a command; see pyftpdlib. A transfer waits as long as the server is held."""
        if cmd in TRANSFERS:
            self.folder.began(self.fs.fs2ftp(arguments[0]))
            self._transfer(cmd, arguments, named)
        else:
            super().process_command(cmd, *arguments, **named)

    def _transfer(self, cmd: str, arguments: tuple[object, ...], named: dict[str, object]) -> None:
        if self._closed:
            return
        if self.folder.held:
            self.ioloop.call_later(WAIT, self._transfer, cmd, arguments, named)
        elif self.folder.refused:
            self.respond("550 No such file.")
        else:
            super().process_command(cmd, *arguments, **named)

    def on_file_received(self, file: str) -> None:
        """Hear that an upload is whole."""
        self.folder.arrived(self.fs.fs2ftp(file), Path(file))

    def on_incomplete_file_received(self, file: str) -> None:
        """Hear that an upload broke off."""
        Path(file).unlink(missing_ok=True)


class _Data(ThrottledDTPHandler):  # type: ignore[misc]
    folder: Folder
    taken = 0

    @property
    def read_limit(self) -> float:
        """Bytes a second that are taken."""
        return self.folder.rate

    @property
    def write_limit(self) -> float:
        """Bytes a second that are given."""
        return self.folder.rate

    def recv(self, size: int) -> bytes:
        """Take a piece of an upload; see pyftpdlib. One that is too large is cut off."""
        piece: bytes = super().recv(size)
        self.taken += len(piece)
        if self.taken > self.folder.largest:
            self._resp = ("552 More than is taken.", logging.getLogger("pyftpdlib").debug)
            self.close()
            return b""
        return piece

    def _throttle_bandwidth(self, moved: int, limit: float) -> None:
        """Pause after a piece, instead of after a second's worth of them as pyftpdlib does: files are small here."""
        self.del_channel()
        self._cancel_throttler()
        self._throttler = self.ioloop.call_later(moved / limit, self._go_on)

    def _go_on(self) -> None:
        if not self._closed:
            self.add_channel(events=self.ioloop.READ if self.receive else self.ioloop.WRITE)
