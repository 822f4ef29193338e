"""The bench of one station: snapshots for pages and scripts, and the local operator's edits; it outlives reboots."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol
from urllib.parse import quote

from ohmstead.blocks.context import Registration
from ohmstead.model.device import OCPPCommCtrlr, SecurityCtrlr
from ohmstead.model.local_time import local_time
from ohmstead.model.obstacles import PlaceFault
from ohmstead.model.scope import Scope
from ohmstead.ports.bench import (
    CacheEntry,
    ChargeView,
    ConnectionView,
    ConnectorView,
    EvModel,
    EvseView,
    FaultView,
    InterfaceView,
    ResetRefused,
    SetOutcome,
    StationView,
    TokenToCache,
    TraceLine,
    VariableKey,
    VariableView,
)
from ohmstead.ports.clock import Clock
from ohmstead.ports.figures import StationFigures
from ohmstead.ports.hand import NotKept
from ohmstead.ports.hardware import Screen, Supply
from ohmstead.ports.protocol_faults import ProtocolFaults
from ohmstead.ports.store import StoreFailed
from ohmstead.product.profile import Evse
from ohmstead.product.token_types import has_keypad, places_types
from ohmstead.rpc.connection import Direction
from ohmstead.rpc.trace import Trace
from ohmstead.runtime.bench_preparation import cache_token, cached_tokens, clear_cache, would_lose
from ohmstead.runtime.bench_views import Queue, set_variable, view_of_charge, view_of_session, view_of_variable
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.figures import FigureKeeper
from ohmstead.runtime.host import Host
from ohmstead.runtime.station import Station
from ohmstead.wire.secrets import redact_text, redact_url

FAILED = "Failed"
"""`boot_status` where the last BootNotification got no answer that can be used."""
TRACE_LINES = 2000
TRACE_CHARACTERS = 4 << 20
"""What the trace keeps: a station has less memory than a back office."""


class EvseLook(Protocol):
    """One EVSE of the machine, as somebody sees it who looks into the cabinet and into the car; SI units, %."""

    @property
    def evse_id(self) -> int: ...
    @property
    def supply(self) -> Supply: ...
    @property
    def connector_id(self) -> int | None: ...
    @property
    def cable(self) -> int | None: ...
    @property
    def locked(self) -> bool: ...
    @property
    def protected(self) -> bool: ...
    @property
    def ev(self) -> str | None: ...
    @property
    def soc_percent(self) -> float | None: ...
    @property
    def occupied(self) -> bool: ...
    @property
    def power_w(self) -> float: ...
    @property
    def max_power_w(self) -> float: ...
    @property
    def voltage_v(self) -> float: ...
    @property
    def current_a(self) -> float: ...
    @property
    def energy_wh(self) -> float: ...
    @property
    def faults(self) -> tuple[tuple[int, str], ...]: ...


class MachineLook(Protocol):
    """The whole machine at one instant; the simulator's snapshot is one."""

    @property
    def emergency_stop(self) -> bool: ...
    @property
    def screen(self) -> Screen | None: ...
    @property
    def max_power_w(self) -> float: ...
    @property
    def evses(self) -> Sequence[EvseLook]: ...


class Plugs(Protocol):
    """Which network interfaces are up."""

    @property
    def names(self) -> tuple[str, ...]: ...
    def is_up(self, name: str) -> bool: ...


def _boot_status(station: Station) -> str | None:
    registration = station.csms.registration
    if station.csms.unregistered is not None:
        return FAILED
    return None if registration is Registration.Unknown else registration.value


def _security_profile(station: Station, config: StationConfig) -> int:
    """Return the security profile, 0 where the station shows no password: that one is for people, no message has it."""
    profile: int = station.device.security.value(SecurityCtrlr.security_profile)
    nobody = config.without_password and station.access.credentials.password is None
    return 0 if profile == 1 and nobody else profile


class StationBench:
    """Implements `ports.bench.Bench` for a host; `seen` is the hook for the frames of its stations."""

    def __init__(
        self,
        host: Host,
        *,
        clock: Clock,
        look: Callable[[], MachineLook],
        plugs: Plugs,
        technologies: dict[str, str],
        ev_models: tuple[EvModel, ...] = (),
        fault_codes: tuple[str, ...] = (),
        hand: bool = True,
        forget: Callable[[Callable[[], None]], Awaitable[None]] | None = None,
        faults: ProtocolFaults | None = None,
    ) -> None:
        """Begin to watch the host.

        Args:
            host: whose station it is.
            clock: the station's.
            look: looks at the machine.
            plugs: the network interfaces.
            technologies: name of an interface -> `Ethernet`, `Mobile network` ...
            ev_models: what can be plugged in.
            fault_codes: what `PlaceFault` knows.
            hand: whether a program can touch the machine.
            forget: empties what the station remembers (`Site.forget`); None: its store, which is all there is then.
            faults: of its protocol; None: there can be none.
        """
        self._host = host
        self._clock = clock
        self._look = look
        self._plugs = plugs
        self._technologies = technologies
        self._ev_models = ev_models
        self._fault_codes = fault_codes
        self._hand = hand
        self._forget = forget or host.forget
        self._trace = Trace(TRACE_LINES, TRACE_CHARACTERS, host.config.max_frame)
        self._keeper = FigureKeeper(host)
        self._queue = Queue()
        self._charges: tuple[ChargeView, ...] = ()
        self._version = 1
        self._newer = asyncio.Event()
        self.faults = faults
        host.watch(self._touch)
        if faults is not None:
            faults.watch(self._touch)

    # What happened

    def seen(self, direction: Direction, text: str) -> None:
        """Take note of a frame."""
        way: Literal["sent", "received"] = "sent" if direction is Direction.Sent else "received"
        self._trace.add(self._host.config.identity, way, text, self._clock.now(), asyncio.get_running_loop().time())
        self._keeper.seen(direction, text)
        self._touch()

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames still kept whose number is greater than `since`, oldest first."""
        return self._trace.since(since)

    def figures(self) -> StationFigures:
        """Return what was counted since the process began."""
        return self._keeper.figures()

    def _touch(self) -> None:
        self._version += 1
        newer, self._newer = self._newer, asyncio.Event()
        newer.set()

    async def wait_changed(self, version: int) -> int:
        """Return the present version once it is greater than the given one."""
        while self._version <= version:
            await self._newer.wait()
        return self._version

    # The station

    def view(self) -> StationView:
        """Return a snapshot of now."""
        host, station, machine = self._host, self._host.station, self._look()
        identity = host.product.identity
        now = self._clock.now()
        unbound = station.charging.sessions.unbound() if station is not None else None
        return StationView(
            version=self._version,
            powered=host.powered,
            booting=host.powered and station is None,
            identity=host.config.identity,
            product=host.product.name,
            vendor=identity.vendor_name,
            model=identity.model,
            firmware=identity.firmware_version,
            serial_number=identity.serial_number or host.config.identity[:25],
            now=now,
            local_time="" if station is None else f"{local_time(now, station.device.clock):%H:%M}",
            connection=self._connection(station),
            queue=self._queue.view(station.outbox.entries if station is not None else ()),
            transfers=station.files.running if station is not None else (),
            screens=(machine.screen,) * (host.product.hardware.displays or 1) if machine.screen is not None else (),
            displays=self._host.product.hardware.displays,
            readers=self._readers(),
            keypads=self._keypads(),
            buttons=places_types(self._host.product),
            interfaces=self._interfaces(),
            max_power_w=machine.max_power_w,
            evses=tuple(self._evse(evse, machine, station) for evse in host.product.evses),
            unbound=None
            if unbound is None or station is None
            else view_of_session(unbound, None, station.charging.elapsed),
            charges=self._ended(station),
            faults=self._faults(machine, station),
            protocol_faults=self.faults.active if self.faults is not None else (),
            emergency_stop=machine.emergency_stop,
            ev_models=self._ev_models,
            fault_codes=self._fault_codes,
            hand=self._hand,
        )

    def _connection(self, station: Station | None) -> ConnectionView:
        config = self._host.config
        url = redact_url(f"{config.csms_url.rstrip('/')}/{quote(config.identity, safe='')}")
        if station is None:
            return ConnectionView(url=url, security_profile=0 if config.without_password else config.security_profile)
        connection, device = station.connection, station.device
        link = connection.link
        dialling = link is None and connection.next_attempt_at is None
        error = (
            station.csms.unregistered or (station.calls.fault if link is not None else None) or connection.last_error
        )
        return ConnectionView(
            state="Connected" if link is not None else "Connecting" if dialling else "Disconnected",
            boot_status=_boot_status(station),
            url=url if link is None else redact_url(link.handshake.url),
            security_profile=_security_profile(station, config),
            slot=device.ocpp_comm.value(OCPPCommCtrlr.active_network_profile),
            interface=(link.handshake.interface if link is not None else None)
            or config.interface
            or next(iter(self._host.product.interfaces)),
            since=connection.since,
            next_attempt_at=connection.next_attempt_at,
            last_error=error and redact_text(error),
        )

    def _readers(self) -> tuple[int | None, ...]:
        product = self._host.product
        each = tuple(evse.id for evse in product.evses)
        return {"None": (), "Single": (None,), "PerEVSE": each}[product.hardware.rfid_readers]

    def _keypads(self) -> tuple[int | None, ...]:
        """Return where the keypads are: beside each reader, else one for the station."""
        return (self._readers() or (None,)) if has_keypad(self._host.product) else ()

    def _interfaces(self) -> tuple[InterfaceView, ...]:
        return tuple(
            InterfaceView(name=name, up=self._plugs.is_up(name), technology=self._technologies.get(name, ""))
            for name in self._plugs.names
        )

    def _evse(self, evse: Evse, machine: MachineLook, station: Station | None) -> EvseView:
        outlet = next(each for each in machine.evses if each.evse_id == evse.id)
        session = station.charging.sessions.at(evse.id) if station is not None else None
        statuses = {} if station is None else station.charging.statuses()
        return EvseView(
            id=evse.id,
            connectors=tuple(
                ConnectorView(
                    id=connector.id,
                    type=connector.type,
                    status=str(statuses.get((evse.id, connector.id), "Unavailable")),
                    plugged=outlet.connector_id == connector.id,
                    socket=connector.cable == "Detachable",
                    cable=outlet.cable == connector.id,
                    locked=outlet.cable == connector.id and outlet.locked
                    if self._host.product.has_lock(connector)
                    else None,
                    protected=outlet.protected and connector.id not in (outlet.connector_id, outlet.cable),
                )
                for connector in evse.connectors
            ),
            operative=station is not None and station.charging.availability.operative(Scope(evse.id)),
            current=evse.current,
            phases=evse.phases,
            supply=outlet.supply.value,
            bay_occupied=outlet.occupied or outlet.connector_id is not None,
            ev=outlet.ev,
            soc_percent=outlet.soc_percent,
            power_w=outlet.power_w,
            max_power_w=outlet.max_power_w,
            voltage_v=outlet.voltage_v,
            current_a=outlet.current_a,
            energy_wh=outlet.energy_wh,
            session=None
            if session is None or station is None
            else view_of_session(session, outlet.energy_wh, station.charging.elapsed),
        )

    def _ended(self, station: Station | None) -> tuple[ChargeView, ...]:
        """Return the charges that have ended; without power those that were known before."""
        if station is not None:
            self._charges = tuple(view_of_charge(charge) for charge in station.blocks.charges.recent)
        return self._charges

    def _faults(self, machine: MachineLook, station: Station | None) -> tuple[FaultView, ...]:
        """Return what is broken in the machine, and what the station says of itself (EVSE 0: all of it)."""
        broken = {PlaceFault(Scope(outlet.evse_id, at), code) for outlet in machine.evses for at, code in outlet.faults}
        own = station.charging.faults if station is not None else frozenset()
        return tuple(
            FaultView(evse_id=one.scope.evse_id, connector_id=one.scope.connector_id, code=one.code)
            for one in sorted(broken | own)
        )

    # The device model

    def variables(self) -> tuple[VariableView, ...]:
        """Return the device model in the order of its declaration; empty without power."""
        station = self._host.station
        if station is None:
            return ()
        return tuple(view_of_variable(c, variable) for c in station.device.components for variable in c.variables)

    async def set_variable(self, key: VariableKey, value: str) -> SetOutcome:
        """Let the local operator set the attribute Actual, under the same rules as SetVariables."""
        station = self._host.station
        if station is None:
            return SetOutcome(status="Rejected", reason="the station is not running")
        outcome = set_variable(station, key, value)
        self._touch()
        return outcome

    # What a test needs before it starts

    def cached_tokens(self, id_token: str | None = None) -> tuple[CacheEntry, ...]:
        """Return the entries of the authorization cache in the order of their arrival, or those of one token."""
        return cached_tokens(self._host, id_token)

    def cache_token(self, token: TokenToCache) -> CacheEntry:
        """Put a token into the authorization cache and return its entry."""
        entry = cache_token(self._host, token)
        self._touch()
        return entry

    def clear_cache(self) -> None:
        """Forget every token, under the same rules as ClearCache."""
        clear_cache(self._host)
        self._touch()

    async def reset(self, *, discard: bool, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Empty the memory of the station, and return once it has booted as at its first start."""
        lost = would_lose(self._host)
        if lost is not None and not discard:
            raise ResetRefused(lost)
        try:
            await self._forget(meanwhile)
        except StoreFailed as error:
            raise NotKept(f"the memory of the station cannot be emptied: {error}") from None
        while self._host.station is None:
            await self.wait_changed(self._version)
