"""The border between the lab and its rig, where everything that crosses it is written down, or played from a tape.

What a rig offers is named here once for both: `recording` does it and writes it down, `replay` finds it on the tape and
does nothing.
"""

from collections.abc import Awaitable, Callable
from types import NoneType
from typing import Protocol, TypeVar, cast

from ohmstead.lab.rig import (
    Attempt,
    Certificates,
    ConnectionPolicy,
    FileServer,
    FirmwareImage,
    FirmwareKind,
    ListenEndpoint,
    PersistentRig,
    Provisioning,
    Rig,
    SigningFault,
)
from ohmstead.ports.clock import Clock
from ohmstead.ports.hand import Action
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Handshake, Link
from ohmstead.wire.messages import InstallCertificateUseEnum

T = TypeVar("T")

MAYBE_TEXT = cast(type[str | None], str | None)
LEND = "bench.lend"
START = "bench.start"
"""What a tape calls it that a case takes over the connection of a station that was there before it."""
"""The kind of what may have come to nothing."""


class Border(Protocol):
    """A tape that is written (`tape.Tape`), or one that is played (`replay.Player`), which carries nothing out."""

    def take(self, what: str, kind: type[T], action: Callable[[], T], /, *args: object) -> T:
        """Do something that returns at once, and return what it came to. Raises what it raises."""
        ...

    async def act(
        self, what: str, kind: type[T], action: Callable[[], Awaitable[T]], /, *args: object, text: str | None = None
    ) -> T:
        """Do something that takes time, and return what it came to. Raises what it raises."""
        ...

    def look(self, what: str, kind: type[T], action: Callable[[], T], /) -> T:
        """Look at something that changes by itself."""
        ...


class TapedLink:
    """What the lab does at a connection (`ports.link.Link`)."""

    def __init__(self, border: Border, number: int, handshake: Handshake, link: Callable[[], Link]) -> None:
        self.handshake = handshake
        self._border = border
        self._number = number
        self._link = link

    async def send(self, text: str) -> None:
        """Send a frame."""
        await self._border.act(f"send {self._number}", NoneType, lambda: self._link().send(text), text=text)

    async def ping(self) -> None:
        """Ping."""
        await self._border.act(f"ping {self._number}", NoneType, lambda: self._link().ping())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close."""
        what = f"close {self._number}"
        await self._border.act(what, NoneType, lambda: self._link().close(code, reason), code, reason)


class TapedEndpoint:
    """An endpoint (`lab.rig.ListenEndpoint`)."""

    def __init__(
        self, border: Border, number: int, url: str, root: str, endpoint: Callable[[], ListenEndpoint]
    ) -> None:
        self.url = url
        self.root = root
        self._border = border
        self._number = number
        self._listening = endpoint

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts so far."""
        return self._border.look(f"attempts {self._number}", tuple[Attempt, ...], lambda: self._listening().attempts)

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Treat connection attempts by this policy from now on; the URL is on the tape if it is another one then."""

        def moved() -> str | None:
            endpoint = self._listening()
            endpoint.set_policy(policy)
            return endpoint.url if endpoint.url != self.url else None

        self.url = (
            self._border.take(f"meet {self._number}", MAYBE_TEXT, moved, type(policy).__name__, policy) or self.url
        )


class TapedHand:
    """A hand (`ports.hand.Hand`)."""

    def __init__(self, border: Border, rig: Callable[[], Rig]) -> None:
        self._border = border
        self._rig = rig

    async def perform(self, action: Action) -> None:
        """Do it."""
        await self._border.act(
            f"hand.{action.name}", NoneType, lambda: self._rig().hand.perform(action), *action.arguments()
        )


class TapedFiles:
    """A file server (`lab.rig.FileServer`); of what is offered only the size is on the tape."""

    def __init__(self, border: Border, rig: Callable[[], Rig]) -> None:
        self._border = border
        self._rig = rig

    @property
    def _files(self) -> FileServer:
        return self._rig().files

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        return self._border.take("files.offer", str, lambda: self._files.offer(path, content), path, len(content))

    def place(self, path: str) -> str:
        """Take uploads."""
        return self._border.take("files.place", str, lambda: self._files.place(path), path)

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return self._border.look("files.uploads", tuple[tuple[str, bytes], ...], lambda: self._files.uploads)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return self._border.look("files.attempts", tuple[str, ...], lambda: self._files.attempts)

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        self._border.take("files.hold", NoneType, lambda: self._files.hold(held), held)

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self._border.take("files.throttle", NoneType, lambda: self._files.throttle(bytes_per_second), bytes_per_second)

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self._border.take("files.refuse", NoneType, lambda: self._files.refuse(refused), refused)


class TapedCertificates:
    """The authorities (`lab.rig.Certificates`)."""

    def __init__(self, border: Border, rig: Callable[[], Rig]) -> None:
        self._border = border
        self._rig = rig

    @property
    def _authorities(self) -> Certificates:
        return self._rig().certificates

    @property
    def csms_root(self) -> str:
        """The root that stations are born with."""
        return self._border.look("certificates.csms_root", str, lambda: self._authorities.csms_root)

    def another_root(self, use: InstallCertificateUseEnum) -> str:
        """Return another root."""
        return self._border.take("certificates.another_root", str, lambda: self._authorities.another_root(use), use)

    def expired_root(self) -> str:
        """Return one whose time is over."""
        return self._border.take("certificates.expired_root", str, lambda: self._authorities.expired_root())  # noqa: PLW0108

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request."""
        return self._border.take("certificates.sign", str, lambda: self._authorities.sign(csr, fault), csr, fault)


class TapedRig:
    """A rig (`lab.rig.Rig`), but for its endpoints."""

    def __init__(
        self, border: Border, name: str, tolerance: float, patience: float, clock: Clock, rig: Callable[[], Rig]
    ) -> None:
        self.name = name
        self.tolerance = tolerance
        self.patience = patience
        self.clock = clock
        self.hand = TapedHand(border, rig)
        self.files = TapedFiles(border, rig)
        self.certificates = TapedCertificates(border, rig)
        self._border = border
        self._rig = rig

    async def start(self, provisioning: Provisioning) -> None:
        """Give the station its power."""
        await self._border.act(START, NoneType, lambda: self._rig().start(provisioning), provisioning)

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """Put a firmware image on the file server."""
        return self._border.take("bench.firmware", FirmwareImage, lambda: self._rig().firmware(kind), kind)

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays show."""
        return await self._border.act("bench.screens", tuple[Screen, ...], lambda: self._rig().screens())


class Lent:
    """What a rig offers besides if its station outlives cases (`lab.rig.PersistentRig`)."""

    def __init__(self, border: Border, standing: Callable[[], PersistentRig]) -> None:
        self._lender = border
        self._standing = standing

    async def lend(self) -> None:
        """Hand the connection to the case."""
        await self._lender.act(LEND, NoneType, lambda: self._standing().lend())

    def is_calm(self) -> bool:
        """Say whether the station has nothing more to say."""
        return self._lender.look("bench.calm", bool, lambda: self._standing().is_calm())
