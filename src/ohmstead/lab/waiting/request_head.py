"""The head of an HTTP request as it came, whatever it is: request line, headers, Basic authentication."""

import binascii
from base64 import b64decode

import msgspec

MOST_HEADERS = 100


class BasicAuthorization(msgspec.Struct, frozen=True, kw_only=True):
    """What an Authorization header says."""

    scheme: str
    """`Basic`, `Bearer` ..."""
    user: str | None = None
    """None: it is not Basic, or cannot be read."""
    password: str | None = None

    def __repr__(self) -> str:
        return f"BasicAuthorization({self.scheme!r}, {self.user!r})"


class RequestHead(msgspec.Struct, frozen=True, kw_only=True):
    """Request line and headers."""

    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""

    def __repr__(self) -> str:
        return f"RequestHead({self.method!r}, {self.target!r})"

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a header, given in lower case."""
        return tuple(value for one, value in self.headers if one == name)

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the items of a header that is a list, over all its lines."""
        return tuple(item.strip() for value in self.all(name) for item in value.split(",") if item.strip())

    @property
    def path(self) -> str:
        """The path of the target, without a query, also where a proxy was asked for a whole URL."""
        target = self.target.partition("?")[0]
        _, absolute, rest = target.partition("://")
        return f"/{rest.partition('/')[2]}" if absolute else target

    @property
    def authorization(self) -> BasicAuthorization | None:
        """The Authorization header; None: there is none."""
        values = self.all("authorization")
        if not values:
            return None
        scheme, _, rest = values[0].partition(" ")
        if scheme.lower() != "basic":
            return BasicAuthorization(scheme=scheme)
        try:
            user, colon, password = b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return BasicAuthorization(scheme=scheme)
        return (
            BasicAuthorization(scheme=scheme, user=user, password=password)
            if colon
            else BasicAuthorization(scheme=scheme)
        )


def read_head(data: bytes) -> RequestHead | None:
    """Read the beginning of a request; None where it does not begin with a request line of HTTP."""
    lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n" if b"\r\n" in data else "\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/") or not parts[0].isalpha():
        return None
    headers = (line.partition(":") for line in lines[1 : MOST_HEADERS + 1])
    return RequestHead(
        method=parts[0],
        target=parts[1],
        version=parts[2],
        headers=tuple((name.strip().lower(), value.strip()) for name, colon, value in headers if colon),
    )
