"""Is this certificate the one of the server that was dialed? By CN and SAN, and without wildcards unless allowed."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address

import msgspec


class Names(msgspec.Struct, frozen=True):
    """The names that a certificate carries."""

    common: tuple[str, ...] = ()
    """commonName of the subject."""
    alternative: tuple[str, ...] = ()
    """DNS names and IP addresses of subjectAltName."""

    @classmethod
    def of(cls, certificate: Mapping[str, object]) -> "Names":
        """Read the names from a certificate in the form of `ssl.SSLObject.getpeercert()`."""
        subject = certificate.get("subject")
        common = tuple(value for rdn in _rows(subject) for key, value in _pairs(rdn) if key == "commonName")
        alternative = _pairs(certificate.get("subjectAltName"))
        return cls(common, tuple(value for key, value in alternative if key in ("DNS", "IP Address")))


def _rows(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    for row in _rows(value):
        if isinstance(row, tuple) and len(row) == 2:
            yield str(row[0]), str(row[1])


def name_fault(names: Names, host: str, allow_wildcards: bool) -> str | None:
    """Return why the certificate does not belong to the host, or None if it does (A00.FR.309, A00.FR.510).

    A certificate that carries a wildcard anywhere is a wildcard certificate, and refused unless AllowCSMSTLSWildcards
    is true; then `*` stands for the one leftmost label. A name in the SAN is as good as the CN, since a CSMS may be
    reached under several (note to A00.FR.511).
    """
    every = (*names.common, *names.alternative)
    wildcards = [name for name in every if "*" in name]
    if wildcards and not allow_wildcards:
        return f"carries the wildcard {wildcards[0]}"
    if any(_matches(name, host) for name in every):
        return None
    return f"is for {', '.join(every) or 'nobody'}, not for {host}"


def _matches(name: str, host: str) -> bool:
    address = _address(host)
    if address is not None:
        return _address(name) == address
    name, host = _folded(name), _folded(host)
    if not name.startswith("*."):
        return bool(name) and "*" not in name and name == host
    _, _, parent = host.partition(".")
    # a wildcard right below a top level domain would name half the world
    return "." in parent and "*" not in name[1:] and name[2:] == parent


def _address(text: str) -> object | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


def _folded(name: str) -> str:
    name = name.rstrip(".").lower()
    try:
        return name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        return name
