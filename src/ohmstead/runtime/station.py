"""One run of a station: built from product, store and hardware, run until it reboots."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import msgspec

from ohmstead.blocks.context import Registration
from ohmstead.blocks.hooks import Hooks
from ohmstead.blocks.work import Lifetime
from ohmstead.model import credentials, network, trust_store
from ohmstead.model.device import AuthCacheCtrlr, DeviceModel, OCPPCommCtrlr, SecurityCtrlr
from ohmstead.model.events import ClockCorrected, Event, FaultsChanged, Offline, Online, SessionMoved
from ohmstead.model.obstacles import STORE_FAILED, PlaceFault
from ohmstead.model.scope import Scope
from ohmstead.model.time_sources import TimeSources
from ohmstead.model.tokens import AuthorizationCache, CachedToken
from ohmstead.ports.certificate_reader import CertificateReader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.files import Files
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware, MemoryFaultChanged, Observation
from ohmstead.ports.link import Dialer, Link
from ohmstead.ports.machine_log import MachineLog
from ohmstead.ports.network_time import NetworkTime, NoNetworkTime
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
from ohmstead.runtime.counts import StationCounts
from ohmstead.runtime.csms import StationCsms
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.dispatch import Dispatch
from ohmstead.runtime.facts import FactKeeper
from ohmstead.runtime.outbox import Outbox
from ohmstead.runtime.parts import Parts, StationAccess, StationWorld
from ohmstead.runtime.plugs import PlugKeeper
from ohmstead.runtime.route import StationRoute, provisioned
from ohmstead.runtime.settings import VariableWriter
from ohmstead.runtime.steps import take_all
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.runtime.transfers import WatchedFiles
from ohmstead.runtime.unit import Units
from ohmstead.runtime.work import StationWork
from ohmstead.wire.base import Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import BootReasonEnum
from ohmstead.wire.rows import from_row

RETRY_COMMIT = 15.0
"""Seconds between two attempts to write to a store that has failed; longer than a reset takes to try again."""
LOOK_AGAIN = 1.0
"""Seconds after an observation that was not taken until the station compares itself with the machine."""

HOOKS = Hooks((FactKeeper, *BLOCKS))
"""What methods of a station's parts are called for."""

_log = logging.getLogger(__name__)


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a station: it outlives every one of its runs."""

    hardware: Hardware
    dialer: Dialer
    clock: StationClock
    network_time: NetworkTime = NoNetworkTime()
    sources: Sources
    files: Files
    signatures: Signatures
    certificates: CertificateReader
    client_keys: ClientKeys
    firmware: MachineFirmware | None = None
    log: MachineLog | None = None
    extensions: tuple[Installed, ...] = ()
    on_frame: Callable[[Direction, str], None] | None = None


class Station:
    """One run of a charging station. `run` carries it out and returns the reason of the next boot."""

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        store: Store,
        outside: Outside,
        boot_reason: BootReasonEnum = BootReasonEnum.PowerUp,
        counts: StationCounts | None = None,
    ) -> None:
        self.product = product
        self.store = store
        self.hardware = outside.hardware
        self.clock = outside.clock
        self.client_keys = outside.client_keys
        self._sources = outside.sources
        self._config = config
        self._counts = counts or StationCounts()
        self._on_frame = outside.on_frame
        self._watchers: list[Callable[[], None]] = []
        self._ending: asyncio.Future[BootReasonEnum] | None = None
        self._load(outside)
        self._make_link(outside)
        self._make_parts(outside, boot_reason)
        self._join()

    def _load(self, outside: Outside) -> None:
        """Make what holds the values, sessions and messages that the store has."""
        additions = [addition for installed in outside.extensions for addition in installed.additions]
        self.device = DeviceModel(self.product, self.store.rows("variable"), additions)
        self.cache = self._load_cache()
        self._units = Units(self.store, self._tell, self._store_failed, self.device.refresh, self._counts.kept)
        self.work = StationWork(self._units, self._changed, self._store_failed)
        self.outbox = Outbox(self.store.rows("outbox"))
        self.calls = StationCalls(self.device, self._units, self.outbox, self._sources.new_id, self._counts)
        events = TransactionEvents(self.device, self.clock, self.hardware)
        self.plugs = PlugKeeper(self.product, self.store, self._units)
        self.charging = FactKeeper(
            self.product,
            self.device,
            self.store,
            self._units,
            self.clock,
            self._sources,
            events,
            self.calls,
            self.plugs,
        )
        self.delivery = Delivery(self.outbox, self.calls, self.device, self._units, self._changed, self._counts)

    def _make_link(self, outside: Outside) -> None:
        """Make the connection to the CSMS: what is shown of the station, which way it goes, and who may use it."""
        self.access = StationAccess(
            network=network.NetworkSlots(
                self.store.rows(network.KIND), provisioned(self._config, self.product, self.device)
            ),
            credentials=self._load_credentials(),
            trust=trust_store.TrustStore(
                self.store.rows(trust_store.KIND), self._config.roots, self._config.manufacturer_roots
            ),
            certificates=outside.certificates,
            client_keys=outside.client_keys,
        )
        self._route = StationRoute(
            self._config,
            self.product,
            self.device,
            self.access.network,
            self.access.credentials,
            self.access.trust,
            self._announce_alone,
        )
        self.connection = Connection(
            outside.dialer,
            self._route,
            self.device.ocpp_comm,
            BackOff(self.device.ocpp_comm, self._sources.random),
            self.clock,
            self._serve,
            self._counts,
        )
        self.csms = StationCsms(
            self.calls,
            self.outbox,
            self.delivery,
            self.device,
            self._units,
            self.work,
            self._then,
            self.connection.leave,
            self._changed,
        )

    def _make_parts(self, outside: Outside, boot_reason: BootReasonEnum) -> None:
        """Hand the parts of the station to its blocks."""
        self.files = WatchedFiles(outside.files, self._changed)
        self.world = StationWorld(
            product=self.product,
            identity=self._config.identity,
            boot_reason=boot_reason,
            clock=outside.clock,
            network_time=outside.network_time,
            sources=outside.sources,
            hardware=outside.hardware,
            files=self.files,
            signatures=outside.signatures,
            firmware=outside.firmware,
            log=outside.log,
            extensions=outside.extensions,
            store=self.store,
            reboot=self.reboot,
        )
        self.settings = VariableWriter(self.device, self._units)
        self.blocks = Blocks(
            Parts(
                work=self.work,
                charging=self.charging,
                plugs=self.plugs,
                csms=self.csms,
                device=self.device,
                settings=self.settings,
                cache=self.cache,
                access=self.access,
                time_sources=TimeSources(),
                world=self.world,
            )
        )

    def _join(self) -> None:
        """Let everybody hear and be heard: requests, events, and variables that are computed or change."""
        parts = (self.charging, *self.blocks.all)
        self._dispatch = Dispatch(
            HOOKS.handlers(self.product, parts), self._units.open, lambda: self.calls.registration
        )
        self._audience = HOOKS.audience(parts)
        self._bind()
        self.device.check_bound()
        self.device.listen([self.connection, *self.blocks.all])

    def _then(self, action: Callable[[], None]) -> None:
        """Carry out an action once the response to what is being served has been written."""
        self._dispatch.then(action)

    def _load_cache(self) -> AuthorizationCache:
        entries = [from_row(value, CachedToken) for _, value in self.store.rows("token")]
        limit = (
            self.device.auth_cache.trait(AuthCacheCtrlr.storage).maximum if self.product.has(Feature.AUTH_CACHE) else 0
        )
        return AuthorizationCache(entries, int(limit or 0))

    def _load_credentials(self) -> credentials.StationCredentials:
        config = self._config
        row = self.store.get(credentials.KIND, credentials.KEY)
        passwords = credentials.Passwords.load(row, config.password, self.device.security.basic_auth_password)
        return credentials.StationCredentials(passwords, config.client_certificate, config.client_key)

    def _bind(self) -> None:
        self.device.bind(AuthCacheCtrlr.storage, lambda: self.cache.size)
        self.device.bind(OCPPCommCtrlr.active_network_profile, lambda: self.access.network.active.number)
        self.device.bind(OCPPCommCtrlr.message_timeout, lambda: self.access.network.active.profile.message_timeout)
        self.device.bind(SecurityCtrlr.security_profile, lambda: self.access.network.security_profile)
        self.device.bind(SecurityCtrlr.certificate_entries, lambda: len(self.access.trust.roots))

    # From boot to reboot

    async def run(self) -> BootReasonEnum:
        """Run until a reboot is due; returns its reason. A power cut is the cancellation of this coroutine."""
        self._ending = asyncio.get_running_loop().create_future()
        for session in self.charging.sessions:
            self.charging.elapsed.note(session)
        deaf = self.clock.on_corrected(self._corrected)
        try:
            with self._units.open():
                for block in self.blocks.all:
                    start = getattr(block, "start", None)
                    if start is not None:
                        start()
            self.hardware.observe(self._observe)
            self._memory_changed(self.hardware.memory_fault())
            self.work.spawn("connection", self.connection.run, Lifetime.Run)
            self.work.spawn("delivery", self.delivery.run, Lifetime.Run)
            self.work.spawn("sender", self.calls.sender.run, Lifetime.Run)
            return await self._ending
        finally:
            deaf()
            self.hardware.observe(None)
            await self.work.end()

    def reboot(self, reason: BootReasonEnum) -> None:
        """End this run after the commit."""

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
            self.work.later(LOOK_AGAIN, self.blocks.transactions.start)
        self._changed()

    def _memory_changed(self, fault: str | None) -> None:
        if fault is not None:
            self._store_failed(StoreFailed(fault))

    def _store_failed(self, failure: StoreFailed) -> None:
        """Something cannot be kept, so nothing may flow: energy off, out of order, try again (decided case 19)."""
        take_all(partial(self.hardware.enable, evse.id, enabled=False) for evse in self.product.evses)
        if self.work.failure is not None or self.work.over:
            return
        self.work.failure = str(failure)
        _log.error("the store failed: %s", failure)
        self.charging.faults |= {PlaceFault(Scope(), STORE_FAILED)}
        self.work.spawn("store", self._recover, Lifetime.Run)

    async def _recover(self) -> None:
        """Announce the fault; reboot once the store writes again, for memory and store may differ by now."""
        take_all([partial(self._units.announce_unwritten, FaultsChanged(0, 0, STORE_FAILED, active=True))])
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
            new_id=self._sources.new_id,
            message_timeout=lambda: float(self.device.ocpp_comm.message_timeout),
            supported=self._dispatch.supports,
            on_frame=self._on_frame,
            on_late=self._late,
            on_fault=self._csms_fault,
            strict=True,
            limit=self._config.max_frame,
        )
        self.calls.rpc, self.calls.fault = rpc, None
        self._changed()
        boot: asyncio.Task[None] | None = None
        if self._route.moved:
            self.calls.registration = Registration.Unknown
            self.blocks.boot.begin_anew()
        if self.calls.registration is Registration.Accepted:
            self._back_online()
        else:
            boot = self.work.spawn("boot", self.blocks.boot.register, Lifetime.Run)
        try:
            return await rpc.run()
        finally:
            if boot is not None:
                boot.cancel()
            self._lost()

    def _csms_fault(self, fault: str) -> None:
        """The CSMS sent something that cannot be used: people can read what, until the next connection."""
        self.calls.fault = fault
        self._changed()

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

    def _announce_alone(self, event: Event) -> None:
        """Tell every block in a unit of its own; whatever goes wrong there does not end the connection."""
        try:
            self._units.announce(event)
        except StoreSevered:
            raise
        except StoreFailed as failure:
            self._store_failed(failure)
        except Exception:
            _log.exception("%s was not taken", type(event).__name__)

    def _tell(self, event: Event) -> None:
        if isinstance(event, SessionMoved):
            self.charging.elapsed.note(event.after)
        for hear in self._audience[type(event)]:
            hear(event)

    def _corrected(self, correction: timedelta) -> None:
        """The clock was set: what has begun is as long ago as before, and everybody looks at the clock again."""
        self.charging.elapsed.shift(correction)
        self.connection.shift(correction)
        self._announce_alone(ClockCorrected(correction.total_seconds()))
        self._changed()

    # Watching

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something may have changed; for pages."""
        self._watchers.append(watcher)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()
