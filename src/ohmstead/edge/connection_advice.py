"""What to do about a connection attempt that failed, in words for the person who set the station up."""

import errno
import re
import socket
from urllib.parse import quote, urlsplit

import msgspec

from ohmstead.ports.link import LinkRefused, Refusal, Target
from ohmstead.wire.printable import printable
from ohmstead.wire.secrets import redact_url

_LONGEST_LOCATION = 200
_OTHER_VERSION = re.compile(r"ocpp(?!2\.0\.1)\d\.\d(?:\.\d)?", re.IGNORECASE)
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side answered to the HTTP upgrade, as far as it came; nothing of it is repeated as it is."""

    status: int = 0
    location: str = ""
    text: str = ""
    """The beginning of what came."""


def advice(target: Target, refused: LinkRefused, answered: Answered) -> str:
    """Say in half a sentence what is probably wrong and how to mend it; empty: nobody can say."""
    match refused.refusal:
        case Refusal.Unreachable:
            return _unreachable(refused.__cause__)
        case Refusal.TimedOut:
            return (
                "something takes the connection and says nothing: is the port that of the CSMS, is a firewall between?"
            )
        case Refusal.Unauthorized:
            return _unauthorized(target)
        case Refusal.HttpStatus:
            return _status(target, answered)
        case Refusal.Subprotocol:
            return _another_version(f"{refused.detail} {answered.text}")
        case Refusal.InvalidCsmsCertificate:
            return _certificate(refused.detail)
        case Refusal.InvalidTLSVersion:
            return "the CSMS has to speak TLS 1.2 or later (A00.FR.313)"
        case Refusal.InvalidTLSCipherSuite:
            offered = ", ".join(target.cipher_suites)
            return f"the CSMS has to speak one of the product's: {offered} (A00.FR.318)" if offered else ""
        case Refusal.Protocol:
            return _protocol(target, refused.detail, answered.text)


def _unreachable(cause: BaseException | None) -> str:
    if isinstance(cause, socket.gaierror):
        return "the host in the URL has no address: is it written right, and does this machine reach a name server?"
    if isinstance(cause, ConnectionRefusedError):
        return "nobody listens there: does the CSMS run, and is the port right?"
    if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "there is no way to that host"
    return ""


def _unauthorized(target: Target) -> str:
    if target.security_profile == 3:
        return f"the CSMS has to know {target.identity}, and to trust who signed its client certificate"
    if target.without_password:
        return f"the CSMS wants a password of {target.identity}: security profile 1 shows one"
    return f"the CSMS has to know {target.identity} with the password that the station shows"


def _status(target: Target, answered: Answered) -> str:
    status = answered.status
    if 300 <= status < 400:
        return _redirect(answered.location, quote(target.identity, safe=""))
    if status == 404:
        return (
            f"the CSMS knows no such path or station: is {target.identity} entered there, is the URL without "
            "identity right?"
        )
    if target.security_profile == 1 and "https" in answered.text.lower():
        return "the server speaks TLS at this port: the URL has to begin with wss://"
    if _OTHER_VERSION.search(answered.text) or "subprotocol" in answered.text.lower():
        return _another_version(answered.text)
    if status in (200, 405, 426):
        return (
            "there is a web server and no OCPP at this path: right is the WebSocket URL of the CSMS, without identity"
        )
    if status in (502, 503, 504):
        return "a CSMS or a proxy before it takes no stations at present"
    if status == 429:
        return "the CSMS wants fewer attempts: they become rarer by themselves"
    return ""


def _redirect(location: str, identity: str) -> str:
    clean = printable(redact_url(location).partition("?")[0])[:_LONGEST_LOCATION].removesuffix(f"/{identity}")
    scheme = _SCHEMES.get(urlsplit(clean).scheme.lower()) if clean else None
    if scheme is None:
        return "a station follows no redirect: give it the URL that this one leads to"
    right = f"{scheme}://{clean.partition('://')[2]}"
    return f"a station follows no redirect: give it {right}, if that is a CSMS"


def _another_version(text: str) -> str:
    found = _OTHER_VERSION.search(text)
    spoken = f"it speaks {found[0].lower()}" if found else "does it speak another version, such as OCPP 1.6"
    return f"{spoken}{'' if found else '?'}{':' if found else ''} the station speaks ocpp2.0.1 only (Part 4, 3.1.2)"


def _certificate(detail: str) -> str:
    if "expired" in detail or "not yet valid" in detail:
        return "the CSMS needs one that is valid today, or the clock of this machine is wrong"
    if "self-signed" in detail or "self signed" in detail or "issuer" in detail:
        return (
            "none of the station's CSMS roots vouches for it: give it the root that does (--csms-root, "
            "InstallCertificate)"
        )
    return "the host of the URL has to be a name that stands in the certificate"


def _protocol(target: Target, detail: str, text: str) -> str:
    if target.security_profile == 1:
        if text.startswith(("\x15\x03", "\x16\x03")):
            return "the server speaks TLS at this port: the URL has to begin with wss://"
        if not text:
            return "no answer to HTTP: does it speak TLS at this port? Then the URL has to begin with wss://"
        return "is this the port of the CSMS?"
    if "without TLS" in detail:
        return "does it take ws:// (security profile 1) only? Else it is another port"
    if detail.startswith("TLS:") or "ended the connection" in detail:
        return "is this the TLS port of the CSMS?"
    return ""
