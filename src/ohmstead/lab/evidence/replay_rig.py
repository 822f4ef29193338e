"""The rig that a tape is (`lab.rig.Rig`): the counterpart of `recording`."""

import asyncio
from collections import deque

from ohmstead.lab.evidence.digests import restored
from ohmstead.lab.evidence.replay import Misfit, Player, ReplayClock, frame, value
from ohmstead.lab.evidence.tape import Entry
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
    SigningFault,
)
from ohmstead.ports.clock import Clock
from ohmstead.ports.hand import Action, Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Handshake, Link, LinkLost, Serve
from ohmstead.wire.messages import InstallCertificateUseEnum


class ReplayLink:
    """A connection of the tape (`ports.link.Link`)."""

    def __init__(self, player: Player, number: int, handshake: Handshake) -> None:
        self._player = player
        self._number = number
        self._handshake = handshake
        self._frames: deque[str | bytes] = deque()
        self._lost: str | None = None
        self._news = asyncio.Event()

    @property
    def handshake(self) -> Handshake:
        """How it was opened."""
        return self._handshake

    def bring(self, text: str | bytes) -> None:
        """A frame came."""
        self._frames.append(text)
        self._news.set()

    def lose(self, reason: str) -> None:
        """The connection ended."""
        self._lost = reason
        self._news.set()

    async def receive(self) -> str | bytes:
        """Return the next frame."""
        while not self._frames:
            if self._lost is not None:
                raise LinkLost(self._lost)
            self._news.clear()
            await self._news.wait()
        return self._frames.popleft()

    async def send(self, text: str) -> None:
        """Send."""
        await self._player.act(f"send {self._number}", text=text)

    async def ping(self) -> None:
        """Ping."""
        await self._player.act(f"ping {self._number}")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close."""
        await self._player.act(f"close {self._number}", code, reason)


class ReplayDoor:
    """An endpoint of the tape (`lab.rig.Door`)."""

    def __init__(self, player: Player, number: int, url: str, root: str) -> None:
        self._player = player
        self._number = number
        self._url = url
        self._root = root

    @property
    def url(self) -> str:
        """What the station dialled."""
        return self._url

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self._root

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts so far."""
        return value(self._player.saw(f"attempts {self._number}"), tuple[Attempt, ...])

    def meet(self, how: Meeting) -> None:
        """Meet attempts this way."""
        entry = self._player.did(f"meet {self._number}", type(how).__name__, how)
        if bytes(entry.value):
            self._url = value(entry.value, str)


class ReplayHand:
    """A hand that moves nothing (`ports.hand.Hand`)."""

    def __init__(self, player: Player) -> None:
        self._player = player

    async def perform(self, action: Action) -> None:
        """See that it was done."""
        await self._player.act(f"hand.{action.name}", *action.arguments())


class ReplayFiles:
    """A file server of the tape (`lab.rig.FileServer`)."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        return value(self._player.did("files.offer", path, len(content)).value, str)

    def place(self, path: str) -> str:
        """Take uploads."""
        return value(self._player.did("files.place", path).value, str)

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return value(self._player.saw("files.uploads"), tuple[tuple[str, bytes], ...])

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return value(self._player.saw("files.attempts"), tuple[str, ...])

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        self._player.did("files.hold", held)

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self._player.did("files.throttle", bytes_per_second)

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self._player.did("files.refuse", refused)


class ReplayCertificates:
    """The authorities of the tape (`lab.rig.Certificates`)."""

    def __init__(self, player: Player) -> None:
        self._player = player

    @property
    def csms_root(self) -> str:
        """The root that stations are born with."""
        return value(self._player.saw("certificates.csms_root"), str)

    def another_root(self, use: InstallCertificateUseEnum) -> str:
        """Return another root."""
        return value(self._player.did("certificates.another_root", use).value, str)

    def expired_root(self) -> str:
        """Return one whose time is over."""
        return value(self._player.did("certificates.expired_root").value, str)

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request."""
        return value(self._player.did("certificates.sign", csr, fault).value, str)


class ReplayRig:
    """The rig of one tape (`lab.rig.Rig`)."""

    def __init__(self, player: Player) -> None:
        head = player.head
        self.name = head.bench
        self.tolerance = head.tolerance
        self.patience = head.patience
        self.clock: Clock = ReplayClock(head)
        self.hand: Hand = ReplayHand(player)
        self.files: FileServer = ReplayFiles(player)
        self.certificates: Certificates = ReplayCertificates(player)
        self._player = player
        self._doors: dict[int, tuple[Admit, Serve]] = {}
        self._links: dict[int, ReplayLink] = {}
        self._serving: set[asyncio.Task[None]] = set()
        player.on = {"handshake": self._handshake, "link": self._link, "frame": self._frame, "lost": self._lost}

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> Door:
        """Open an endpoint."""
        self._doors[number] = (admit, serve)
        end = await self._player.act("bench.open", number, own_root)
        url, root = value(end.value, tuple[str, str])
        return ReplayDoor(self._player, number, url, root)

    async def start(self, provisioning: Provisioning) -> None:
        """Give the station its power."""
        await self._player.act("bench.start", provisioning)

    def firmware(self, kind: FirmwareKind) -> Firmware:
        """Put a firmware image on the file server."""
        return value(self._player.did("bench.firmware", kind).value, Firmware)

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays showed."""
        return value((await self._player.act("bench.screens")).value, tuple[Screen, ...])

    # What comes

    def _handshake(self, number: int, entry: Entry) -> None:
        handshake, status = value(entry.value, tuple[Handshake, int])
        answered = self._doors[number][0](restored(handshake))
        if answered != status:
            raise Misfit(f"the case answers the handshake with {answered}, the log has {status}")

    def _link(self, number: int, entry: Entry) -> None:
        key, handshake = value(entry.value, tuple[int, Handshake])
        link = self._links[key] = ReplayLink(self._player, key, restored(handshake))
        task = asyncio.get_running_loop().create_task(self._serve(self._doors[number][1], link))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, serve: Serve, link: Link) -> None:
        try:
            await serve(link)
        except Misfit:
            # The player has noted it, which ends the case.
            return

    def _frame(self, number: int, entry: Entry) -> None:
        self._links[number].bring(frame(entry, self._player.head))

    def _lost(self, number: int, entry: Entry) -> None:
        self._links[number].lose(value(entry.value, str))


class ReplayStanding(ReplayRig):
    """The rig of a tape whose station outlived the case (`lab.rig.Standing`)."""

    def __init__(self, player: Player, guest: Guest) -> None:
        super().__init__(player)
        self.guest = guest

    async def lend(self) -> None:
        """Hand the connection to the case."""
        await self._player.act("bench.lend")

    def is_calm(self) -> bool:
        """Say whether the station had nothing more to say."""
        return value(self._player.saw("bench.calm"), bool)
