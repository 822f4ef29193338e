"""ftplib's clients with bounds: replies are counted, whatever bytes they are of, and the data connection is known."""

import ftplib
import io
import socket
import ssl
from collections.abc import Callable
from typing import TextIO

from ohmstead.edge.files_limits import Ration

LONGEST_LINE = 8192
"""Characters of a line of a reply."""


class Client(ftplib.FTP):
    """FTP in clear.

    Attributes:
        ration: counts what the server says on the control connection.
        data: the data connection, once there is one.
        on_data: called, in the thread, when there is one.
    """

    maxline = LONGEST_LINE
    ration = Ration(0)
    data: socket.socket | None = None
    on_data: Callable[[], None] = staticmethod(lambda: None)
    _replies: TextIO | None = None

    @property
    def file(self) -> TextIO | None:
        """The replies as text; bytes that are no UTF-8 (Latin-1 greetings are common) are written as escapes."""
        return self._replies

    @file.setter
    def file(self, replies: TextIO | None) -> None:
        if isinstance(replies, io.TextIOWrapper):
            replies.reconfigure(errors="backslashreplace")
        self._replies = replies

    def getline(self) -> str:
        """Return a line of a reply. Raises TooTalkative, besides what ftplib raises."""
        line = super().getline()
        self.ration.take(len(line) + 1)
        return line

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Open a data connection; see ftplib."""
        connection, size = self._open_data(cmd, rest)
        self.data = connection
        self.on_data()
        return connection, size

    def _open_data(self, cmd: str, rest: int | str | None) -> tuple[socket.socket, int | None]:
        return ftplib.FTP.ntransfercmd(self, cmd, rest)


class SecureClient(Client, ftplib.FTP_TLS):
    """AUTH TLS; data connections continue the session of the control connection, as many servers demand."""

    def _open_data(self, cmd: str, rest: int | str | None) -> tuple[socket.socket, int | None]:
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if not self._prot_p:  # type: ignore[attr-defined]  # ftplib's own, since its beginning
            return plain, size
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(plain, server_hostname=self.host, session=session), size


class ImplicitClient(SecureClient):
    """TLS from the first byte."""

    def connect(
        self,
        host: str = "",
        port: int = 0,
        timeout: float | None = None,
        source_address: tuple[str, int] | None = None,
    ) -> str:
        """Connect and return the greeting; see ftplib."""
        self.host, self.port = host or self.host, port or self.port
        plain = socket.create_connection((self.host, self.port), timeout or self.timeout, source_address)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        self.af = plain.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome
