"""Real file servers on loopback, in threads: HTTP(S) that misbehaves by path, and FTP(S)."""

import logging
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.tls import server_context

logging.getLogger("pyftpdlib").setLevel(logging.WARNING)
CONTENT = bytes(range(256)) * 1024
TAG = '"version-1"'


@cache
def authority() -> Authority:
    """Return the authority that vouches for the servers."""
    return Authority.generate()


@cache
def identity() -> Issued:
    """Return the servers' certificate."""
    return authority().issue_server(["localhost"], ["127.0.0.1"])


class HttpServer(ThreadingHTTPServer):
    """An HTTP server; what it does is said by the path.

    Attributes:
        received: path -> body of what was uploaded.
        seen: (method, path, headers) of every request.
        content: what every path without a meaning leads to.
        cut_after: bytes after which a download breaks off, once.
    """

    def __init__(self, tls: SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.cut_after: int | None = None
        self.content = CONTENT
        self.release = threading.Event()
        scheme = "http"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://localhost:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients go away in the middle here; nobody has to read of it."""


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _note(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self._note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/post-only") and self.command == "PUT":
            self._answer(405)
        elif self.path.startswith("/status/"):
            self._answer(int(self.path.split("/")[2]))
        elif self.path.startswith("/moved/"):
            self._answer(307, Location="/new/" + self.path.removeprefix("/moved/"))
        else:
            self.server.received[self.path] = body
            self._answer(201)

    do_POST = do_PUT

    def do_GET(self) -> None:
        self._note()
        kind, _, rest = self.path.lstrip("/").partition("/")
        if kind == "status":
            self._answer(int(rest))
        elif kind == "loop":
            self._answer(302, Location="/loop/again")
        elif kind == "to":
            self._answer(302, Location=rest)
        elif kind == "silent":
            self.server.release.wait(30)
        elif kind == "garbage":
            self.wfile.write(b"\x00\x01garbage\r\n\r\n")
            self.close_connection = True
        else:
            self._file()

    def _file(self) -> None:
        start, content = 0, self.server.content
        wanted = self.headers.get("Range", "")
        if wanted and self.headers.get("If-Range") == TAG:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            self._answer(416, Content_Range=f"bytes */{len(content)}")
            return
        self.send_response(206 if start else 200)
        self.send_header("ETag", TAG)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cut, self.server.cut_after = self.server.cut_after, None
        self.wfile.write(content[start : None if cut is None else start + cut])
        self.wfile.flush()
        if cut is not None:
            self.close_connection = True


@contextmanager
def http_server(*, tls: bool = False) -> Iterator[HttpServer]:
    """Run an HTTP(S) server."""
    context = server_context(identity().chain, identity().key) if tls else None
    server = HttpServer(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def ftp_server(root: Path, *, tls: bool = False, without: Collection[str] = ()) -> Iterator[str]:
    """Run an FTP(S) server on a folder, for the user `station` with the password `p@ss`; yields its host and port.

    Args:
        root: the folder.
        tls: FTPS.
        without: commands that it does not know.
    """
    authorizer = DummyAuthorizer()
    authorizer.add_user("station", "p@ss", str(root), perm="elradfmwMT")
    options: dict[str, object] = {"authorizer": authorizer, "log_prefix": "", "auth_failed_timeout": 0}
    base = TLS_FTPHandler if tls else FTPHandler
    options["proto_cmds"] = {name: one for name, one in base.proto_cmds.items() if name not in without}
    if tls:
        pem = root.parent / "server.pem"
        pem.write_text(identity().key + identity().chain)
        options |= {"certfile": str(pem), "tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (base,), options)
    server = FTPServer(("127.0.0.1", 0), handler)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=0.02, blocking=False)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"localhost:{server.address[1]}"
    finally:
        stop.set()
        thread.join()
        server.close_all()
