"""What the handlers of the control API work on."""

from dataclasses import dataclass
from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter

from ohmstead.ports.bench import Backoffice, Bench
from ohmstead.ports.campaign import Campaigns
from ohmstead.ports.hand import Hand
from ohmstead.web.feed import Feed
from ohmstead.web.lease import HandLease

LeaseKey = Annotated[
    str | None,
    HeaderParameter(
        name="X-Ohmstead-Lease", description="The key of the lease, where the hand is leased.", max_length=64
    ),
]


class NoBackoffice(Exception):
    """The station speaks to an external CSMS; there is no embedded one to ask."""


class NoHand(Exception):
    """The machine is a real one: no program touches it."""


class NoLab(Exception):
    """Nobody here can run campaigns."""


@dataclass(frozen=True)
class StationControls:
    """One station's bench; its hand, the embedded CSMS and the lab, where there is one."""

    bench: Bench
    hand: Hand | None
    backoffice: Backoffice | None
    lease: HandLease
    feed: Feed
    campaigns: Campaigns | None = None

    def csms(self) -> Backoffice:
        """Return the embedded CSMS. Raises NoBackoffice."""
        if self.backoffice is None:
            raise NoBackoffice("this station has no embedded CSMS")
        return self.backoffice

    def touch(self) -> Hand:
        """Return the hand. Raises NoHand."""
        if self.hand is None:
            raise NoHand("this station has no hand: its machine is a real one")
        return self.hand

    def lab(self) -> Campaigns:
        """Return who runs campaigns. Raises NoLab."""
        if self.campaigns is None:
            raise NoLab("this server runs no campaigns")
        return self.campaigns

    def provide(self) -> Provide:
        """Return the dependency `controls` of the handlers."""
        return Provide(lambda: self, sync_to_thread=False)


TheDesk = NamedDependency[StationControls]
