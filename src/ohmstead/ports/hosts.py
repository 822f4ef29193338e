"""The Host header of a request: the place that whoever asks believes to speak to (RFC 9112, 3.2)."""

import re
from ipaddress import IPv6Address

_PLACE = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._~!$&'()*+,;=%-]*))(?::(?P<port>[0-9]*))?")
HIGHEST_PORT = 65535


def host_name(header: str) -> str:
    """Return the name or address in a Host header, in lower case, without port and brackets.

    Raises ValueError, in one sentence, for what RFC 3986 (3.2.2) does not call a host: user names, paths, blanks.
    """
    match = _PLACE.fullmatch(header)
    if match is None:
        raise ValueError("it is no host name or address with a port or without")
    port, address = match["port"] or "0", match["address"]
    if len(port) > len(str(HIGHEST_PORT)) or int(port) > HIGHEST_PORT:
        raise ValueError(f"its port is beyond {HIGHEST_PORT}")
    if address is None:
        return str(match["name"]).lower()
    try:
        IPv6Address(address)
    except ValueError:
        raise ValueError("it is no IPv6 address") from None
    return str(address).lower()
