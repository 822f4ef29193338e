"""What the handlers of the control API work on."""

from dataclasses import dataclass
from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter

from ohmstead.ports.bench import Backoffice, Bench
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


@dataclass(frozen=True)
class Desk:
    """One station's bench and hand, and the embedded CSMS where there is one."""

    bench: Bench
    hand: Hand
    backoffice: Backoffice | None
    lease: HandLease
    feed: Feed

    def csms(self) -> Backoffice:
        """Return the embedded CSMS. Raises NoBackoffice."""
        if self.backoffice is None:
            raise NoBackoffice("this station has no embedded CSMS")
        return self.backoffice

    def provide(self) -> Provide:
        """Return the dependency `desk` of the handlers."""
        return Provide(lambda: self, sync_to_thread=False)


TheDesk = NamedDependency[Desk]
