"""Mutants of block G: who is Operative, what is told of it, and what is kept."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.g_availability import GAvailability
from ohmstead.model.events import FactsChanged
from ohmstead.model.scope import Scope
from ohmstead.model.status import Availability
from ohmstead.runtime.facts import FactKeeper
from ohmstead.wire.messages import (
    EVSE,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChangeAvailabilityStatusEnum,
    ConnectorStatusEnum,
    OperationalStatusEnum,
)
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import nothing

Wrong = Callable[..., Any]
REJECTED = ChangeAvailabilityResponse(status=ChangeAvailabilityStatusEnum.Rejected)


def _depth(scope: Scope) -> int:
    """0 the station, 1 an EVSE, 2 a connector."""
    return (scope.evse_id > 0) + (scope.connector_id > 0)


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str = "BCG") -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks)


def _scope(name: str, text: str, change: Callable[[Scope | None], Scope | None]) -> Mutant:
    def scope(right: Wrong, self: object, evse: EVSE | None) -> Scope | None:
        return change(right(self, evse))

    return _mutant(name, text, GAvailability, "_scope", scope)


def _refused(name: str, text: str, length: int, *, known: bool) -> Mutant:
    """Refuse a change of a station (0), an EVSE (1) or a connector (2) to what it is already, or to something else."""

    def change(right: Wrong, self: GAvailability, request: ChangeAvailabilityRequest) -> object:
        scope = self._scope(request.evse)
        if scope is None or _depth(scope) != length:
            return right(self, request)
        operative = scope not in self._charging.availability.inoperative
        same = operative == (request.operational_status is OperationalStatusEnum.Operative)
        return REJECTED if same == known else right(self, request)

    return _mutant(name, text, GAvailability, "on_change_availability", change)


def _toggles(right: Wrong, self: GAvailability, request: ChangeAvailabilityRequest) -> object:
    scope = self._scope(request.evse)
    inoperative, operative = OperationalStatusEnum.Inoperative, OperationalStatusEnum.Operative
    if scope is None:
        return right(self, request)
    wanted = operative if scope in self._charging.availability.inoperative else inoperative
    return right(self, msgspec.structs.replace(request, operational_status=wanted))


def _not_told(*statuses: ConnectorStatusEnum) -> Wrong:
    def when_status_changed(right: Wrong, self: GAvailability, changed: Any) -> None:
        if changed.status not in statuses:
            right(self, changed)

    return when_status_changed


def _of_others(right: Wrong, self: GAvailability, changed: Any) -> None:
    right(self, changed)
    for key in self._charging.statuses():
        if key != (changed.evse_id, changed.connector_id):
            self._told.pop(key, None)  # what was told already would not be told again
            right(self, msgspec.structs.replace(changed, evse_id=key[0], connector_id=key[1]))


def _not_kept(only: int | None = None) -> Wrong:
    """Set an availability without writing it; scopes of one length only, or all."""

    def set_availability(right: Wrong, self: FactKeeper, availability: Availability) -> None:
        lengths = {_depth(scope) for scope in availability.inoperative}
        if only is not None and only not in lengths:
            right(self, availability)
            return
        self.availability = availability
        self._units.announce(FactsChanged())

    return set_availability


def _all_wait(right: Wrong, self: GAvailability, scope: Scope) -> bool:
    del right, scope
    return bool(self._charging.sessions.with_transaction())


MUTANTS = (
    _mutant(
        "occupied-not-told",
        "Occupied is not reported.",
        GAvailability,
        "when_status_changed",
        _not_told(ConnectorStatusEnum.Occupied),
    ),
    _mutant(
        "available-not-told",
        "Available is not reported but after a boot.",
        GAvailability,
        "when_status_changed",
        _not_told(ConnectorStatusEnum.Available),
    ),
    _mutant(
        "unavailable-not-told",
        "Unavailable is not reported.",
        GAvailability,
        "when_status_changed",
        _not_told(ConnectorStatusEnum.Unavailable),
    ),
    _mutant(
        "status-of-others-too",
        "The status of all connectors is reported where one has changed.",
        GAvailability,
        "when_status_changed",
        _of_others,
    ),
    _scope(
        "evse-is-the-station",
        "A change of an EVSE is one of the station.",
        lambda scope: Scope() if scope is not None and _depth(scope) == 1 else scope,
    ),
    _scope(
        "connector-is-the-station",
        "A change of a connector is one of the station.",
        lambda scope: Scope() if scope is not None and _depth(scope) == 2 else scope,
    ),
    _scope(
        "station-is-evse-1",
        "A change of the station is one of EVSE 1.",
        lambda scope: Scope(1) if scope == Scope() else scope,
    ),
    _scope(
        "evse-unknown",
        "No EVSE can be changed.",
        lambda scope: None if scope is not None and _depth(scope) == 1 else scope,
    ),
    _scope(
        "connector-unknown",
        "No connector can be changed.",
        lambda scope: None if scope is not None and _depth(scope) == 2 else scope,
    ),
    _refused("station-as-it-is-rejected", "The station cannot be asked for what it is already.", 0, known=True),
    _refused("evse-as-it-is-rejected", "An EVSE cannot be asked for what it is already.", 1, known=True),
    _refused("connector-as-it-is-rejected", "A connector cannot be asked for what it is already.", 2, known=True),
    _refused("station-stays-as-it-is", "The station cannot be changed.", 0, known=False),
    _mutant(
        "availability-toggles",
        "Whatever is asked for, the availability changes.",
        GAvailability,
        "on_change_availability",
        _toggles,
    ),
    _mutant(
        "scheduled-never-carried-out",
        "A scheduled change never happens.",
        GAvailability,
        "when_transaction_ended",
        nothing,
    ),
    _mutant(
        "free-evse-waits-too",
        "With a scheduled change of the station a free EVSE stays in service.",
        Availability,
        "take_idle_out",
        lambda _right, self, _idle: self,
    ),
    _mutant("everything-waits", "A change waits for transactions anywhere.", GAvailability, "_busy", _all_wait),
    _mutant("availability-not-kept", "No availability survives a reboot.", FactKeeper, "set_availability", _not_kept()),
    _mutant(
        "station-availability-not-kept",
        "The availability of the station does not survive a reboot.",
        FactKeeper,
        "set_availability",
        _not_kept(0),
    ),
    _mutant(
        "evse-availability-not-kept",
        "The availability of an EVSE does not survive a reboot.",
        FactKeeper,
        "set_availability",
        _not_kept(1),
    ),
    _mutant(
        "connector-availability-not-kept",
        "The availability of a connector does not survive a reboot.",
        FactKeeper,
        "set_availability",
        _not_kept(2),
    ),
)
