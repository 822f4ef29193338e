"""What the handlers of the control API work on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter

from ohmstead.ports.bench import Backoffice, Bench
from ohmstead.ports.campaign import Campaigns
from ohmstead.ports.file_service import FileService
from ohmstead.ports.hand import Hand
from ohmstead.ports.protocol_faults import ProtocolFaults
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


class NoFileService(Exception):
    """There are no file servers: the station speaks to an external CSMS."""


class NoLab(Exception):
    """Nobody here can run campaigns."""


class NoFaults(Exception):
    """Nothing can be made wrong on the wire of this station."""


class NoSession(Exception):
    """What was done at the station cannot be done again; the text says why."""


class FaultsActive(Exception):
    """The hand is not leased while the station does something wrong on purpose; the text says what."""


@dataclass(frozen=True)
class StationControls:
    """One station's bench; its hand, the embedded CSMS and the lab, where there is one."""

    bench: Bench
    hand: Hand | None
    backoffice: Backoffice | None
    lease: HandLease
    feed: Feed
    campaigns: Campaigns | None = None
    files: FileService | None = None
    session: Callable[[], str] | None = None
    """Returns what was done at the station as a scenario, YAML. Raises ValueError."""

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

    def faults(self) -> ProtocolFaults:
        """Return the faults of the protocol. Raises NoFaults."""
        if self.bench.faults is None:
            raise NoFaults("this station has no faults of the protocol")
        return self.bench.faults

    def needs_right_protocol(self) -> None:
        """Raise FaultsActive while a fault of the protocol is active: whoever judges the station is to know."""
        active = self.bench.faults.active if self.bench.faults is not None else ()
        if active:
            told = "; ".join(one.label() for one in active)
            raise FaultsActive(f"faults of the protocol are active on purpose: {told}")

    def file_service(self) -> FileService:
        """Return the file servers. Raises NoFileService."""
        if self.files is None:
            raise NoFileService("there are no file servers here: they come with the embedded CSMS")
        return self.files

    def lab(self) -> Campaigns:
        """Return who runs campaigns. Raises NoLab."""
        if self.campaigns is None:
            raise NoLab("this server runs no campaigns")
        return self.campaigns

    def scenario(self) -> str:
        """Return what was done at the station as a scenario. Raises NoSession."""
        if self.session is None:
            raise NoSession("nobody here keeps what is done at the station")
        try:
            return self.session()
        except ValueError as error:
            raise NoSession(str(error)) from None

    def provide(self) -> Provide:
        """Return the dependency `controls` of the handlers."""
        return Provide(lambda: self, sync_to_thread=False)


TheDesk = NamedDependency[StationControls]
