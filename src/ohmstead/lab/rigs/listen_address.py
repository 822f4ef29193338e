"""Where the lab listens, and what a station calls it."""

import socket
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

LOOPBACK = "127.0.0.1"
ANY = ("0.0.0.0", "::")


class PlaceError(ValueError):
    """A `--csms-listen` that cannot be used."""


class ListenAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the lab listens, and what a station calls it."""

    tls: bool
    address: str
    """To bind: one of this machine, or 0.0.0.0 for all."""
    port: int
    path: str
    names: tuple[str, ...]
    """Host names that stations may dial; the first one stands in URLs, unless there is none."""
    ips: tuple[str, ...]
    by_address: bool = False
    """Nobody has given names, and it listens on one address only, to which a name of this machine need not lead."""

    @classmethod
    def parse(cls, url: str, names: tuple[str, ...] = ()) -> "ListenAddress":
        """Read `wss://0.0.0.0:9000/ocpp` with the names of this machine, or those given. Raises PlaceError."""
        if not url:
            raise PlaceError("--csms-listen is missing: ws://address:port or wss://address:port")
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise PlaceError(f"{url}: {error}") from None
        if parts.scheme not in ("ws", "wss") or not parts.hostname or port is None:
            raise PlaceError(f"{url} is not ws://address:port or wss://address:port")
        address = parts.hostname
        given = names or _own_names(address)
        return cls(
            tls=parts.scheme == "wss",
            address=address,
            port=port,
            path=parts.path.rstrip("/") or "/ocpp",
            names=tuple(name for name in given if not _is_ip(name)),
            by_address=not names and _is_ip(address) and address not in ANY,
            ips=tuple(dict.fromkeys([name for name in given if _is_ip(name)] + _own_ips(address))),
        )

    @property
    def host(self) -> str:
        """What stands in URLs."""
        if self.by_address:
            return f"[{self.address}]" if ":" in self.address else self.address
        return (self.names or self.ips)[0]

    @property
    def reachable(self) -> str:
        """An address of this machine that the station can reach, for other servers."""
        return self.ips[0] if self.address in ANY else self.address


def _own_names(address: str) -> tuple[str, ...]:
    if address not in ANY and ip_address_or_none(address) is None:
        return (address,)
    return tuple(dict.fromkeys((socket.getfqdn(), socket.gethostname(), "localhost")))


def _own_ips(address: str) -> list[str]:
    if address not in ANY:
        return [address] if _is_ip(address) else [LOOPBACK]
    found = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: this only asks which address the way out has.
        probe.connect(("192.0.2.1", 9))
        found.append(str(probe.getsockname()[0]))
    return [*found, LOOPBACK]


def ip_address_or_none(text: str) -> str | None:
    """Return the text if it is an IP address."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_ip(text: str) -> bool:
    return ip_address_or_none(text) is not None
