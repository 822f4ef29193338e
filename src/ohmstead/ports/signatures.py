"""Signatures of firmware: who signed, and whether they did (L01.FR.04, L01.FR.12)."""

from collections.abc import AsyncIterable, Sequence
from datetime import datetime
from typing import Protocol


class Signatures(Protocol):
    """Judges signing certificates and signatures."""

    def fault(self, certificate: str, roots: Sequence[str], now: datetime) -> str | None:
        """Return why a firmware signing certificate is not to be trusted, in one line; None: it is.

        Args:
            certificate: PEM, the signer's first; sub-CAs may follow.
            roots: PEM manufacturer root certificates that are installed.
            now: the moment for which dates are judged, time-zone aware.
        """
        ...

    async def signed(self, certificate: str, signature: str, content: AsyncIterable[bytes]) -> bool:
        """Say whether the key of a certificate signed this content.

        Args:
            certificate: PEM; the first one is the signer's.
            signature: base64.
            content: the whole file in chunks.
        """
        ...
