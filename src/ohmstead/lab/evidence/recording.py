"""A rig that writes down everything that passes between it and the lab (`tape`), and changes nothing of it."""

import asyncio
import base64

import msgspec

from ohmstead.lab.evidence.border import Lent, TapedEndpoint, TapedLink, TapedRig
from ohmstead.lab.evidence.digests import Digests
from ohmstead.lab.evidence.tape import Tape, TapeHead, line, named
from ohmstead.lab.rig import ListenEndpoint, PersistentRig, PersistentStation, Rig
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.link import Admit, Handshake, Link, LinkLost, Serve


def tape_for(case: str, rig: Rig, key: str) -> Tape:
    """Return an empty tape for a case that begins now on a rig, with the key of its report."""
    return Tape(
        TapeHead(
            case=case,
            bench=rig.name,
            tolerance=rig.tolerance,
            patience=rig.patience,
            began=asyncio.get_running_loop().time(),
            wall=rig.clock.now(),
            key=key,
            persistent=rig.persistent if isinstance(rig, PersistentRig) else msgspec.UNSET,
        )
    )


def text_of(tape: Tape) -> str:
    """Return a tape as it is kept: without passwords, unless its report keeps them."""
    digests = Digests(tape.head.key)
    head = digests.head(tape.head)
    for entry in tape.entries:
        digests.learn(entry)
    return "".join((line(head), *(line(digests.entry(entry)) for entry in tape.entries)))


class RecordedLink(TapedLink):
    """A connection of which every frame is written down (`ports.link.Link`)."""

    def __init__(self, link: Link, tape: Tape, number: int) -> None:
        super().__init__(tape, number, link.handshake, lambda: link)
        self._tape = tape

    async def receive(self) -> str | bytes:
        """Return the next frame."""
        try:
            frame = await self._link().receive()
        except LinkLost as lost:
            self._tape.came(f"lost {self._number}", str(lost))
            raise
        if isinstance(frame, str):
            self._tape.came(f"frame {self._number}", text=frame)
        else:
            self._tape.came(f"frame {self._number}", base64.b64encode(frame).decode())
        return frame


class RecordedRig(TapedRig):
    """A rig (`lab.rig.Rig`) with a tape."""

    def __init__(self, rig: Rig, tape: Tape) -> None:
        super().__init__(tape, rig.name, rig.tolerance, rig.patience, rig.clock, lambda: rig)
        self._tape = tape
        self._links = 0

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> ListenEndpoint:
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
            endpoint = await self._rig().open(number, admitting, serving, own_root=own_root)
        except Inconclusive as missing:
            self._tape.done(begun, error=named(missing))
            raise
        self._tape.done(begun, (endpoint.url, endpoint.root))
        return TapedEndpoint(self._tape, number, endpoint.url, endpoint.root, lambda: endpoint)


class RecordedPersistentRig(RecordedRig, Lent):
    """A rig whose station outlives its cases, with a tape."""

    def __init__(self, rig: Rig, standing: PersistentRig, tape: Tape) -> None:
        """Wrap a rig, which is `standing` too."""
        RecordedRig.__init__(self, rig, tape)
        Lent.__init__(self, tape, lambda: standing)

    @property
    def persistent(self) -> PersistentStation:
        """How the present case is run."""
        return self._standing().persistent


def recorded(rig: Rig, tape: Tape) -> RecordedRig:
    """Return the rig with a tape on which everything is written down."""
    return RecordedPersistentRig(rig, rig, tape) if isinstance(rig, PersistentRig) else RecordedRig(rig, tape)
