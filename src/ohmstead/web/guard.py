"""Who may speak to the control API: loopback names without a token, anybody with one; never another site's page."""

import hashlib
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from ohmstead.ports.hosts import host_name
from ohmstead.web.limits import PATIENCE, Patience, in_time

COOKIE = "ohmstead"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
)


class Problem(msgspec.Struct, frozen=True):
    """Every error of the control API."""

    error: str
    """What went wrong, one line."""
    hint: str = ""
    """What would be right, where somebody knows."""


def is_loopback(host: str) -> bool:
    """Say whether a host name (or address, without port) can only mean this machine."""
    return host in ("127.0.0.1", "::1", "localhost") or host.endswith(".localhost")


class Gate(ASGIMiddleware):
    """Lets a request through or answers it with a Problem; adds the security headers to every response.

    Without a token the server is bound to loopback, where a page of another site could still reach it: by a plain
    form (so the Origin must be ours) or by a name that it resolves to 127.0.0.1 (so the Host must be a loopback name).
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, token: str | None, patience: Patience = PATIENCE) -> None:
        self._token = token
        self._patience = patience
        self._cookie = hashlib.sha256(b"ohmstead cookie " + token.encode()).hexdigest() if token else ""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Serve one request."""
        receive = in_time(receive, self._patience)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS:
                    headers.setdefault(name, value)
                if cast(HTTPScope, scope)["method"] == "OPTIONS" and "allow" in headers:
                    headers["Allow"] = _methods(scope)
            await send(message)

        headers = Headers.from_scope(scope)
        if (unreadable := _unreadable(headers)) is not None:
            await _answer(send_with_headers, 400, unreadable)
        elif (problem := self._foreign(headers, cast(HTTPScope, scope)["method"])) is not None:
            await _answer(send_with_headers, 403, problem)
        elif self._token is None or self._known(headers):
            await next_app(scope, receive, send_with_headers)
        elif (rest := self._invited(scope)) is not None:
            await self._welcome(send_with_headers, scope["path"] + rest)
        else:
            problem = Problem("a token is needed", "open the URL with ?token=..., or send Authorization: Bearer ...")
            await _answer(send_with_headers, 401, problem, (b"www-authenticate", b'Bearer realm="ohmstead"'))

    def _foreign(self, headers: Headers, method: str) -> Problem | None:
        host = headers.get("host", "")
        name = host_name(host)
        if self._token is None and not is_loopback(name):
            return Problem(f"this server does not answer to the host name {name[:64]!r}", "use localhost or 127.0.0.1")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return Problem("requests from another site's page are refused", "open the page of this server itself")
        if method not in SAFE_METHODS and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return Problem("requests from another site's page are refused", "open the page of this server itself")
        return None

    def _known(self, headers: Headers) -> bool:
        token = self._token or ""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secrets.compare_digest(shown.strip().encode(), token.encode()):
            return True
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and secrets.compare_digest(morsel.value.encode(), self._cookie.encode())

    def _invited(self, scope: Scope) -> str | None:
        """Return the rest of the query if it carries the token of a GET, else None."""
        if cast(HTTPScope, scope)["method"] != "GET":
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown = [value for name, value in query if name == "token"]
        if len(shown) != 1 or not secrets.compare_digest(shown[0].encode(), (self._token or "").encode()):
            return None
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        return f"?{rest}" if rest else ""

    async def _welcome(self, send: Send, location: str) -> None:
        """Trade the token for a cookie, so that it does not stay in the address bar and the history."""
        cookie = f"{COOKIE}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"
        # A path that begins with two slashes would lead to another host.
        location = "/" + location.lstrip("/")
        fields = [(b"location", location.encode()), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": fields})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _methods(scope: Scope) -> str:
    """Return what can be asked of a path: the framework's own answer knows the handler only that came first."""
    taken = {
        method
        for route in scope["litestar_app"].routes
        if isinstance(route, HTTPRoute) and route.path_format == scope["path_template"]
        for method in route.methods
    }
    return ", ".join(sorted(taken))


def _unreadable(headers: Headers) -> Problem | None:
    """Say which header is none."""
    for header, place in (("Host", headers.get("host", "")), ("Origin", headers.get("origin", "").partition("://")[2])):
        try:
            host_name(place)
        except ValueError as error:
            return Problem(f"the header {header} names no place: {error}")
    return None


async def _answer(send: Send, status: int, problem: Problem, *fields: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *fields]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
