"""A firmware image as it travels, and the two slots that one can be in.

An image is one line that says what it is, one line of JSON, and the program. This station is simulated, so what counts
of the program is the JSON: a version, what it changes in the product profile, and a fault to be tried out.
"""

import hashlib
from collections.abc import AsyncIterable
from enum import StrEnum
from typing import Annotated, Protocol

import msgspec

MAGIC = b"OHMSTEAD-FIRMWARE 1\n"
MOST_HEADER = 64 * 1024
"""Bytes of the JSON line."""
KIND = "slots"
"""The kind of the row with the slots; its key is empty."""


class ImageFault(StrEnum):
    """What is wrong with an image, though its signature is right."""

    DoesNotBoot = "DoesNotBoot"
    DoesNotConnect = "DoesNotConnect"


class FirmwareKind(StrEnum):
    """Firmware as somebody wants it who tries a station: good, or wrong on purpose."""

    Good = "Good"
    BadSignature = "BadSignature"
    """Its signature is that of another file (InvalidSignature)."""
    UntrustedSigner = "UntrustedSigner"
    """The signing certificate comes from a root that nobody installed (InvalidCertificate)."""
    BrokenAtInstall = "BrokenAtInstall"
    """Signed, but the image does not install (InstallVerificationFailed)."""
    DoesNotBoot = "DoesNotBoot"
    """Installs, but never comes up; a station falls back to what it had."""
    DoesNotConnect = "DoesNotConnect"
    """Comes up, but never reaches the CSMS."""


class Image(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an image says of itself."""

    vendor: str
    model: str
    """The product that it is for."""
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    features: dict[str, bool] = {}
    """Feature ids that are another thing with this firmware."""
    settings: dict[str, str | int | float] = {}
    """Settings (ORS-...) that are."""
    fault: ImageFault | None = None
    size: int = 0
    """Bytes of the program."""
    sha256: str = ""
    """Of the program, hexadecimal."""


class ImageBroken(Exception):
    """A file is no image, or not the whole one; the text says what is wrong."""


class NotInstalled(Exception):
    """A machine could not take a firmware, or does not run it; the text says why."""


class MachineFirmware(Protocol):
    """The firmware of a machine that brings its own: its files are the vendor's, signed as any other (L01).

    The station downloads a file and verifies its signature; what is in it only the machine knows. Every method may be
    called again after a power cut or a mistake.
    """

    async def stage(self, file: AsyncIterable[bytes]) -> Image:
        """Put a firmware beside the one that runs, and return what it is: its version is told to the CSMS.

        Raises:
            ImageBroken: the file is not for this machine, or damaged.
            NotInstalled: it could not be put there.
        """
        ...

    async def activate(self) -> None:
        """Let what was staged run, now or with the restart that follows (`Machine.reboot`).

        The station calls it again when it has restarted: then it has to run. Raises NotInstalled where it does not come
        up; the station rolls it back.
        """
        ...

    async def roll_back(self) -> None:
        """Let what ran before run again; harmless where it does. Raises NotInstalled."""
        ...


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """Two places for firmware: one that has worked, and one for what is to be tried (decided case 15)."""

    proven: Image | None = None
    """None: what the station was made with."""
    candidate: Image | None = None
    boots: int = 0
    """Times that the candidate has been started."""


def packed(image: Image, program: bytes) -> bytes:
    """Return an image file."""
    whole = msgspec.structs.replace(image, size=len(program), sha256=hashlib.sha256(program).hexdigest())
    return MAGIC + msgspec.json.encode(whole) + b"\n" + program


async def opened(chunks: AsyncIterable[bytes]) -> Image:
    """Read an image file to its end and return what it says of itself. Raises ImageBroken."""
    head = b""
    image: Image | None = None
    digest, size = hashlib.sha256(), 0
    async for chunk in chunks:
        body = chunk
        if image is None:
            head += chunk
            found = _header(head)
            if found is None:
                continue
            image, body = found
        digest.update(body)
        size += len(body)
    if image is None:
        raise ImageBroken("it ends before it has said what it is")
    if size != image.size or digest.hexdigest() != image.sha256:
        raise ImageBroken("the program is not what its checksum says")
    return image


def _header(head: bytes) -> tuple[Image, bytes] | None:
    """Return the header and what follows it, once it is there."""
    if not head.startswith(MAGIC[: len(head)]):
        raise ImageBroken("it is no firmware image")
    line, end, rest = head[len(MAGIC) :].partition(b"\n")
    if not end:
        if len(head) > MOST_HEADER:
            raise ImageBroken("its header has no end")
        return None
    try:
        return msgspec.json.decode(line, type=Image), rest
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ImageBroken(f"its header cannot be read: {error}") from None
