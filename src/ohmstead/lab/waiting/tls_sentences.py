"""What is wrong with the TLS of an attempt, and how to mend it."""

from ohmstead.lab.client_hello import VERSIONS, ClientHello
from ohmstead.lab.waiting.seen_attempt import Awaited, SeenAttempt

MOST_SUITES = 6
"""Suites that a sentence names; of more, it says how many."""
OTHER_SUITES = {
    "0x1301": "TLS_AES_128_GCM_SHA256",
    "0x1302": "TLS_AES_256_GCM_SHA384",
    "0x1303": "TLS_CHACHA20_POLY1305_SHA256",
    "0xc02f": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "0xc030": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "0xcca8": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "0xcca9": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "0xc013": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "0xc014": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "0xc027": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "0xc028": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "0xc009": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "0xc00a": "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "0xc023": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "0xc024": "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "0xc0ac": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    "0xc0ae": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
    "0x009e": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "0x009f": "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "0x002f": "TLS_RSA_WITH_AES_128_CBC_SHA",
    "0x0035": "TLS_RSA_WITH_AES_256_CBC_SHA",
    "0x003c": "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "0x003d": "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "0x000a": "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
}
"""Number of a suite that OCPP does not name -> name of the registry."""
_TRUST_ALERTS = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "UNSUPPORTED_CERTIFICATE")


def suites_offered(hello: ClientHello) -> str:
    """Return the suites of a ClientHello by name, as far as they are few."""
    named = [OTHER_SUITES.get(suite, suite) for suite in hello.cipher_suites]
    more = len(named) - MOST_SUITES
    return ", ".join(named[:MOST_SUITES]) + (f" and {more} more" if more > 0 else "")


def versions_offered(hello: ClientHello) -> str:
    """Return the versions of a ClientHello: `TLS 1.2, TLS 1.3`."""
    return ", ".join(VERSIONS.get(one, f"{one:#06x}") for one in sorted(hello.versions))


def alert(fault: str) -> str:
    """Return the alert that the station sent, as the RFCs write it; empty where it was not the station that gave up."""
    return fault.partition("_ALERT_")[2].lower() if "_ALERT_" in fault else ""


def tls_sentence(seen: SeenAttempt, awaited: Awaited) -> str:
    """Say what is wrong where no HTTP request came at a port of TLS; empty: nothing, so far."""
    if seen.hello is None:
        return ""
    if not awaited.tls:
        return (
            f"TLS (wss://) at a port without: give the station {awaited.url.replace('wss://', 'ws://')}, or start "
            "the lab "
            f"with --csms-listen {awaited.listen.replace('ws://', 'wss://')}"
        )
    if seen.fault:
        return _failed(seen, seen.hello, awaited)
    if not seen.opened:
        how = "it stayed silent" if seen.waited else "it closed the connection without an alert"
        return f"{how} during the TLS handshake; {_trust(seen.hello, awaited)}"
    if not seen.head:
        then = "sent no request" if seen.waited else "closed without a request and without an alert"
        return (
            f"TLS came about, then the station {then}, as many do with a certificate that they do not accept; "
            f"{_trust(seen.hello, awaited)}"
        )
    return ""


def _failed(seen: SeenAttempt, hello: ClientHello, awaited: Awaited) -> str:
    fault = seen.fault
    if "VERIFY_FAILED" in fault:
        why = fault.partition(": ")[2] or "it is not valid"
        return (
            f"its client certificate is not accepted ({why}): it has to be valid now and signed by the lab's "
            "authority, "
            f"{awaited.root}; in security profile 2 none is shown"
        )
    if fault in ("NO_SHARED_CIPHER", "NO_CIPHERS_AVAILABLE", "NO_CIPHERS_SPECIFIED"):
        return _no_suite(hello, awaited)
    if fault in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL"):
        return _no_version(hello, awaited)
    said = alert(fault)
    if fault.endswith(_TRUST_ALERTS):
        return f"it refuses the lab's certificate (alert {said}); {_trust(hello, awaited)}"
    if fault.endswith("CERTIFICATE_EXPIRED"):
        return (
            "it takes the lab's certificate for expired or not yet valid (alert certificate_expired): set the "
            "clock of the "
            "station; before its first BootNotification it has the time from nobody else"
        )
    if said == "protocol_version":
        return _no_version(hello, awaited)
    if said in ("handshake_failure", "insufficient_security", "illegal_parameter"):
        return f"it ends the TLS handshake (alert {said}): {_suites_of(awaited)}; {_trust(hello, awaited)}"
    if said:
        return f"it ends the TLS handshake with the alert {said}; {_trust(hello, awaited)}"
    return f"the TLS handshake failed ({fault.lower().replace('_', ' ')}); {_suites_of(awaited)}"


def _no_suite(hello: ClientHello, awaited: Awaited) -> str:
    return (
        f"no cipher suite in common: it offers {suites_offered(hello)}; {_suites_of(awaited)}. Turn one of these "
        "on at the "
        "station (A00.FR.318), or correct the cipher suites in the product file"
    )


def _no_version(hello: ClientHello, awaited: Awaited) -> str:
    offered = versions_offered(hello)
    if max(hello.versions, default=0) < 0x0303:
        return (
            f"no TLS version in common: it offers {offered} at most, and TLS 1.2 is the least (A00.FR.313): turn "
            "that on"
        )
    return f"no TLS version in common: it offers {offered}; {_suites_of(awaited)}"


def _suites_of(awaited: Awaited) -> str:
    if not awaited.suites:
        return "the lab speaks TLS 1.2 and TLS 1.3"
    return f"the lab speaks the product's: {', '.join(awaited.suites)}"


def _trust(hello: ClientHello, awaited: Awaited) -> str:
    """Say what a station needs so that it accepts the lab's certificate: its name first, where that is what is "
    "wrong."""
    named = ", ".join(awaited.names)
    name = hello.server_name
    if name and name.lower() not in [one.lower() for one in awaited.names]:
        return (
            f"it dials the name {name}, which is not in the lab's certificate ({named}): give it {awaited.url}, or "
            "start "
            f"the lab with --csms-name {name}"
        )
    return (
        f"install the root certificate {awaited.root} at the station as a CSMS root, and let it dial a name that "
        "the lab's "
        f"certificate has: {named}"
    )
