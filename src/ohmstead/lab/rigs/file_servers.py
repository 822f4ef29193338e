"""The lab's file server for a protocol (ORS-24)."""

from collections.abc import Callable
from typing import Protocol

from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.file_servers import FTP_INSTALL, can_serve
from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.edge.tls import server_context
from ohmstead.lab.rig import FileServer
from ohmstead.lab.verdict import Inconclusive


class ServedFiles(FileServer, Protocol):
    """A file server on a socket."""

    async def open(self) -> None:
        """Listen."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


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
            from ohmstead.edge.file_servers.sftp import SftpFileServer

            return SftpFileServer(address)
    if not can_serve(protocol):
        raise Inconclusive(f"a file server for {protocol} comes with: {FTP_INSTALL}")
    from ohmstead.edge.file_servers.ftp import FtpFileServer

    return FtpFileServer(address, shown() if protocol == "FTPS" else None)
