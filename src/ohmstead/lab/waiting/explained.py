"""One attempt to connect in words: what was seen, what is wrong and how to mend it."""

import msgspec

from ohmstead.lab.waiting.request_sentences import dialed, notes, request_sentence
from ohmstead.lab.waiting.seen_attempt import Awaited, SeenAttempt
from ohmstead.lab.waiting.tls_sentences import alert, suites_offered, tls_sentence, versions_offered

SHOWN_BYTES = 24
_HTTP = (b"GET ", b"POST", b"PUT ", b"HEAD", b"OPTI", b"CONN", b"DELE", b"PATC", b"PRI ")


class ExplainedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is told of an attempt."""

    address: str
    facts: tuple[str, ...]
    """What was seen, a few words each: URL, sub-protocols, TLS, Authorization."""
    let_in: bool
    wrong: str
    """Why it was not let in, or ended at once, and how to mend it, in a sentence; empty: neither."""
    notes: tuple[str, ...] = ()
    """What is odd about one that was let in."""
    second: str = ""
    """It takes the place of a connection that was still open, in a sentence."""


def explain(seen: SeenAttempt, awaited: Awaited) -> ExplainedAttempt:
    """Explain an attempt at the endpoint that lets the awaited station in."""
    wrong = _wrong(seen, awaited)
    request = seen.request
    let_in = not wrong and request is not None and seen.status == 101
    if let_in and seen.ending:
        wrong = f"the station ended the connection at once, without a message: {seen.ending}{_because(seen)}"
    told = notes(seen, request, awaited) if let_in and not wrong and request is not None else []
    second = ""
    if let_in and not wrong and seen.replaces:
        second = (
            f"{awaited.identity} made a second connection, from {seen.address}, while the one from {seen.replaces} "
            "was open: "
            "the lab went on with the new one. Unless the station had lost its link, two devices have this identity"
        )
    return ExplainedAttempt(
        address=seen.address, facts=tuple(_facts(seen)), let_in=let_in, wrong=wrong, notes=tuple(told), second=second
    )


def _facts(seen: SeenAttempt) -> list[str]:
    told = []
    request = seen.request
    if request is not None:
        told.append(dialed(request, tls=seen.tls is not None))
        offered = request.listed("sec-websocket-protocol")
        told.append(f"sub-protocols {', '.join(offered)[:100]}" if offered else "no sub-protocol")
    if seen.hello is not None:
        told.append(f"offers {versions_offered(seen.hello)} with {suites_offered(seen.hello)}")
        if seen.hello.server_name and request is None:
            told.append(f"for {seen.hello.server_name}")
    if seen.tls is not None:
        told.append(f"agreed {seen.tls.version}, {seen.tls.cipher_suite}")
    if alert(seen.fault):
        told.append(f"alert {alert(seen.fault)}")
    if request is not None:
        given = request.authorization
        told.append(f"Authorization: {given.scheme[:20]}" if given is not None else "no Authorization header")
    if seen.hello is None and not seen.first:
        told.append("TCP only")
    return told


def _wrong(seen: SeenAttempt, awaited: Awaited) -> str:
    if seen.request is not None and (seen.tls is not None) == awaited.tls:
        return request_sentence(seen, seen.request, awaited)
    return _no_bytes(seen) or _not_tls(seen, awaited) or tls_sentence(seen, awaited) or _no_request(seen)


def _no_bytes(seen: SeenAttempt) -> str:
    if seen.first:
        return ""
    if seen.waited:
        return "it opened a TCP connection and stayed silent: no TLS, no request. Is this the station, or a port check?"
    return (
        "it opened a TCP connection and closed it without a byte, as a port check does; a station would begin to speak"
    )


def _not_tls(seen: SeenAttempt, awaited: Awaited) -> str:
    if seen.hello is not None:
        return ""
    first = seen.first
    if first.startswith((b"PROXY", b"\r\n\r\n\x00")):
        return "a load balancer speaks the PROXY protocol to the lab: turn that off for this target"
    if len(first) > 2 and first[0] & 0x80 and first[2] == 1:
        return "a ClientHello of SSL 2.0: TLS 1.2 is the least (A00.FR.313)"
    if awaited.tls and first.startswith(_HTTP):
        return (
            f"plain HTTP (ws://) at a port of TLS: give the station {awaited.url}, or for security profile 1 start "
            "the lab "
            f"with --csms-listen {awaited.listen.replace('wss://', 'ws://')}"
        )
    if awaited.tls or seen.request is None:
        kind = "TLS" if awaited.tls else "HTTP"
        return f"what came is no {kind} ({_sample(first)}): is this the station's OCPP connection?"
    return ""


def _no_request(seen: SeenAttempt) -> str:
    if seen.head:
        return f"no HTTP request came ({_sample(seen.head)}), where a WebSocket begins with GET"
    return "no whole HTTP request came" if seen.waited else "it closed the connection before a request was whole"


def _because(seen: SeenAttempt) -> str:
    if "1010" in seen.ending:
        return (
            "; it insists on an extension such as compression: turn that off at the station (Part 4 does not need it)"
        )
    return ""


def _sample(data: bytes) -> str:
    shown = data[:SHOWN_BYTES]
    text = shown.decode("ascii", "replace")
    return repr(text) if text.isprintable() else shown.hex(" ")
