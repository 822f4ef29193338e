"""A rig that writes down everything that passes between it and the lab (`tape`), and changes nothing of it."""

import asyncio
import base64

import msgspec

from ohmstead.lab.evidence.digests import Digests
from ohmstead.lab.evidence.tape import Head, Tape, line, named
from ohmstead.lab.rig import (
    Attempt,
    Certificates,
    Door,
    FileServer,
    Firmware,
    FirmwareKind,
    Guest,
    Meeting,
    Provisioning,
    Rig,
    SigningFault,
    Standing,
)
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.clock import Clock
from ohmstead.ports.hand import Action, Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Handshake, Link, LinkLost, Serve
from ohmstead.wire.messages import InstallCertificateUseEnum


def tape_for(case: str, rig: Rig, key: str) -> Tape:
    """Return an empty tape for a case that begins now on a rig, with the key of its report."""
    return Tape(
        Head(
            case=case,
            bench=rig.name,
            tolerance=rig.tolerance,
            patience=rig.patience,
            began=asyncio.get_running_loop().time(),
            wall=rig.clock.now(),
            key=key,
            guest=rig.guest if isinstance(rig, Standing) else msgspec.UNSET,
        )
    )


def text_of(tape: Tape) -> str:
    """Return a tape as it is kept: without passwords, unless its report keeps them."""
    digests = Digests(tape.head.key)
    head = digests.head(tape.head)
    for entry in tape.entries:
        digests.learn(entry)
    return "".join((line(head), *(line(digests.entry(entry)) for entry in tape.entries)))


class RecordedLink:
    """A connection of which every frame is written down (`ports.link.Link`)."""

    def __init__(self, link: Link, tape: Tape, number: int) -> None:
        self._link = link
        self._tape = tape
        self._number = number

    @property
    def handshake(self) -> Handshake:
        """How it was opened."""
        return self._link.handshake

    async def send(self, text: str) -> None:
        """Send a frame."""
        await self._tape.act(self._link.send(text), f"send {self._number}", text=text)

    async def receive(self) -> str | bytes:
        """Return the next frame."""
        try:
            frame = await self._link.receive()
        except LinkLost as lost:
            self._tape.came(f"lost {self._number}", str(lost))
            raise
        if isinstance(frame, str):
            self._tape.came(f"frame {self._number}", text=frame)
        else:
            self._tape.came(f"frame {self._number}", base64.b64encode(frame).decode())
        return frame

    async def ping(self) -> None:
        """Ping."""
        await self._tape.act(self._link.ping(), f"ping {self._number}")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close."""
        await self._tape.act(self._link.close(code, reason), f"close {self._number}", code, reason)


class RecordedDoor:
    """An endpoint (`lab.rig.Door`)."""

    def __init__(self, door: Door, tape: Tape, number: int) -> None:
        self._door = door
        self._tape = tape
        self._number = number

    @property
    def url(self) -> str:
        """What a station dials."""
        return self._door.url

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self._door.root

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts so far."""
        return self._tape.saw(f"attempts {self._number}", self._door.attempts)

    def meet(self, how: Meeting) -> None:
        """Meet attempts this way from now on."""

        def moved() -> str | None:
            before = self._door.url
            self._door.meet(how)
            return self._door.url if self._door.url != before else None

        self._tape.returned(moved, f"meet {self._number}", type(how).__name__, how)


class RecordedHand:
    """A hand (`ports.hand.Hand`)."""

    def __init__(self, hand: Hand, tape: Tape) -> None:
        self._hand = hand
        self._tape = tape

    async def perform(self, action: Action) -> None:
        """Do it."""
        await self._tape.act(self._hand.perform(action), f"hand.{action.name}", *action.arguments())


class RecordedFiles:
    """A file server (`lab.rig.FileServer`); of what is offered only the size is written down."""

    def __init__(self, files: FileServer, tape: Tape) -> None:
        self._files = files
        self._tape = tape

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        return self._tape.returned(lambda: self._files.offer(path, content), "files.offer", path, len(content))

    def place(self, path: str) -> str:
        """Take uploads."""
        return self._tape.returned(lambda: self._files.place(path), "files.place", path)

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return self._tape.saw("files.uploads", self._files.uploads)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return self._tape.saw("files.attempts", self._files.attempts)

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        self._tape.did("files.hold", held)
        self._files.hold(held)

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self._tape.did("files.throttle", bytes_per_second)
        self._files.throttle(bytes_per_second)

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self._tape.did("files.refuse", refused)
        self._files.refuse(refused)


class RecordedCertificates:
    """The authorities (`lab.rig.Certificates`)."""

    def __init__(self, certificates: Certificates, tape: Tape) -> None:
        self._certificates = certificates
        self._tape = tape

    @property
    def csms_root(self) -> str:
        """The root that stations are born with."""
        return self._tape.saw("certificates.csms_root", self._certificates.csms_root)

    def another_root(self, use: InstallCertificateUseEnum) -> str:
        """Return another root."""
        return self._tape.returned(lambda: self._certificates.another_root(use), "certificates.another_root", use)

    def expired_root(self) -> str:
        """Return one whose time is over."""
        return self._tape.returned(self._certificates.expired_root, "certificates.expired_root")

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request."""
        return self._tape.returned(lambda: self._certificates.sign(csr, fault), "certificates.sign", csr, fault)


class RecordedRig:
    """A rig (`lab.rig.Rig`) with a tape."""

    def __init__(self, rig: Rig, tape: Tape) -> None:
        self._rig = rig
        self._tape = tape
        self._links = 0
        self.hand: Hand = RecordedHand(rig.hand, tape)
        self.files: FileServer = RecordedFiles(rig.files, tape)
        self.certificates: Certificates = RecordedCertificates(rig.certificates, tape)
        self.clock: Clock = rig.clock

    @property
    def name(self) -> str:
        """Of the rig."""
        return self._rig.name

    @property
    def tolerance(self) -> float:
        """Of the rig."""
        return self._rig.tolerance

    @property
    def patience(self) -> float:
        """Of the rig."""
        return self._rig.patience

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> Door:
        """Open an endpoint."""

        def admitting(handshake: Handshake) -> int:
            status = admit(handshake)
            self._tape.came(f"handshake {number}", (handshake, status))
            return status

        async def serving(link: Link) -> None:
            self._links += 1
            mine = self._links
            self._tape.came(f"link {number}", (mine, link.handshake))
            await serve(RecordedLink(link, self._tape, mine))

        begun = self._tape.did("bench.open", number, own_root)
        try:
            door = await self._rig.open(number, admitting, serving, own_root=own_root)
        except Inconclusive as missing:
            self._tape.done(begun, error=named(missing))
            raise
        self._tape.done(begun, (door.url, door.root))
        return RecordedDoor(door, self._tape, number)

    async def start(self, provisioning: Provisioning) -> None:
        """Give the station its power."""
        await self._tape.act(self._rig.start(provisioning), "bench.start", provisioning)

    def firmware(self, kind: FirmwareKind) -> Firmware:
        """Put a firmware image on the file server."""
        return self._tape.returned(lambda: self._rig.firmware(kind), "bench.firmware", kind)

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays show."""
        return await self._tape.act(self._rig.screens(), "bench.screens")


class RecordedStanding(RecordedRig):
    """A rig whose station outlives its cases (`lab.rig.Standing`), with a tape: how a case gets the connection."""

    def __init__(self, rig: Rig, standing: Standing, tape: Tape) -> None:
        """Wrap a rig, which is `standing` too."""
        super().__init__(rig, tape)
        self._standing = standing

    @property
    def guest(self) -> Guest:
        """How the present case is run."""
        return self._standing.guest

    async def lend(self) -> None:
        """Hand the connection to the case."""
        await self._tape.act(self._standing.lend(), "bench.lend")

    def is_calm(self) -> bool:
        """Say whether the station has nothing more to say."""
        return self._tape.saw("bench.calm", self._standing.is_calm())


def recorded(rig: Rig, tape: Tape) -> RecordedRig:
    """Return the rig with a tape on which everything is written down."""
    return RecordedStanding(rig, rig, tape) if isinstance(rig, Standing) else RecordedRig(rig, tape)
