"""What a listener tells of connection attempts while they are made, those that fail included."""

from typing import Protocol

from ohmstead.ports.link import TlsFacts


class AttemptWatch(Protocol):
    """Hears of every attempt at one listener; the port is that of the other side, which is known for one attempt.

    Nothing that it hears may be logged as it is: a request holds passwords.
    """

    def tls_failed(self, random: bytes, reason: str) -> None:
        """A TLS handshake failed.

        Args:
            random: of its ClientHello, 32 bytes, which no other attempt has; empty: nobody knows.
            reason: OpenSSL's, such as `NO_SHARED_CIPHER` or `TLSV1_ALERT_UNKNOWN_CA`.
        """
        ...

    def opened(self, port: int, tls: TlsFacts | None) -> None:
        """The way is open for an HTTP request, TLS agreed where there is any."""
        ...

    def answered(self, port: int, head: bytes, status: int) -> None:
        """A request was answered with a status; its first bytes hold request line and headers."""
        ...

    def ended(self, port: int, head: bytes, how: str) -> None:
        """The connection is over; what came first, whatever it was, is in its first bytes.

        Args:
            port: see the class.
            head: those bytes.
            how: the other side ended a WebSocket without having said anything, in one line; empty: it was otherwise.
        """
        ...
