"""The private keys of the station's own certificates: made here, kept here, never told (A02.FR.05)."""

from typing import Protocol


class ClientKeys(Protocol):
    """A place for private keys, each known by a name; a name says nothing about its key."""

    async def make(self, *, short: bool = False) -> str:
        """Make a fresh key, keep it durably, and return its name.

        RSA of at least 2048 bits (A00.FR.502); short: of an elliptic curve, P-256 (A00.FR.503), whose certificates are
        half as long.

        Raises StoreFailed when it cannot be kept.
        """
        ...

    def request(self, name: str, common_name: str, organization: str) -> str:
        """Return a certificate signing request for a key: RFC 2986, PEM, signed with it (A02.FR.03).

        Raises KeyError for a name that is not known. An empty organization is left out of the subject.
        """
        ...

    def fault(self, certificate: str, request: str) -> str | None:
        """Return why a PEM certificate is not the one that a signing request asked for, in one line; None: it is.

        It has the request's key and subject, may sign in a handshake, is no authority, and is signed with a sound
        hash. Its dates and its way to a root are not looked at.
        """
        ...

    def key(self, name: str) -> str | None:
        """Return a private key as PEM text for the TLS of this station; None: there is no such key.

        Raises StoreFailed when the disk cannot be read.
        """
        ...

    def discard(self, name: str) -> None:
        """Forget a key; one that is unknown stays unknown, one that cannot be removed now is still in `names`."""
        ...

    def probe(self) -> None:
        """Raise StoreFailed if no key could be kept now."""
        ...

    def names(self) -> frozenset[str]:
        """Return the names of all keys that are kept."""
        ...
