"""The parts of a station that its blocks ask for: each names in its constructor what it needs."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from ohmstead.model.credentials import StationCredentials
from ohmstead.model.elapsed import Elapsed
from ohmstead.model.facts import Fact
from ohmstead.model.metering import Sample
from ohmstead.model.network import NetworkSlots
from ohmstead.model.obstacles import Pending, PlaceFault, Standing
from ohmstead.model.plugs import RetainedCable
from ohmstead.model.session import FactChange, Session
from ohmstead.model.sessions import Sessions
from ohmstead.model.status import Availability
from ohmstead.model.trust_store import TrustStore
from ohmstead.ports.calls import Calls
from ohmstead.ports.certificate_reader import CertificateReader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.files import Files
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.machine_log import MachineLog
from ohmstead.ports.network_time import NetworkTime
from ohmstead.ports.signatures import Signatures
from ohmstead.ports.store import Store
from ohmstead.product.profile import Product
from ohmstead.wire.messages import EVSE, BootReasonEnum, ConnectorStatusEnum, MessageTriggerEnum, TriggerReasonEnum

T = TypeVar("T")


class Registration(StrEnum):
    """What the CSMS has answered to BootNotification."""

    Unknown = "Unknown"
    Accepted = "Accepted"
    Pending = "Pending"
    Rejected = "Rejected"


Send = Callable[[], None] | str
"""What a trigger leads to: the action that sends, or the reason why it is Rejected."""
Trigger = Callable[[EVSE | None], Send]


class Charging(Protocol):
    """What is true of sessions and places, and the ways to change it."""

    @property
    def sessions(self) -> Sessions:
        """What is true of every session."""
        ...

    @property
    def standing(self) -> Standing:
        """All that decides where a session may begin, as it is now: whoever starts something asks its `obstacle`."""
        ...

    @property
    def pending(self) -> list[Callable[[], Iterable[Pending]]]:
        """What waits for transactions to end and keeps new sessions away: each tells what there is now."""
        ...

    @property
    def elapsed(self) -> Elapsed:
        """How long sessions have lasted; wall times are not subtracted."""
        ...

    @property
    def availability(self) -> Availability:
        """The operational status that the CSMS has set."""
        ...

    @property
    def held(self) -> frozenset[tuple[int, int]]:
        """(evse_id, connector_id; 0: in the bay) of EVs that came where nobody might start: no session knows them."""
        ...

    @property
    def faults(self) -> frozenset[PlaceFault]:
        """Every active fault."""
        ...

    def start_points(self) -> frozenset[Fact]:
        """TxStartPoint as it is configured now."""
        ...

    def apply(self, session: Session, change: FactChange) -> Session:
        """Move a session by a change of facts, as part of the open unit of work; returns what is true now."""
        ...

    def merge(self, session: Session, into: Session) -> Session:
        """Join an unbound session with the one of an EVSE; returns the joint session."""
        ...

    def amend(self, session: Session) -> Session:
        """Change what is remembered of a session, without a change of facts."""
        ...

    def report(self, session: Session, trigger: TriggerReasonEnum, at: datetime | None = None) -> Session:
        """Report a running transaction without a change of facts (meter values, a trigger); `at` dates the values."""
        ...

    def record(self, session: Session, sample: Sample) -> Session:
        """Keep meter values of a running transaction for its Ended event."""
        ...

    def forget(self, session: Session) -> None:
        """Drop a session without a transaction, as part of the open unit of work (reset of an EVSE)."""
        ...

    def statuses(self) -> dict[tuple[int, int], ConnectorStatusEnum]:
        """Return the status of every connector, by (evse_id, connector_id), as the facts have it now."""
        ...

    def set_availability(self, availability: Availability) -> None:
        """Change the operational status, as part of the open unit of work."""
        ...

    def set_fault(self, fault: PlaceFault, *, active: bool) -> bool:
        """Add a fault or take it away, as part of the open unit of work; says whether that is news."""
        ...

    def hold(self, evse_id: int, connector_id: int, *, held: bool) -> None:
        """Keep the EV at a connector (0: in the bay) from the sessions, or no longer, as part of the open unit."""
        ...


class CablePlugs(Protocol):
    """The sockets of the station: cables and locks."""

    @property
    def inserted(self) -> frozenset[tuple[int, int]]:
        """(evse_id, connector_id) of the sockets that a cable lies in."""
        ...

    def has_lock(self, evse_id: int, connector_id: int | None) -> bool:
        """Say whether a motor holds a cable in a connector."""
        ...

    def retained(self) -> tuple[RetainedCable, ...]:
        """Return every cable that stays locked for its owner."""
        ...

    def retained_at(self, evse_id: int) -> RetainedCable | None:
        """Return the cable of an EVSE that stays locked for its owner."""
        ...

    def insert(self, evse_id: int, connector_id: int, *, inserted: bool) -> None:
        """A cable lies in a socket, or does not any more; as part of the open unit of work."""
        ...

    def retain(self, cable: RetainedCable) -> None:
        """Keep a cable for its owner, as part of the open unit of work."""
        ...

    def release(self, evse_id: int, connector_id: int) -> None:
        """Nobody has to be waited for any more, as part of the open unit of work."""
        ...


class Csms(Protocol):
    """The CSMS: what it has accepted, what may be sent to it, and what it can ask for."""

    @property
    def calls(self) -> Calls:
        """The way to the CSMS."""
        ...

    @property
    def registration(self) -> Registration:
        """What the CSMS has answered to BootNotification."""
        ...

    def register(self, registration: Registration) -> None:
        """Take note of what the CSMS answered to BootNotification; Accepted opens the outbox."""
        ...

    def registration_failed(self, why: str) -> None:
        """Take note that the last BootNotification got no answer that can be used; for people, who read why."""
        ...

    def reconnect(self, reason: str) -> None:
        """Close the link once the response to what is being served has been written, and dial again at once."""
        ...

    async def drained(self, seconds: float) -> None:
        """Return once the outbox is empty; see `delivered`."""
        ...

    async def delivered(self, empty: asyncio.Event, seconds: float) -> None:
        """Return once `empty` is set, or when the CSMS has left a whole MessageTimeout without an answer.

        Without a connection, after so many seconds; and after some rounds in any case, however much waits.
        """
        ...

    def waiting_transactions(self) -> frozenset[str]:
        """Return the ids (lower case) of the transactions that messages in the outbox are about."""
        ...

    @property
    def triggers(self) -> dict[MessageTriggerEnum, Trigger]:
        """The messages that TriggerMessage can ask for (F06); each block registers its own."""
        ...


class Access(Protocol):
    """How the station reaches a CSMS, what it shows of itself, and whom it trusts."""

    @property
    def network(self) -> NetworkSlots:
        """The network connection profiles."""
        ...

    @property
    def credentials(self) -> StationCredentials:
        """What the station shows of itself to a CSMS."""
        ...

    @property
    def trust(self) -> TrustStore:
        """The installed root certificates."""
        ...

    @property
    def certificates(self) -> CertificateReader:
        """Reads X.509 certificates."""
        ...

    @property
    def client_keys(self) -> ClientKeys:
        """The private keys of the station's own certificates."""
        ...


class World(Protocol):
    """What surrounds the station, and what it is."""

    @property
    def product(self) -> Product:
        """The product profile."""
        ...

    @property
    def identity(self) -> str:
        """The identity with which the station connects."""
        ...

    @property
    def boot_reason(self) -> BootReasonEnum:
        """Why this run of the station began."""
        ...

    @property
    def clock(self) -> StationClock:
        """Wall time."""
        ...

    @property
    def network_time(self) -> NetworkTime:
        """The way to servers that know the time."""
        ...

    @property
    def sources(self) -> Sources:
        """Randomness and ids."""
        ...

    @property
    def hardware(self) -> Hardware:
        """The machine."""
        ...

    @property
    def files(self) -> Files:
        """The way to file servers."""
        ...

    @property
    def signatures(self) -> Signatures:
        """The judge of firmware signatures."""
        ...

    @property
    def firmware(self) -> MachineFirmware | None:
        """The firmware of a machine that brings its own."""
        ...

    @property
    def log(self) -> MachineLog | None:
        """What the machine writes down of itself."""
        ...

    @property
    def extensions(self) -> tuple[Installed, ...]:
        """What vendors add to the station."""
        ...

    @property
    def store(self) -> Store:
        """The committed rows, for reading; writes go through `write`."""
        ...

    def reboot(self, reason: BootReasonEnum) -> None:
        """End this run of the station once the open unit of work is committed and pending responses are written."""
        ...
