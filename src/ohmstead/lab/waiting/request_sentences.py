"""What is wrong with the HTTP request of an attempt, and how to mend it."""

from urllib.parse import unquote, urlsplit

from ohmstead.lab.waiting.request_head import BasicAuthorization, RequestHead
from ohmstead.lab.waiting.seen_attempt import Awaited, SeenAttempt

SUBPROTOCOL = "ocpp2.0.1"
_BEFORE_A_PROXY = ("forwarded", "x-forwarded-for", "via", "x-real-ip")
_LONGEST = 120
"""Characters of what came from outside that are repeated."""


def request_sentence(seen: SeenAttempt, request: RequestHead, awaited: Awaited) -> str:
    """Say why a request cannot become the connection that the lab waits for; empty: it can."""
    return (
        _not_a_websocket(request)
        or _another_path(request, awaited)
        or _no_upgrade(request)
        or _subprotocols(request.listed("sec-websocket-protocol"))
        or _answered(seen)
    )


def notes(seen: SeenAttempt, request: RequestHead, awaited: Awaited) -> list[str]:
    """Say what is odd about a connection that the lab lets in all the same."""
    told = [_authorization(seen, request.authorization, awaited)]
    via = next((f"{name}: {value}" for name in _BEFORE_A_PROXY for value in request.all(name)), "")
    if via:
        told.append(
            f"it came through a proxy ({via[:_LONGEST]}): what that one changes, the lab takes for the station's"
        )
    if request.listed("sec-websocket-extensions"):
        told.append("it offers compression, which the lab does not take; a station goes on without (Part 4, 3.3)")
    return [text for text in told if text]


def _not_a_websocket(request: RequestHead) -> str:
    if request.method == "PRI":
        return "HTTP/2, where a WebSocket of OCPP begins with HTTP/1.1: turn HTTP/2 off at the station or its proxy"
    if request.method == "CONNECT":
        return (
            "the station takes the lab for its proxy (CONNECT): give the lab as CSMS URL, and leave the proxy "
            "setting empty"
        )
    if request.method == "POST" and any("xml" in value or "soap" in value for value in request.all("content-type")):
        return "a SOAP message, as OCPP 1.5 and 1.6S have: the station has to speak OCPP 2.0.1 over WebSocket (JSON)"
    if request.method != "GET":
        return f"HTTP {request.method[:20]}, where a WebSocket begins with GET: is this the station's OCPP connection?"
    if request.version != "HTTP/1.1":
        return f"{request.version[:20]}, where a WebSocket needs HTTP/1.1: is there an old proxy between?"
    if "://" in request.target.partition("?")[0]:
        return (
            "the station takes the lab for its proxy (a whole URL in the request line): leave the proxy setting empty"
        )
    return ""


def _another_path(request: RequestHead, awaited: Awaited) -> str:
    path, right = request.path, f"{awaited.path}/{awaited.identity}"
    base, _, last = path.rpartition("/")
    identity = unquote(last)
    if base == awaited.path and identity == awaited.identity:
        return ""
    if path.rstrip("/") == awaited.path.rstrip("/"):
        return (
            f"the URL ends without the identity: the station appends its own to what it is given, {right} (Part 4, "
            "3.1.1)"
        )
    if path != path.rstrip("/") and unquote(path.rstrip("/")) == right:
        return f"the path ends with a slash after the identity: right is {right}"
    if unquote(path) == f"{right}/{awaited.identity}":
        return f"the identity stands there twice: the station appends it by itself, so give it {awaited.url} only"
    if "//" in path:
        return (
            f"the path {_shown(path)} has two slashes in a row: give the station {awaited.url} without one at the end"
        )
    if identity == awaited.identity:
        return (
            f"the path {_shown(path)} is not {right}: give the station {awaited.url}, or start the lab with "
            f"--csms-listen {awaited.listen}{_shown(base or '/')}"
        )
    if base == awaited.path:
        return _another_identity(identity, awaited)
    return f"the path {_shown(path)} is not {right}: give the station {awaited.url} and the identity {awaited.identity}"


def _another_identity(identity: str, awaited: Awaited) -> str:
    how = ", upper and lower case count" if identity.lower() == awaited.identity.lower() else ""
    return (
        f"the identity {_shown(identity)} is not the one that is tested, {awaited.identity}{how}: set that at the "
        "station, or "
        f"start the lab with --identity {_shown(identity)}"
    )


def _no_upgrade(request: RequestHead) -> str:
    upgrades = "websocket" in [value.lower() for value in request.listed("upgrade")]
    connection = "upgrade" in [value.lower() for value in request.listed("connection")]
    if not upgrades and not request.all("sec-websocket-key"):
        return (
            "an HTTP GET that asks for no WebSocket, as a browser, curl or a health check sends: the station has "
            "to send Upgrade: websocket"
        )
    if not upgrades or not connection:
        missing = "Upgrade: websocket" if not upgrades else "Connection: Upgrade"
        return f"the header {missing} is missing; a reverse proxy between drops it unless it is told to pass it on"
    versions = request.listed("sec-websocket-version")
    if versions != ("13",):
        return f"Sec-WebSocket-Version is {_shown(', '.join(versions)) or 'missing'}, right is 13 (RFC 6455)"
    if len(request.all("sec-websocket-key")) != 1:
        return "Sec-WebSocket-Key has to be there once (RFC 6455)"
    return ""


def _subprotocols(offered: tuple[str, ...]) -> str:
    if SUBPROTOCOL in offered:
        return ""
    if not offered:
        return f"it offers no sub-protocol: the header Sec-WebSocket-Protocol has to name {SUBPROTOCOL} (Part 4, 3.1.2)"
    named = _shown(", ".join(offered))
    if SUBPROTOCOL in [one.lower().strip('"') for one in offered]:
        return f"it offers the sub-protocol {named}: it is written {SUBPROTOCOL}, in lower case and without quotes"
    version = "OCPP 1.6" if "ocpp1.6" in offered else "another version of OCPP"
    return (
        f"it offers the sub-protocol {named} only, which is {version}: switch the station to OCPP 2.0.1, {SUBPROTOCOL}"
    )


def _answered(seen: SeenAttempt) -> str:
    if seen.status in (0, 101):
        return ""
    if seen.status == 400:
        return (
            "the request cannot be understood (HTTP 400): Host has to be there once, the headers as RFC 9112 and "
            "RFC 6455 want them"
        )
    return f"answered HTTP {seen.status}"


def _authorization(seen: SeenAttempt, given: BasicAuthorization | None, awaited: Awaited) -> str:
    if awaited.security_profile == 3:
        return _client_certificate(seen, given)
    if given is None:
        shown = seen.tls is not None and seen.tls.client_certificate is not None
        other = (
            "; it shows a client certificate: is it in security profile 3? Then start the lab with --security-profile 3"
        )
        return (
            f"no Authorization header: security profile {awaited.security_profile} wants identity and password "
            f"(A00.FR.203){other if shown else ''}"
        )
    if given.scheme.lower() != "basic":
        return f"Authorization is {_shown(given.scheme)}, right is Basic with identity and password (A00.FR.203)"
    if given.user is None:
        return "Authorization cannot be read: right is Basic, then Base64 of identity, colon and password (RFC 7617)"
    if given.user != awaited.identity:
        return (
            f"the user of the Authorization header is {_shown(given.user)}, right is the identity, "
            f"{awaited.identity} (A00.FR.204)"
        )
    return _password(given.password or "", awaited.password)


def _client_certificate(seen: SeenAttempt, given: BasicAuthorization | None) -> str:
    if seen.tls is None or seen.tls.client_certificate is None:
        rather = (
            "; it sends a password instead: is it in security profile 2? Then --security-profile 2" if given else ""
        )
        return f"it shows no client certificate, which security profile 3 wants (A00.FR.401){rather}"
    return ""


def _password(given: str, right: str) -> str:
    if given == right:
        return ""
    if given in (right.encode().hex(), right.encode().hex().upper()):
        return "the password comes in hexadecimal, as OCPP 1.6 has it: in OCPP 2.0.1 it is sent as it is (A00.FR.205)"
    if given.strip() == right:
        return "the password has blanks or a line end around it"
    return (
        "the password is not the one that the lab was given (--password-file): the lab goes on, and cases that "
        "look at the "
        "password will fail"
    )


def _shown(text: str) -> str:
    """Return what came from outside, printable and not too long."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]} ..."


def dialed(request: RequestHead, *, tls: bool) -> str:
    """Return the URL that the station seems to have dialed, without a query, which may hold a secret."""
    host = next(iter(request.all("host")), "")
    path = urlsplit(request.path).path
    return _shown(f"{'wss' if tls else 'ws'}://{host}{path}")
