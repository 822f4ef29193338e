"""The host of a URL by its syntax alone: what no resolver and no socket could take is refused where it comes in."""

import re
from ipaddress import AddressValueError, IPv6Address

LONGEST_NAME, LONGEST_LABEL = 253, 63
"""Characters (RFC 1035, 2.3.4)."""
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
"""RFC 1123, 2.1; networks at home and in containers have names with underscores."""
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_PARTS_OF_IPV4 = 4


def wrong_host(host: str) -> str | None:
    """Say why a host, as `urlsplit` has it, can never be reached; None: it may be. Nothing is looked up."""
    if ":" in host:
        return _wrong_ipv6(host)
    try:
        name = host.encode("idna").decode().removesuffix(".")
    except UnicodeError:
        return "its host is no name (RFC 1123)"
    if len(name) > LONGEST_NAME:
        return f"its host has more than {LONGEST_NAME} characters"
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return None if _is_ipv4(labels) else "its host is no IPv4 address"
    if all(_LABEL.fullmatch(label) and len(label) <= LONGEST_LABEL for label in labels):
        return None
    return "its host is no name (RFC 1123)"


def _wrong_ipv6(host: str) -> str | None:
    try:
        IPv6Address(host.replace("%25", "%", 1))
    except AddressValueError:
        return "its host is no IPv6 address"
    return None


def _is_ipv4(labels: list[str]) -> bool:
    """Take what sockets take: up to four numbers, decimal or not, of which the last one fills what is left."""
    if len(labels) > _PARTS_OF_IPV4 or not all(map(_NUMBER.fullmatch, labels)):
        return False
    *bytes_, last = (int(label[2:] or "0", 16) if label[1:2] in ("x", "X") else int(label) for label in labels)
    return all(number < 256 for number in bytes_) and last < 256 ** (_PARTS_OF_IPV4 + 1 - len(labels))
