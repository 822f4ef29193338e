"""The file servers beside a station that runs: logs that came, and firmware that was made for it to fetch."""

from typing import Annotated, Literal, Protocol

import msgspec

from ohmstead.ports.bench import Utc, one_of
from ohmstead.ports.firmware import FirmwareKind
from ohmstead.wire.messages import FirmwareStatusEnum, LogEnum, UpdateFirmwareStatusEnum

VERSION = r"[A-Za-z0-9._+-]{1,50}"
"""What a version of firmware made here looks like; firmwareVersion of a BootNotification has 50 characters."""
FileProtocol = Literal["HTTP", "HTTPS", "FTP", "FTPS"]


class FilePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A URL, and the protocol of it."""

    protocol: FileProtocol
    url: str


class ReceivedLog(msgspec.Struct, frozen=True, kw_only=True):
    """A log that a station has put on a file server."""

    id: int
    name: str
    """What the station calls it."""
    size: int
    """Bytes."""
    at: Utc
    """When it was whole, UTC."""
    station: str | None = None
    request_id: int | None = None
    """requestId of the GetLog that it answers; None: it answers none that is known of."""
    log_type: Annotated[str, one_of(LogEnum)] | None = None
    """LogEnumType of that GetLog."""


class MadeFirmware(msgspec.Struct, frozen=True, kw_only=True):
    """A firmware that lies on the file servers, with what an UpdateFirmware says of it."""

    id: int
    version: str
    kind: FirmwareKind
    size: int
    """Bytes."""
    at: Utc
    expected: Annotated[str, one_of(dict.fromkeys((*FirmwareStatusEnum, *UpdateFirmwareStatusEnum)))]
    """How an update with it has to end: a FirmwareStatusEnumType, or the status of the response."""
    locations: tuple[FilePlace, ...]
    signing_certificate: str
    """PEM."""
    signature: str
    """Base64."""


class FilesView(msgspec.Struct, frozen=True, kw_only=True):
    """All there is, at one instant."""

    places: tuple[FilePlace, ...] = ()
    """Where logs can go (remoteLocation): a folder for each protocol of the product that is served, in its order."""
    not_served: str = ""
    """Which protocols of the product are not served here, and why; empty: all are."""
    not_signed: str = ""
    """Why no firmware can be made here; empty: it can."""
    logs: tuple[ReceivedLog, ...] = ()
    """Newest first."""
    firmware: tuple[MadeFirmware, ...] = ()
    """Newest first."""


class UnknownLog(Exception):
    """There is no such log, or it has made room for newer ones."""


class FirmwareNotMade(Exception):
    """No firmware can be made here; the text says why."""


class FileService(Protocol):
    """File servers, as their page sees them."""

    async def open(self) -> None:
        """Listen, where that has not begun yet: what nobody looks at costs nothing."""
        ...

    def view(self) -> FilesView:
        """Return all there is; before `open` no places."""
        ...

    def log(self, number: int) -> bytes:
        """Return a log. Raises UnknownLog."""
        ...

    def remove(self, number: int) -> None:
        """Remove a log. Raises UnknownLog."""
        ...

    async def make(self, kind: FirmwareKind, version: str) -> MadeFirmware:
        """Make a firmware and offer it; the oldest goes where there are many. Raises FirmwareNotMade."""
        ...

    async def wait_changed(self, version: int) -> int:
        """Return the present version of it all once it is greater than the given one."""
        ...
