"""What every block sees of its station."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from ohmstead.model.certificates import TrustStore
from ohmstead.model.credentials import Keyring
from ohmstead.model.device import DeviceModel, Variable
from ohmstead.model.elapsed import Elapsed
from ohmstead.model.events import Event
from ohmstead.model.facts import Fact
from ohmstead.model.metering import Sample
from ohmstead.model.network import Network
from ohmstead.model.obstacles import Fault, Pending, Standing
from ohmstead.model.session import Change, Session
from ohmstead.model.sessions import Sessions
from ohmstead.model.status import Availability
from ohmstead.model.tokens import AuthorizationCache
from ohmstead.ports.calls import Calls
from ohmstead.ports.certificates import CertificateReader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Clock, Sources
from ohmstead.ports.files import Files
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.signatures import Signatures
from ohmstead.ports.store import Store, Write
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


class Lifetime(StrEnum):
    """How long work that was spawned has to go on; an unexpected error in it is logged in any case."""

    Once = "Once"
    """It is not begun again: whoever wants it asks again, or a timer does."""
    Job = "Job"
    """Accepted work, which has to end: it is begun again some times, then given up, and its owner says so."""
    Life = "Life"
    """As long as the station lives, or until it is cancelled or returns: it is begun again and again."""


class Task(Protocol):
    """Work that was spawned."""

    def done(self) -> bool:
        """Say whether it has ended, and is not begun again either."""
        ...

    def cancel(self) -> object:
        """End it; harmless afterwards."""
        ...


class Timer(Protocol):
    """Something that was set to happen later."""

    def cancel(self) -> None:
        """Keep it from happening; harmless afterwards."""
        ...


class Context(Protocol):
    """The station as its blocks see it.

    Everything that changes what is true happens inside a unit of work: rows written, events announced, and after their
    commit the effects on the world (decided cases 8, 13, 19).
    """

    @property
    def product(self) -> Product:
        """The product profile."""
        ...

    @property
    def identity(self) -> str:
        """The identity with which the station connects."""
        ...

    @property
    def device(self) -> DeviceModel:
        """The variables."""
        ...

    @property
    def clock(self) -> Clock:
        """Wall time."""
        ...

    @property
    def elapsed(self) -> Elapsed:
        """How long sessions have lasted; wall times are not subtracted."""
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
    def store(self) -> Store:
        """The committed rows, for reading; writes go through `write`."""
        ...

    @property
    def network(self) -> Network:
        """The network connection profiles."""
        ...

    @property
    def keyring(self) -> Keyring:
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

    @property
    def calls(self) -> Calls:
        """The way to the CSMS."""
        ...

    @property
    def sessions(self) -> Sessions:
        """What is true of every session."""
        ...

    @property
    def cache(self) -> AuthorizationCache:
        """The authorisation cache."""
        ...

    @property
    def triggers(self) -> dict[MessageTriggerEnum, Trigger]:
        """The messages that TriggerMessage can ask for (F06); each block registers its own."""
        ...

    @property
    def pending(self) -> list[Callable[[], Iterable[Pending]]]:
        """What waits for transactions to end and keeps new sessions away: each tells what there is now."""
        ...

    @property
    def standing(self) -> Standing:
        """All that decides where a session may begin, as it is now: whoever starts something asks its `obstacle`."""
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
    def faults(self) -> frozenset[Fault]:
        """Every active fault."""
        ...

    @property
    def registration(self) -> Registration:
        """What the CSMS has answered to BootNotification."""
        ...

    @property
    def boot_reason(self) -> BootReasonEnum:
        """Why this life of the station began."""
        ...

    def unit(self) -> AbstractContextManager[None]:
        """Open a unit of work, or join the one that is open; the outermost one commits."""
        ...

    def write(self, *writes: Write) -> None:
        """Add rows to the open unit of work."""
        ...

    def after(self, effect: Callable[[], None]) -> None:
        """Run an effect once the open unit of work is committed."""
        ...

    def undo(self, restore: Callable[[], None]) -> None:
        """Say how to take back a change in memory, should the open unit of work fail."""
        ...

    def announce(self, event: Event) -> None:
        """Tell every block, before the open unit of work is committed."""
        ...

    def apply(self, session: Session, change: Change) -> Session:
        """Move a session by a change of facts, as part of the open unit of work; returns what is true now."""
        ...

    def merge(self, session: Session, into: Session) -> Session:
        """Join an unbound session with the one of an EVSE; returns the joint session."""
        ...

    def amend(self, session: Session) -> Session:
        """Change what is remembered of a session, without a change of facts."""
        ...

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Limit the time of what is awaited inside; raises TimeoutError."""
        ...

    def report(self, session: Session, trigger: TriggerReasonEnum, at: datetime | None = None) -> Session:
        """Report a running transaction without a change of facts (meter values, a trigger); `at` dates the values."""
        ...

    def record(self, session: Session, sample: Sample) -> Session:
        """Keep meter values of a running transaction for its Ended event."""
        ...

    def waiting_transactions(self) -> frozenset[str]:
        """Return the ids (lower case) of the transactions that messages in the outbox are about."""
        ...

    def assign(self, variable: Variable[T], value: T) -> None:
        """Give a variable a value on the station's own account, as part of the open unit of work."""
        ...

    def reconcile(self, evse_id: int) -> None:
        """Bring the session of an EVSE in line with what the machine finds there (decided case 5)."""
        ...

    def statuses(self) -> dict[tuple[int, int], ConnectorStatusEnum]:
        """Return the status of every connector, by (evse_id, connector_id), as the facts have it now."""
        ...

    def register(self, registration: Registration) -> None:
        """Take note of what the CSMS answered to BootNotification; Accepted opens the outbox."""
        ...

    def forget(self, session: Session) -> None:
        """Drop a session without a transaction, as part of the open unit of work (reset of an EVSE)."""
        ...

    async def drained(self, seconds: float) -> None:
        """Return once the outbox is empty; see `delivered`."""
        ...

    async def delivered(self, empty: asyncio.Event, seconds: float) -> None:
        """Return once `empty` is set, or when the CSMS has left a whole MessageTimeout without an answer.

        Without a connection, after so many seconds; and after some rounds in any case, however much waits.
        """
        ...

    def set_availability(self, availability: Availability) -> None:
        """Change the operational status, as part of the open unit of work."""
        ...

    @property
    def keeps(self) -> bool:
        """Say whether what happens can be kept; energy flows only then (decided case 19)."""
        ...

    def set_fault(self, fault: Fault, *, active: bool) -> bool:
        """Add a fault or take it away, as part of the open unit of work; says whether that is news."""
        ...

    def hold(self, evse_id: int, connector_id: int, *, held: bool) -> None:
        """Keep the EV at a connector (0: in the bay) from the sessions, or no longer, as part of the open unit."""
        ...

    def start_points(self) -> frozenset[Fact]:
        """TxStartPoint as it is configured now."""
        ...

    def later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Run an action in a unit of work of its own after a number of seconds, unless the station ends before."""
        ...

    def spawn(
        self,
        name: str,
        begin: Callable[[], Coroutine[object, object, None]],
        lifetime: Lifetime = Lifetime.Once,
        given_up: Callable[[], None] = lambda: None,
    ) -> Task:
        """Run work beside everything else; its errors are logged, the station lives (decided case 18).

        Args:
            name: for the log.
            begin: called for each start; the work has to find from what is true where it stands.
            lifetime: whether it is begun again after an unexpected error.
            given_up: called in a unit of work when it is not, or not any more: the work ends in a failure that is told.
        """
        ...

    def reconnect(self, reason: str) -> None:
        """Close the link once the response to what is being served has been written, and dial again at once."""
        ...

    def reboot(self, reason: BootReasonEnum) -> None:
        """End this life of the station once the open unit of work is committed and pending responses are written."""
        ...
