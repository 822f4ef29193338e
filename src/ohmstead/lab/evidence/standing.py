"""A bench whose station outlives its cases (`lab.rig.Standing`), as it is written down and as it is played again."""

from ohmstead.lab.evidence.recording import RecordedBench
from ohmstead.lab.evidence.replay import Player, value
from ohmstead.lab.evidence.replay_rig import ReplayBench
from ohmstead.lab.evidence.tape import Tape
from ohmstead.lab.rig import Bench, Guest, Standing


class RecordedStanding(RecordedBench):
    """Writes down how a case gets the connection."""

    def __init__(self, bench: Bench, standing: Standing, tape: Tape) -> None:
        """Wrap a bench, which is `standing` too."""
        super().__init__(bench, tape)
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


class ReplayStanding(ReplayBench):
    """The bench of the tape of a guest."""

    def __init__(self, player: Player, guest: Guest) -> None:
        super().__init__(player)
        self.guest = guest

    async def lend(self) -> None:
        """Hand the connection to the case."""
        await self._player.act("bench.lend")

    def is_calm(self) -> bool:
        """Say whether the station had nothing more to say."""
        return value(self._player.saw("bench.calm"), bool)


def recorded(bench: Bench, tape: Tape) -> RecordedBench:
    """Return the bench with a tape on which everything is written down."""
    return RecordedStanding(bench, bench, tape) if isinstance(bench, Standing) else RecordedBench(bench, tape)
