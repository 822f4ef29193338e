"""Content that comes in pieces, for tests without a loop of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from ohmstead.edge.signatures import X509Signatures
from ohmstead.ports.firmware import Image, opened


async def pieces(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield what there is."""
    for piece in content:
        yield piece


def signed(certificate: str, signature: str, content: Iterable[bytes]) -> bool:
    """Say whether the key of a certificate signed this content."""
    return asyncio.run(X509Signatures().signed(certificate, signature, pieces(content)))


def image_of(content: Iterable[bytes]) -> Image:
    """Open an image. Raises ImageBroken."""
    return asyncio.run(opened(pieces(content)))
