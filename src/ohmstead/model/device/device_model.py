"""The device model of one station: its components, and the decisions on reading and setting their variables."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast

import msgspec

from ohmstead.model.device.changed import Objection, Reaction, collect_validators, reactions, to_call
from ohmstead.model.device.component import Addition, Component
from ohmstead.model.device.controllers import (
    AuthCacheCtrlr,
    AuthCtrlr,
    ClockCtrlr,
    DeviceDataCtrlr,
    OCPPCommCtrlr,
    SecurityCtrlr,
)
from ohmstead.model.device.infrastructure import (
    EVSE,
    AreaVentilation,
    ChargingStation,
    Connector,
    ConnectorPlugRetentionLock,
    ConnectorProtectionRelease,
    CPPWMController,
    Display,
    TokenReader,
)
from ohmstead.model.device.transactions import AlignedDataCtrlr, SampledDataCtrlr, TxCtrlr
from ohmstead.model.device.variable import READ_ONLY, WRITE_ONLY, AnyVariable, Place, Refused, T, Variable
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded

KIND = "variable"
"""The kind of the stored rows."""

C = TypeVar("C", bound=Component)
_log = logging.getLogger(__name__)
_Status = wire.SetVariableStatusEnum


class SettingRow(msgspec.Struct, frozen=True):
    """One row that a setting writes: kind, key and the new value as UTF-8 text."""

    kind: str
    key: str
    value: bytes

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key}>"


class VariableChange(msgspec.Struct, frozen=True):
    """One decided new value, not yet adopted."""

    component: Component
    variable: AnyVariable
    value: object
    now: bool
    """False: it takes effect at the next boot."""

    @property
    def row(self) -> SettingRow:
        """What makes it survive a restart."""
        text = self.variable.format(self.value)
        return SettingRow(KIND, self.component.key(self.variable), text.encode())

    def __repr__(self) -> str:
        return f"<change of {self.component.key(self.variable)}>"


class Plan(msgspec.Struct, frozen=True):
    """What a SetVariablesRequest comes to: commit `rows`, then let the device model `adopt` the plan."""

    results: tuple[wire.SetVariableResult, ...] = ()
    changes: tuple[VariableChange, ...] = ()

    @property
    def rows(self) -> tuple[SettingRow, ...]:
        """The rows to commit before the plan is adopted (decided case 19)."""
        return tuple(change.row for change in self.changes)


class DeviceModel:
    """All components of a station. Plain and synchronous: it decides, others commit, then it adopts."""

    def __init__(
        self,
        product: Product,
        rows: Mapping[str, bytes] | Iterable[tuple[str, bytes]] = (),
        additions: Sequence[Addition] = (),
    ) -> None:
        """Build the components that the product has, and give the variables their stored values.

        Rows (key -> UTF-8 text) that this product or version does not know, or whose value it no longer takes, are
        ignored with a line in the log. ValueError: the product overrides a variable with something impossible.
        What extensions add comes last.
        """
        self.product = product
        self.reads: Counter[AnyVariable] = Counter()
        """How often each declared variable was read through a typed reader."""
        self._objections: dict[AnyVariable, list[Objection[object]]] = {}
        self._reactions: dict[AnyVariable, list[Reaction]] = {}
        self._watched: dict[tuple[Component, AnyVariable], object] = {}
        """The last value of each computed variable that somebody reacts to."""
        self._build()
        added = (one for addition in additions for one in addition.build(product, self.reads))
        self._declared = (*self._in_order(), *added)
        self.components = tuple(component for component in self._declared if component.variables)
        """Those that have a variable, in the order of the appendix; then the added ones."""
        self._by_address = {_address(component.address): component for component in self.components}
        self._bind_problems()
        self._restore(dict(rows))

    def _build(self) -> None:
        here, reads = Place(self.product), self.reads
        self.aligned_data = AlignedDataCtrlr(here, reads)
        self.area_ventilation = AreaVentilation(here, reads)
        self.auth_cache = AuthCacheCtrlr(here, reads)
        self.auth = AuthCtrlr(here, reads)
        self.charging_station = ChargingStation(here, reads)
        self.clock = ClockCtrlr(here, reads)
        self.device_data = DeviceDataCtrlr(here, reads)
        self.ocpp_comm = OCPPCommCtrlr(here, reads)
        self.sampled_data = SampledDataCtrlr(here, reads)
        self.security = SecurityCtrlr(here, reads)
        self.tx = TxCtrlr(here, reads)
        evses = self.product.evses
        self.evses = {evse.id: EVSE(Place(self.product, evse.id), reads) for evse in evses}
        self.connectors = {
            (evse.id, connector.id): Connector(Place(self.product, evse.id, connector.id), reads)
            for evse in evses
            for connector in evse.connectors
        }
        self.plug_locks = tuple(
            ConnectorPlugRetentionLock(Place(self.product, *place), reads) for place in self.connectors
        )
        self.plug_protections = tuple(
            ConnectorProtectionRelease(Place(self.product, *place), reads) for place in self.connectors
        )
        self.pilots = tuple(CPPWMController(Place(self.product, *place), reads) for place in self.connectors)
        readers = {"None": [], "Single": [here], "PerEVSE": [Place(self.product, evse.id) for evse in evses]}
        self.token_readers = tuple(TokenReader(p, reads) for p in readers[self.product.hardware.rfid_readers])
        count = self.product.hardware.displays
        names = [None] if count == 1 else [str(number) for number in range(1, count + 1)]
        self.displays = tuple(Display(here, reads, name) for name in names)

    def _in_order(self) -> tuple[Component, ...]:
        return (
            self.aligned_data,
            self.area_ventilation,
            self.auth_cache,
            self.auth,
            self.charging_station,
            self.clock,
            *self.connectors.values(),
            *self.plug_locks,
            *self.plug_protections,
            *self.pilots,
            self.device_data,
            *self.displays,
            *self.evses.values(),
            self.ocpp_comm,
            self.sampled_data,
            self.security,
            *self.token_readers,
            self.tx,
        )

    def evse(self, evse_id: int) -> EVSE:
        """Return an EVSE; KeyError where there is none."""
        return self.evses[evse_id]

    def connector(self, evse_id: int, connector_id: int) -> Connector:
        """Return a connector; KeyError where there is none."""
        return self.connectors[evse_id, connector_id]

    def component(self, kind: type[C], evse_id: int | None = None) -> C:
        """Return the component of a class, of the station or at an EVSE; KeyError where there is none."""
        return cast(C, _place(self.components, kind, evse_id, None))

    def has(self, variable: AnyVariable) -> bool:
        """Say whether the product has the variable on any component."""
        return any(
            component.has(variable) for component in self.components if isinstance(component, variable.component)
        )

    def read(self, variable: Variable[T], evse_id: int | None = None, connector_id: int | None = None) -> T:
        """Return the Actual value of a variable; KeyError where the component, or the variable, is absent."""
        component = self._at(variable, evse_id, connector_id)
        if not component.has(variable):
            raise KeyError(f"{variable!r} is not there")
        return component.read(variable)

    def bind(
        self,
        variable: Variable[T],
        provider: Callable[[], T],
        evse_id: int | None = None,
        connector_id: int | None = None,
    ) -> None:
        """Let a function give the value of a computed variable; without effect where the product does not have it.

        KeyError where there is no such place.
        """
        _place(self._declared, variable.component, evse_id, connector_id).bind(variable, provider)

    def validate(self, variable: Variable[T], objection: Objection[T]) -> None:
        """Ask a function before a new value of the variable is accepted."""
        self._objections.setdefault(variable, []).append(objection)  # type: ignore[arg-type]  # keyed by its variable

    def listen(self, blocks: Iterable[object]) -> None:
        """Let the methods that the objects tagged with `@changed` and `@validator` take part from now on."""
        found = list(blocks)
        for variable, called in reactions(found).items():
            self._reactions.setdefault(variable, []).extend(called)
            self._watch(variable)
        collect_validators(found, self)

    def _watch(self, variable: AnyVariable) -> None:
        """Remember what a computed variable is now, wherever it is."""
        places = [one for one in self.components if variable.computed and isinstance(one, variable.component)]
        self._watched.update({(one, variable): one.value(variable) for one in places if one.has(variable)})

    def check_bound(self) -> None:
        """Raise LookupError where nobody gives a computed variable of the station its value."""
        unbound = [component.key(one) for component in self._in_order() for one in component.unbound()]
        if unbound:
            raise LookupError(f"nothing computes {', '.join(unbound)}")

    def refresh(self) -> None:
        """Work out again the computed variables that somebody reacts to, and call who reacts to what has changed.

        Call it once what they are computed from is committed.
        """
        changed: dict[AnyVariable, None] = {}
        for (component, variable), before in self._watched.items():
            now = component.value(variable)
            if now != before:
                self._watched[component, variable] = now
                changed[variable] = None
        self._react(changed)

    def find(self, address: wire.Component) -> Component | None:
        """Return the component with exactly this address; names and instances compare case-insensitively."""
        return self._by_address.get(_address(address))

    def get(self, data: wire.GetVariableData) -> wire.GetVariableResult:
        """Answer one item of a GetVariablesRequest (B06)."""
        status = wire.GetVariableStatusEnum
        component = self.find(data.component)
        if component is None:
            return _got(data, status.UnknownComponent)
        variable = component.find(data.variable.name, data.variable.instance)
        if variable is None:
            return _got(data, status.UnknownVariable)
        if data.attribute_type not in (None, wire.AttributeEnum.Actual):
            return _got(data, status.NotSupportedAttributeType)
        if component.trait(variable).mutability is WRITE_ONLY:
            return _got(data, status.Rejected, info=wire.StatusInfo(reason_code="WriteOnly"))
        return _got(data, status.Accepted, value=component.text(variable))

    def plan(self, *items: wire.SetVariableData) -> Plan:
        """Decide on the items of a SetVariablesRequest, one result each in their order (B05); nothing changes yet."""
        results: list[wire.SetVariableResult] = []
        changes: dict[str, VariableChange] = {}
        for data in items:
            try:
                decided = self._decide(data)
            except Refused as refused:
                info = wire.StatusInfo(reason_code=refused.reason_code, additional_info=refused.text)
                results.append(_result(data, _Status.Rejected, info))
                continue
            except Exception:
                # A declaration, or whoever has a say in the value, failed: that is no reason to refuse the others.
                _log.exception("a value of %s.%s could not be judged", data.component.name, data.variable.name)
                info = wire.StatusInfo(reason_code="InternalError", additional_info="the value could not be judged")
                results.append(_result(data, _Status.Rejected, info))
                continue
            if isinstance(decided, VariableChange):
                # A later item on the same variable wins (B05.FR.13 forbids the CSMS to send one).
                changes[decided.component.key(decided.variable)] = decided
                decided = _Status.Accepted if decided.now else _Status.RebootRequired
            results.append(_result(data, decided))
        return Plan(tuple(results), tuple(changes.values()))

    def assign(
        self, variable: Variable[T], value: T, evse_id: int | None = None, connector_id: int | None = None
    ) -> Plan:
        """Plan a value that the station gives a writable variable itself (BootNotification's interval ...).

        Raises Refused where the value is out of limits, KeyError where the component is absent.
        """
        component = self._at(variable, evse_id, connector_id)
        checked = variable.accept(variable.format(value), component.trait(variable))
        return Plan(changes=(VariableChange(component, variable, checked, now=True),))

    def adopt(self, plan: Plan) -> tuple[AnyVariable, ...]:
        """Make the planned values the Actual ones, and call who reacts to those that are other than before.

        Returns the variables whose value changed. Call it once the rows of the plan are committed.
        """
        changed: dict[AnyVariable, None] = {}
        for change in plan.changes:
            if not change.now:
                continue
            if change.component.value(change.variable) != change.value:
                changed[change.variable] = None
            change.component.adopt(change.variable, change.value)
        self._react(changed)
        return tuple(changed)

    def _react(self, changed: Iterable[AnyVariable]) -> None:
        for reaction in to_call(changed, self._reactions):
            try:
                reaction()
            except Exception:
                _log.exception("a reaction to changed variables failed")

    def _decide(self, data: wire.SetVariableData) -> VariableChange | wire.SetVariableStatusEnum:
        component = self.find(data.component)
        if component is None:
            return _Status.UnknownComponent
        variable = component.find(data.variable.name, data.variable.instance)
        if variable is None:
            return _Status.UnknownVariable
        if data.attribute_type not in (None, wire.AttributeEnum.Actual):
            return _Status.NotSupportedAttributeType
        trait = component.trait(variable)
        if trait.mutability is READ_ONLY:
            raise Refused("ReadOnly", f"{variable.label} is read-only")
        value = variable.accept(data.attribute_value, trait)
        for objection in self._objections.get(variable, ()):
            if (wrong := objection(value)) is not None:
                raise Refused("InvalidValue", wrong)
        return VariableChange(component, variable, value, now=not variable.reboot_required)

    def _at(self, variable: AnyVariable, evse_id: int | None, connector_id: int | None) -> Component:
        return _place(self.components, variable.component, evse_id, connector_id)

    def _bind_problems(self) -> None:
        # Until somebody knows better: what is faulted has a problem (appendix: Problem includes Fault).
        station = self.charging_station
        station.bind(ChargingStation.problem, _faulted(station, ChargingStation.availability_state))
        for evse in self.evses.values():
            evse.bind(EVSE.problem, _faulted(evse, EVSE.availability_state))
        for connector in self.connectors.values():
            connector.bind(Connector.problem, _faulted(connector, Connector.availability_state))

    def _restore(self, rows: dict[str, bytes]) -> None:
        known = {c.key(variable): (c, variable) for c in self.components for variable in c.variables}
        for key, stored in rows.items():
            if key not in known:
                _log.warning("stored variable %s is unknown here and ignored", key)
                continue
            component, variable = known[key]
            if not component.trait(variable).writable:
                _log.warning("stored value of %s is ignored: it is read-only here", key)
                continue
            try:
                component.adopt(variable, variable.accept(stored.decode(), component.trait(variable)))
            except (Refused, UnicodeDecodeError):
                _log.warning("stored value of %s is not possible here and ignored", key)


def _place(
    components: Iterable[Component], kind: type[Component], evse_id: int | None, connector_id: int | None
) -> Component:
    for component in components:
        place = component.place
        if isinstance(component, kind) and (place.evse_id, place.connector_id) == (evse_id, connector_id):
            return component
    raise KeyError(f"{kind.name} at EVSE {evse_id}, connector {connector_id}")


def _faulted(component: Component, state: Variable[str]) -> Callable[[], bool]:
    return lambda: component.value(state) == "Faulted"


def _address(component: wire.Component) -> tuple[str, str, int | None, int | None]:
    evse = component.evse
    place = (None, None) if evse is None else (evse.id, evse.connector_id)
    return folded(component.name), folded(component.instance or ""), *place


def _got(
    data: wire.GetVariableData,
    status: wire.GetVariableStatusEnum,
    value: str | None = None,
    info: wire.StatusInfo | None = None,
) -> wire.GetVariableResult:
    return wire.GetVariableResult(
        attribute_status=status,
        attribute_status_info=info,
        attribute_type=data.attribute_type or wire.AttributeEnum.Actual,
        attribute_value=value,
        component=data.component,
        variable=data.variable,
    )


def _result(
    data: wire.SetVariableData, status: wire.SetVariableStatusEnum, info: wire.StatusInfo | None = None
) -> wire.SetVariableResult:
    return wire.SetVariableResult(
        attribute_type=data.attribute_type or wire.AttributeEnum.Actual,
        attribute_status=status,
        attribute_status_info=info,
        component=data.component,
        variable=data.variable,
    )
