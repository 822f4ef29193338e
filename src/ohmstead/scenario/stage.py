"""Where a scenario is played: stations with their hands, and the embedded CSMS where there is one."""

from collections.abc import Mapping
from typing import Protocol

from ohmstead.ports.bench import Backoffice, Bench
from ohmstead.ports.hand import Hand


class StagedStation(Protocol):
    """One station of a scenario."""

    @property
    def bench(self) -> Bench:
        """What can be seen of it."""
        ...

    @property
    def hand(self) -> Hand:
        """Who touches it."""
        ...


class Stage(Protocol):
    """The stations of a scenario, switched on."""

    @property
    def stations(self) -> Mapping[str, StagedStation]:
        """Return them by identity."""
        ...

    @property
    def csms(self) -> Backoffice | None:
        """The embedded CSMS; None: they speak to somebody else's."""
        ...
