"""Who may answer for the name of an SFTP server: keys in a file of OpenSSH's form, and trust on first use.

OCPP has no message that brings the key of a host, and no authority vouches for it. So a key stands in `known_hosts`
because a technician has put it there, or because the host showed it when the station came for the first time; from then
on the host has to show the same one (RFC 4251, 4.1). The first visit is the one that can be deceived: what is fetched
is firmware, whose signature is checked apart from this (L01), what is brought are logs, without secrets. Whoever wants
none of that risk puts the key there before, or does without SFTP.
"""

import logging
from pathlib import Path

import asyncssh

from ohmstead.edge.private_files import private_directory, write_private

_log = logging.getLogger(__name__)

PORT = 22
Keys = list[asyncssh.SSHKey]


class KnownHosts:
    """The keys of hosts.

    Args:
        path: of the file; it is made when the first key is added.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def trusted(self, host: str, port: int) -> tuple[Keys, Keys, Keys]:
        """Return the keys of a host, those of authorities for it, and those that are revoked.

        A file that cannot be read is an error, not an empty one. Raises OSError, ValueError.
        """
        if not self._path.exists():
            return [], [], []
        keys, authorities, revoked, *_ = asyncssh.match_known_hosts(
            asyncssh.read_known_hosts(str(self._path)), host, "", port
        )
        return list(keys), list(authorities), list(revoked)

    def judge(self, host: str, port: int) -> asyncssh.SSHClient:
        """Return what decides about the key that a host shows, where it is not one of those."""
        known = any(self.trusted(host, port)) or self._is_named(host, port)
        return asyncssh.SSHClient() if known else _FirstVisit(self, host, port)

    def _is_named(self, host: str, port: int) -> bool:
        """Say whether a line is about a host, whatever its key: one that cannot be read is no leave to take any."""
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        names = [name for line in lines if line.strip()[:1] not in ("", "#") for name in line.split()[0].split(",")]
        return host in names or _place(host, port) in names

    def add(self, host: str, port: int, key: asyncssh.SSHKey) -> None:
        """Keep the key of a host. Raises OSError."""
        before = self._path.read_text("utf-8") if self._path.exists() else ""
        place = _place(host, port)
        private_directory(self._path.parent)
        line = f"{place} {key.export_public_key('openssh').decode().strip()}\n"
        write_private(self._path, before + ("" if before.endswith("\n") or not before else "\n") + line)
        _log.warning("%s is known by the key %s from now on, seen for the first time", place, key.get_fingerprint())


def _place(host: str, port: int) -> str:
    """Return how a line names a host."""
    return host if port == PORT else f"[{host}]:{port}"


class _FirstVisit(asyncssh.SSHClient):
    """Takes the key of a host of which nothing is known, and keeps it."""

    def __init__(self, hosts: KnownHosts, host: str, port: int) -> None:
        self._hosts = hosts
        self._host = host
        self._port = port

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Say whether the host is who it says; a key that cannot be kept is not taken either."""
        del host, addr, port
        try:
            self._hosts.add(self._host, self._port, key)
        except OSError as error:
            _log.error("the key of %s cannot be kept: %s", self._host, error)
            return False
        return True
