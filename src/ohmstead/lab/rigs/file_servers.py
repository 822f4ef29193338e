"""The lab's file server for a protocol (ORS-24)."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol

from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.tls import server_context
from ohmstead.lab.rig import FileServer
from ohmstead.lab.rigs.file_server import HttpFileServer
from ohmstead.lab.verdict import Inconclusive


class ServedFiles(FileServer, Protocol):
    """A file server on a socket."""

    async def open(self) -> None:
        """Listen."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


def can_serve(protocol: str) -> bool:
    """Say whether this lab was installed with a file server for a protocol."""
    return not protocol.startswith("FTP") or find_spec("pyftpdlib") is not None


def file_server(protocol: str, address: str, shown: Callable[[], Issued]) -> ServedFiles:
    """Return a file server that does not listen yet. Raises Inconclusive for what this lab was installed without.

    Args:
        protocol: `HTTP`, `HTTPS`, `FTP`, `FTPS` or `SFTP`.
        address: to listen on, which stands in its URLs.
        shown: returns the certificate of a server with TLS.
    """
    match protocol:
        case "HTTP":
            return HttpFileServer(address)
        case "HTTPS":
            issued = shown()
            return HttpFileServer(address, tls=server_context(issued.chain, issued.key))
        case "SFTP":
            from ohmstead.lab.rigs.sftp_server import SftpFileServer

            return SftpFileServer(address)
    if not can_serve(protocol):
        raise Inconclusive(f"a file server for {protocol} comes with: pip install 'ohmstead[files]'")
    from ohmstead.lab.rigs.ftp_server import FtpFileServer

    return FtpFileServer(address, shown() if protocol == "FTPS" else None)
