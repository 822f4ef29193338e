"""The Signatures port with real X.509; `cryptography` is imported when the first certificate is judged (15 MB)."""

from collections.abc import AsyncIterable, Sequence
from datetime import datetime


class X509Signatures:
    """The Signatures port."""

    def fault(self, certificate: str, roots: Sequence[str], now: datetime) -> str | None:
        """Return why a signing certificate is not to be trusted, or None; see the port."""
        from ohmstead.edge.firmware_signing import fault

        return fault(certificate, roots, now)

    async def signed(self, certificate: str, signature: str, content: AsyncIterable[bytes]) -> bool:
        """Say whether the certificate's key signed the content; see the port."""
        from ohmstead.edge.firmware_signing import signed

        return await signed(certificate, signature, content)
