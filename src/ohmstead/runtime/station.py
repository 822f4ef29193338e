"""One life of a station: built from product, store and hardware, run until it reboots."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TypeVar

import msgspec

from ohmstead.blocks.context import Lifetime, Registration, Trigger
from ohmstead.blocks.hooks import Hooks
from ohmstead.model import certificates, credentials, network
from ohmstead.model.device import AuthCacheCtrlr, DeviceModel, OCPPCommCtrlr, Plan, SecurityCtrlr, Variable
from ohmstead.model.elapsed import Elapsed
from ohmstead.model.events import ClockCorrected, Event, FaultsChanged, Offline, Online, SessionMoved
from ohmstead.model.facts import Fact, points
from ohmstead.model.obstacles import STORE_FAILED, Fault, Standing
from ohmstead.model.status import Availability
from ohmstead.model.tokens import AuthorizationCache, CachedToken
from ohmstead.ports.certificates import CertificateReader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.files import Files
from ohmstead.ports.hardware import Hardware, MemoryFaultChanged, Observation
from ohmstead.ports.link import Dialer, Link
from ohmstead.ports.signatures import Signatures
from ohmstead.ports.store import Put, Store, StoreFailed, StoreSevered
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.rpc.connection import Direction, RpcConnection
from ohmstead.runtime.backoff import BackOff
from ohmstead.runtime.blocks import BLOCKS, Blocks
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.connection import Connection
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.dispatch import Dispatch
from ohmstead.runtime.facts import FactKeeper
from ohmstead.runtime.outbox import Outbox
from ohmstead.runtime.route import StationRoute, provisioned
from ohmstead.runtime.steps import take_all
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.runtime.transfers import WatchedFiles
from ohmstead.runtime.unit import Units
from ohmstead.runtime.work import Work
from ohmstead.wire.base import Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import BootReasonEnum, MessageTriggerEnum
from ohmstead.wire.rows import from_row

T = TypeVar("T")
DELIVERY_ROUNDS = 4
"""Of MessageTimeout, for which a station that leaves is kept waiting by a CSMS that answers."""
RETRY_COMMIT = 15.0
"""Seconds between two attempts to write to a store that has failed; longer than a reset takes to try again."""
LOOK_AGAIN = 1.0
"""Seconds after an observation that was not taken until the station compares itself with the machine."""
LAST_ANSWER = 0.5
"""Seconds for which a link that is to be closed waits for the answer to its last call."""

HOOKS = Hooks((FactKeeper, *BLOCKS))
"""What methods of a station's parts are called for."""

_log = logging.getLogger(__name__)


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a station: it outlives every one of its lives."""

    hardware: Hardware
    dialer: Dialer
    clock: StationClock
    sources: Sources
    files: Files
    signatures: Signatures
    certificates: CertificateReader
    client_keys: ClientKeys
    on_frame: Callable[[Direction, str], None] | None = None


class Station:
    """Implements `Context` for its blocks. `run` lives one life and returns the reason of the next boot."""

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        store: Store,
        outside: Outside,
        boot_reason: BootReasonEnum = BootReasonEnum.PowerUp,
    ) -> None:
        self.product = product
        self.identity = config.identity
        self.store = store
        self.hardware = outside.hardware
        self.clock = outside.clock
        self.sources = outside.sources
        self.files = WatchedFiles(outside.files, self._changed)
        self.signatures = outside.signatures
        self.certificates = outside.certificates
        self.client_keys = outside.client_keys
        self.boot_reason = boot_reason
        self._config = config
        self._on_frame = outside.on_frame
        self.device = DeviceModel(product, store.rows("variable"))
        self.cache = self._load_cache()
        self.network = network.Network(store.rows(network.KIND), provisioned(config, self.device))
        self.keyring = self._load_keyring()
        self.trust = certificates.TrustStore(store.rows(certificates.KIND), config.roots)
        self.triggers: dict[MessageTriggerEnum, Trigger] = {}
        self._watchers: list[Callable[[], None]] = []
        self._units = Units(store, self._tell, self._store_failed)
        self._work = Work(self._units, self._changed, self._store_failed)
        self.spawn, self.later = self._work.spawn, self._work.later
        self.outbox = Outbox(store.rows("outbox"))
        self.calls = StationCalls(self.device, self._units, self.outbox, self.sources.new_id)
        events = TransactionEvents(self.device, self.clock, self.hardware)
        self.facts = FactKeeper(product, self.device, store, self._units, self.clock, self.sources, events, self.calls)
        self.elapsed = Elapsed(self.clock.now)
        self._delegate()
        self.delivery = Delivery(self.outbox, self.calls, self.device, self._units, self._changed)
        self._route = StationRoute(
            config, product, self.device, self.network, self.keyring, self.trust, self._announce_alone
        )
        self.connection = Connection(
            outside.dialer,
            self._route,
            self.device.ocpp_comm,
            BackOff(self.device.ocpp_comm, self.sources.random),
            self.clock,
            self._serve,
        )
        self.blocks = Blocks(self)
        parts = (self.facts, *self.blocks.all)
        self._dispatch = Dispatch(HOOKS.handlers(product, parts), self._units.open, lambda: self.registration)
        self._audience = HOOKS.audience(parts)
        self.device.listen([self.connection, *self.blocks.all])
        self._bind()
        self._ending: asyncio.Future[BootReasonEnum] | None = None
        self.failure: str | None = None
        """What cannot be kept, and why; no energy flows in this life any more."""

    def _delegate(self) -> None:
        """Offer what others do for the blocks as one's own (`Context`)."""
        units, facts = self._units, self.facts
        self.unit, self.write, self.after, self.undo = units.open, units.write, units.after, units.undo
        self.announce = units.announce
        self.sessions, self.pending = facts.sessions, facts.pending
        self.apply, self.report, self.amend, self.record = facts.apply, facts.report, facts.amend, facts.record
        self.merge, self.forget, self.statuses = facts.merge, facts.forget, facts.statuses
        self.set_availability, self.set_fault = facts.set_availability, facts.set_fault
        self.hold = facts.hold
        self.waiting_transactions = self.outbox.transactions
        self.deadline = asyncio.timeout

    def _load_cache(self) -> AuthorizationCache:
        entries = [from_row(value, CachedToken) for _, value in self.store.rows("token")]
        limit = (
            self.device.auth_cache.trait(AuthCacheCtrlr.storage).maximum if self.product.has(Feature.AUTH_CACHE) else 0
        )
        return AuthorizationCache(entries, int(limit or 0))

    def _load_keyring(self) -> credentials.Keyring:
        config = self._config
        row = self.store.get(credentials.KIND, credentials.KEY)
        passwords = credentials.Passwords.load(row, config.password, self.device.security.basic_auth_password)
        return credentials.Keyring(passwords, config.client_certificate, config.client_key)

    def _bind(self) -> None:
        self.device.bind(AuthCacheCtrlr.storage, lambda: self.cache.size)
        self.device.bind(OCPPCommCtrlr.active_network_profile, lambda: self.network.active.number)
        self.device.bind(OCPPCommCtrlr.message_timeout, lambda: self.network.active.profile.message_timeout)
        self.device.bind(SecurityCtrlr.security_profile, lambda: self.network.security_profile)
        self.device.bind(SecurityCtrlr.certificate_entries, lambda: len(self.trust.roots))

    # Life

    async def run(self) -> BootReasonEnum:
        """Live until a reboot is due; returns its reason. A power cut is the cancellation of this coroutine."""
        self._ending = asyncio.get_running_loop().create_future()
        for session in self.sessions:
            self.elapsed.note(session)
        deaf = self.clock.on_corrected(self._corrected)
        try:
            with self._units.open():
                for block in self.blocks.all:
                    start = getattr(block, "start", None)
                    if start is not None:
                        start()
            self.hardware.observe(self._observe)
            self._memory_changed(self.hardware.memory_fault())
            self.spawn("connection", self.connection.run, Lifetime.Life)
            self.spawn("delivery", self.delivery.run, Lifetime.Life)
            self.spawn("sender", self.calls.sender.run, Lifetime.Life)
            return await self._ending
        finally:
            deaf()
            self.hardware.observe(None)
            await self._work.end()

    def reboot(self, reason: BootReasonEnum) -> None:
        """End this life after the commit."""

        def end() -> None:
            if self._ending is not None and not self._ending.done():
                self._ending.set_result(reason)

        self._units.after(end)

    def _observe(self, seen: Observation) -> None:
        try:
            if isinstance(seen, MemoryFaultChanged):
                self._memory_changed(seen.fault)
                return
            with self._units.open():
                self.blocks.observe(seen)
        except StoreSevered:
            return
        except StoreFailed as failure:
            self._store_failed(failure)
        except Exception:
            _log.exception("observation %r was not taken", seen)
            self.later(LOOK_AGAIN, self.blocks.transactions.start)
        self._changed()

    def _memory_changed(self, fault: str | None) -> None:
        if fault is not None:
            self._store_failed(StoreFailed(fault))

    def _store_failed(self, failure: StoreFailed) -> None:
        """Something cannot be kept, so nothing may flow: energy off, out of order, try again (decided case 19)."""
        take_all(partial(self.hardware.enable, evse.id, enabled=False) for evse in self.product.evses)
        if self.failure is not None or self._work.over:
            return
        self.failure = str(failure)
        _log.error("the store failed: %s", failure)
        self.facts.faults |= {Fault(0, 0, STORE_FAILED)}
        self.spawn("store", self._recover, Lifetime.Life)

    async def _recover(self) -> None:
        """Tell what can be told; once all can be kept again begin a new life, for memory has lost its way."""
        take_all([partial(self._units.speak, FaultsChanged(0, 0, STORE_FAILED, active=True))])
        while True:
            await asyncio.sleep(RETRY_COMMIT)
            try:
                self._try_to_keep()
            except (StoreFailed, OSError) as failure:
                _log.error("the store still fails: %s", failure)
            else:
                self.reboot(BootReasonEnum.ApplicationReset)
                return

    def _try_to_keep(self) -> None:
        """Write where something has to be kept. Raises StoreFailed."""
        self.store.commit([Put("probe", "", b"")])
        self.client_keys.probe()
        fault = self.hardware.memory_fault()
        if fault is not None:
            raise StoreFailed(fault)

    # Link

    async def _serve(self, link: Link) -> str:
        rpc = RpcConnection(
            link,
            handler=self._dispatch.serve,
            new_id=self.sources.new_id,
            message_timeout=lambda: float(self.device.ocpp_comm.message_timeout),
            supported=self._dispatch.supports,
            on_frame=self._on_frame,
            on_late=self._late,
            strict=True,
            limit=self._config.max_frame,
        )
        self.calls.rpc = rpc
        boot: asyncio.Task[None] | None = None
        if self._route.moved:
            self.calls.registration = Registration.Unknown
            self.blocks.boot.begin_anew()
        if self.registration is Registration.Accepted:
            self._back_online()
        else:
            boot = self.spawn("boot", self.blocks.boot.register, Lifetime.Life)
        try:
            return await rpc.run()
        finally:
            if boot is not None:
                boot.cancel()
            self._lost()

    def _late(self, message_id: str, outcome: Response | CallError) -> None:
        try:
            self.delivery.late(message_id, outcome)
        except (StoreFailed, StoreSevered):
            return
        self._changed()

    def _back_online(self) -> None:
        lost_at = self.connection.lost_at
        now = asyncio.get_running_loop().time()
        with suppress(StoreFailed), self._units.open():
            self._units.announce(Online(0.0 if lost_at is None else now - lost_at))
            self._units.after(self.delivery.open.set)
        self._changed()

    def _lost(self) -> None:
        self.calls.rpc = None
        self.delivery.open.clear()
        with suppress(StoreFailed, StoreSevered), self._units.open():
            stamped = self.outbox.plan_offline()
            self._units.write(*(entry.put() for entry in stamped))
            for entry in stamped:
                self._units.after(partial(self.outbox.replace, entry))
            self._units.announce(Offline())
        self._changed()

    @property
    def registration(self) -> Registration:
        """What the CSMS has answered to BootNotification."""
        return self.calls.registration

    def register(self, registration: Registration) -> None:
        """Take note of it; Accepted opens the outbox."""
        self.calls.registration = registration
        if registration is Registration.Accepted:
            self._units.after(self.delivery.open.set)

    # Context

    @property
    def availability(self) -> Availability:
        """The operational status that the CSMS has set."""
        return self.facts.availability

    @property
    def faults(self) -> frozenset[Fault]:
        """Every fault that is active."""
        return self.facts.faults

    @property
    def held(self) -> frozenset[tuple[int, int]]:
        """(evse_id, connector_id) of the EVs that no session has heard of."""
        return self.facts.held

    @property
    def standing(self) -> Standing:
        """All that decides where a session may begin, as it is now."""
        return self.facts.standing

    def _announce_alone(self, event: Event) -> None:
        """Tell every block in a unit of its own; whatever goes wrong there does not end the connection."""
        try:
            self.announce(event)
        except StoreSevered:
            raise
        except StoreFailed as failure:
            self._store_failed(failure)
        except Exception:
            _log.exception("%s was not taken", type(event).__name__)

    def reconnect(self, reason: str) -> None:
        """Dial again, once the response is out."""

        def leave() -> None:
            self.spawn("reconnect", lambda: self._leave(reason), Lifetime.Job)

        self._dispatch.then(leave)

    async def _leave(self, reason: str) -> None:
        """Close the link once what is on its way has been answered: else it would go again over the next one."""
        if self.calls.rpc is not None:
            await self.calls.rpc.drain(LAST_ANSWER)
        await self.connection.leave(reason)

    def _tell(self, event: Event) -> None:
        if isinstance(event, SessionMoved):
            self.elapsed.note(event.after)
        for hear in self._audience[type(event)]:
            hear(event)

    def _corrected(self, correction: timedelta) -> None:
        """The clock was set: what has begun is as long ago as before, and everybody looks at the clock again."""
        self.elapsed.shift(correction)
        self.connection.shift(correction)
        self._announce_alone(ClockCorrected(correction.total_seconds()))
        self._changed()

    @property
    def keeps(self) -> bool:
        """Say whether what happens can be kept; energy flows only then."""
        return self.failure is None

    def start_points(self) -> frozenset[Fact]:
        """TxStartPoint as it is configured now."""
        return points(self.device.tx.tx_start_point)

    def reconcile(self, evse_id: int) -> None:
        """Compare stored facts with the machine."""
        self.blocks.transactions.reconcile(evse_id)

    def assign(self, variable: Variable[T], value: T) -> None:
        """Give a variable a value."""
        plan = self.device.assign(variable, value)
        with self._units.open():
            self._units.write(*(Put(row.kind, row.key, row.value) for row in plan.rows))
            self._units.after(partial(self._adopt, plan))

    def _adopt(self, plan: Plan) -> None:
        self.device.adopt(plan)

    async def drained(self, seconds: float) -> None:
        """Wait for an empty outbox."""
        await self.delivered(self.outbox.empty, seconds)
        if self.outbox.entries:
            _log.warning("%d messages wait in the outbox", len(self.outbox.entries))

    async def delivered(self, empty: asyncio.Event, seconds: float) -> None:
        """Wait until nothing waits for the CSMS, as long as it goes on answering."""
        for _ in range(DELIVERY_ROUNDS):
            rpc = self.calls.rpc
            linked = rpc is not None and not rpc.lost
            # A second more than the answer may take: else it would meet a connection that is just closed.
            patience = self.device.ocpp_comm.message_timeout + 1 if linked else seconds
            before = rpc.answered if rpc is not None else 0
            try:
                async with asyncio.timeout(max(seconds, patience)):
                    await empty.wait()
                return
            except TimeoutError:
                if rpc is None or rpc is not self.calls.rpc or rpc.answered == before:
                    return

    # Watching

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something may have changed; for pages."""
        self._watchers.append(watcher)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()
