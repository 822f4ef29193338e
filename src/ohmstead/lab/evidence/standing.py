"""A rig whose station outlives its cases (`lab.rig.Standing`), as it is written down and as it is played again."""

from ohmstead.lab.evidence.recording import RecordedRig
from ohmstead.lab.evidence.replay import Player, value
from ohmstead.lab.evidence.replay_rig import ReplayRig
from ohmstead.lab.evidence.tape import Tape
from ohmstead.lab.rig import Guest, Rig, Standing


class RecordedStanding(RecordedRig):
    """Writes down how a case gets the connection."""

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


class ReplayStanding(ReplayRig):
    """The rig of the tape of a guest."""

    def __init__(self, player: Player, guest: Guest) -> None:
        super().__init__(player)
        self.guest = guest

    async def lend(self) -> None:
        """Hand the connection to the case."""
        await self._player.act("bench.lend")

    def is_calm(self) -> bool:
        """Say whether the station had nothing more to say."""
        return value(self._player.saw("bench.calm"), bool)


def recorded(rig: Rig, tape: Tape) -> RecordedRig:
    """Return the rig with a tape on which everything is written down."""
    return RecordedStanding(rig, rig, tape) if isinstance(rig, Standing) else RecordedRig(rig, tape)
