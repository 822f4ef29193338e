"""Why a TLS handshake failed, in the kinds for which the specification has security events."""

import ssl
import struct

from ohmstead.ports.link import Refusal

_ALERT, _HANDSHAKE = 21, 22
_RECORDS = range(20, 25)
_TLS12 = 0x0303
_VERSION_REASONS = frozenset(
    {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION", "VERSION_TOO_LOW"}
)
_SUITE_REASONS = frozenset(
    {"WRONG_CIPHER_RETURNED", "UNKNOWN_CIPHER_RETURNED", "TLSV1_ALERT_INSUFFICIENT_SECURITY", "DH_KEY_TOO_SMALL"}
)
_UNWELCOME_REASONS = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    }
)


class TlsRefused(ssl.SSLError):
    """A TLS handshake failed, and this is why.

    Attributes:
        refusal: the kind of failure.
        detail: one line for the log, without secrets.
    """

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(f"{refusal}: {detail}")
        self.refusal = refusal
        self.detail = detail


class Records:
    """What the headers of the records tell that came in during a handshake.

    OpenSSL's error for a server of TLS 1.1 and for one without a suite in common is the same alert, because the suites
    of a station exist in TLS 1.2 only; the version in the header of the alert tells them apart.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.server_hello = False
        self.plain = False
        self.alert_version: int | None = None
        self._begun = False

    def feed(self, data: bytes) -> None:
        """Look at bytes as they arrive, in order."""
        self._rest += data
        if not self._begun and self._rest:
            # Kinds of records are 20 to 24; text begins with a letter or a digit.
            self._begun, self.plain = True, self._rest[0] not in _RECORDS
        while len(self._rest) >= 5:
            kind, version, length = struct.unpack(">BHH", self._rest[:5])
            self.server_hello = self.server_hello or kind == _HANDSHAKE
            if kind == _ALERT:
                self.alert_version = version
            if len(self._rest) < 5 + length:
                return
            self._rest = self._rest[5 + length :]


def refused(error: ssl.SSLError, records: Records | None = None) -> TlsRefused:
    """Translate an error of OpenSSL into the kind of refusal that the specification distinguishes."""
    if isinstance(error, TlsRefused):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsRefused(Refusal.InvalidCsmsCertificate, f"server certificate: {error.verify_message}")
    if records is not None and records.plain:
        return TlsRefused(Refusal.Protocol, "TLS: the server answers without TLS")
    reason = error.reason or "the handshake broke off"
    said = reason.lower().replace("_", " ")
    if reason in _VERSION_REASONS:
        return TlsRefused(Refusal.InvalidTLSVersion, f"no TLS version in common: {said}")
    if reason in _SUITE_REASONS:
        return TlsRefused(Refusal.InvalidTLSCipherSuite, f"no cipher suite in common: {said}")
    if reason in _UNWELCOME_REASONS:
        return TlsRefused(Refusal.Unauthorized, f"the server refuses the client certificate: {said}")
    if reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" and records is not None:
        return _failure_alert(records)
    return TlsRefused(Refusal.Protocol, f"TLS: {said}")


def _failure_alert(records: Records) -> TlsRefused:
    if records.server_hello:  # version and suite are agreed by then: what is missing is the client's certificate
        return TlsRefused(Refusal.Unauthorized, "the server wants a client certificate that it was not shown")
    if records.alert_version is not None and records.alert_version < _TLS12:
        return TlsRefused(Refusal.InvalidTLSVersion, "the server speaks less than TLS 1.2")
    return TlsRefused(Refusal.InvalidTLSCipherSuite, "no cipher suite in common")
