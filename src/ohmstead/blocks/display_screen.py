"""What the driver's display says: a function of what is true."""

from datetime import datetime, timedelta

import msgspec

from ohmstead.blocks.selection import select
from ohmstead.model.charges import Charge
from ohmstead.model.facts import Fact
from ohmstead.model.obstacles import EMERGENCY_STOP, Obstacle, PlaceFault, Standing, Why
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.session import Session
from ohmstead.ports.hardware import Screen
from ohmstead.wire.messages import ChargingStateEnum, ReasonEnum
from ohmstead.wire.messages import ConnectorStatusEnum as Status

MOST_LINES = 4
"""EVSEs that have a line each; of more, those with the same to say share one."""
UNREADABLE = 1e9
"""A price from here on is no price that anybody could read."""

STATES = {
    ChargingStateEnum.Charging: "charging",
    ChargingStateEnum.SuspendedEV: "paused by the car",
    ChargingStateEnum.SuspendedEVSE: "paused",
    ChargingStateEnum.EVConnected: "connected",
    ChargingStateEnum.Idle: "waiting for the cable",
}
STATUSES = {
    Status.Available: "free",
    Status.Occupied: "in use",
    Status.Reserved: "reserved",
    Status.Unavailable: "out of service",
    Status.Faulted: "out of order",
}
LATER = {Why.Reset: "out of service, it restarts", Why.Firmware: "out of service for an update"}
"""What passes by itself."""
REASONS = {
    ReasonEnum.DeAuthorized: "the card is not valid any more",
    ReasonEnum.EmergencyStop: "emergency stop",
    ReasonEnum.EVDisconnected: "unplugged",
    ReasonEnum.GroundFault: "ground fault",
    ReasonEnum.ImmediateReset: "the station restarted",
    ReasonEnum.MasterPass: "stopped by the staff",
    ReasonEnum.OvercurrentFault: "overcurrent",
    ReasonEnum.PowerLoss: "power cut",
    ReasonEnum.Reboot: "the station restarted",
    ReasonEnum.Remote: "stopped by the operator",
    ReasonEnum.StoppedByEV: "stopped by the car",
    ReasonEnum.Timeout: "no car came",
}
"""Why a charge ended, where the driver may not know."""


class DisplayPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE, as far as the display speaks of it."""

    evse_id: int
    session: Session | None = None
    energy_wh: float | None = None
    """Of the transaction so far."""
    soc_percent: float | None = None
    elapsed: timedelta = timedelta()
    """Of the transaction."""
    latest: Charge | None = None
    """A charge that ended here so lately that its driver still wants to read what it was."""

    @property
    def plugged(self) -> bool:
        """Say whether an EV is connected."""
        return self.session is not None and Fact.EVConnected in self.session.facts

    @property
    def authorized(self) -> Session | None:
        """Return its session if that is authorized."""
        return self.session if self.session is not None and self.session.authorized else None

    @property
    def ended(self) -> Charge | None:
        """Return the charge that ended here lately, unless the next driver has come."""
        next_one = self.authorized is not None or (self.plugged and self.session is not None and not self.session.ended)
        return None if next_one else self.latest


class DisplayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the display follows from."""

    standing: Standing
    places: tuple[DisplayPlace, ...]
    local_time: datetime
    registered: bool = True
    """The CSMS has accepted the station."""
    online: bool = True
    unbound: Session | None = None
    """Authorized, and waits for a cable."""
    waiting: frozenset[int] = frozenset()
    """The EVSEs whose session nobody has authorized."""
    notice: str | None = None
    prompt: Prompt | None = None
    card_first: bool = False
    """A cable is locked in its holder until somebody is authorized (AQ-2)."""
    selectable: tuple[int, ...] = ()
    """The EVSEs of which one has to be chosen before a card is shown (AQ-8)."""
    chosen: int | None = None
    """The one that was."""


def screen(facts: DisplayFacts) -> Screen:
    """Return what the display shows: a question, or a headline, a line for each EVSE, and the time of day."""
    if facts.prompt is not None:
        asks = facts.prompt.question is not Question.MasterPass
        headline = "Which EVSE?" if asks else "Master pass: what shall stop?"
        return Screen(headline=headline, options=facts.prompt.options)
    clock = facts.local_time.strftime("%d %b %Y, %H:%M")
    choices = tuple((select(one), f"EVSE {one}") for one in facts.selectable) if facts.registered else ()
    return Screen(headline=facts.notice or _headline(facts), lines=(*_lines(facts), clock), options=choices)


def _headline(facts: DisplayFacts) -> str:
    whole = _station_faults(facts)
    if whole:
        return "Emergency stop" if EMERGENCY_STOP in whole else "Out of order"
    if not facts.registered:
        return "Getting ready ..."
    return _next_step(facts) or _welcome(facts)


def _next_step(facts: DisplayFacts) -> str | None:
    """Return what the driver who stands there has to do, or wants to know; None: nobody does."""
    standing = facts.standing
    broken = [place.evse_id for place in facts.places if _faulted(facts, place.evse_id)]
    if facts.unbound is not None and any(
        standing.obstacle(place.evse_id, session=facts.unbound) is None for place in facts.places
    ):
        return "Plug in your car"
    fresh = {place.evse_id for place in facts.places if place.ended is None}
    waiting = [one for one in sorted(facts.waiting & fresh) if standing.obstacle(one) is None]
    if waiting:
        return f"Hold your card for {_named(waiting)}" if broken else "Hold your card to the reader"
    stranded = [place.evse_id for place in facts.places if place.evse_id in broken and place.plugged]
    if stranded:
        return f"{_named(stranded)} out of order"
    return "Charge ended" if len(fresh) < len(facts.places) else None


def _welcome(facts: DisplayFacts) -> str:
    standing, ids = facts.standing, [place.evse_id for place in facts.places]
    obstacles = {one: standing.obstacle(one) for one in ids}
    free = [one for one in ids if obstacles[one] is None and _free(standing, one)]
    if free:
        if any(obstacles.values()):
            return f"Please use {_named(free)}"
        return _invitation(facts) + ("" if facts.online else " (offline)")
    if all(_faulted(facts, one) for one in ids):
        return "Out of order"
    if any(place.session is not None for place in facts.places):
        closed = any(obstacles[place.evse_id] for place in facts.places if place.authorized is None)
        return "In use" if len(ids) == 1 else "No EVSE is free" if closed else "All EVSEs are taken"
    reserved = any(standing.evse_status(one) is Status.Reserved for one in ids)
    return "Reserved" if reserved else "Out of service"


def _invitation(facts: DisplayFacts) -> str:
    """Return what comes first here, where it is not the cable."""
    if facts.chosen is not None:
        return f"Hold your card for EVSE {facts.chosen}"
    if facts.selectable:
        return "Choose an EVSE, then show your card"
    return "Show your card first: it frees the cable" if facts.card_first else "Welcome"


def _lines(facts: DisplayFacts) -> tuple[str, ...]:
    whole = _station_faults(facts)
    if not whole:
        return _shared([(place.evse_id, _line(facts, place)) for place in facts.places])
    ended = [(place.evse_id, _summary(place.ended)) for place in facts.places if place.ended is not None]
    if EMERGENCY_STOP in whole:
        told = ("It was pressed: all energy is off.", "Once it is safe, release the red button.")
    else:
        told = (f"Energy is off ({', '.join(sorted(whole))}).", "Please use another station.")
    return (*told, *_shared(ended))


def _line(facts: DisplayFacts, place: DisplayPlace) -> str:
    obstacle = facts.standing.obstacle(place.evse_id, session=place.authorized)
    faulted = _is(obstacle, Why.Faulted)
    order = f"out of order ({_code(facts, place.evse_id)})" if faulted else _parts(facts, place.evse_id)
    if place.plugged and place.authorized is not None:
        told = [_progress(place, place.authorized), order]
    elif obstacle is not None:
        state = order if faulted else LATER.get(obstacle.why, "out of service")
        leave = "please unplug" if faulted and place.plugged else ""
        told = [state, leave, _summary(place.ended) if place.ended else ""]
    elif place.ended is not None:
        told = [_summary(place.ended), "unplug when you like" if place.plugged else "", order]
    else:
        told = [_usual(facts, place), order]
    return ", ".join(filter(None, told))


def _usual(facts: DisplayFacts, place: DisplayPlace) -> str:
    session = place.session
    if place.plugged and session is not None:
        state = STATES[session.charging_state]
        return f"{state}, unplug when you like" if session.ended else state
    if place.authorized is not None:
        return "waiting for the cable"
    return "free" if _free(facts.standing, place.evse_id) else STATUSES[facts.standing.evse_status(place.evse_id)]


def _progress(place: DisplayPlace, session: Session) -> str:
    state = STATES[session.charging_state]
    if session.transaction is None:
        return f"{state}, unplug when you like" if session.ended else state
    if session.charging_state is ChargingStateEnum.EVConnected:
        state = "preparing"
    energy = "" if place.energy_wh is None else f", {place.energy_wh / 1000:.2f} kWh"
    soc = "" if place.soc_percent is None else f", {int(place.soc_percent)} %"
    return f"{state}{energy}{soc}, {_duration(place.elapsed.total_seconds())}"


def _summary(charge: Charge) -> str:
    """Return what a charge was: energy, time, and the price where the CSMS has said it."""
    reason = REASONS.get(charge.reason) if charge.reason is not None else None
    told = ["charge ended" if reason is None else f"charge ended ({reason})"]
    if charge.energy_wh is not None:
        told.append(f"{charge.energy_wh / 1000:.2f} kWh")
    told.append(_duration(charge.seconds))
    if charge.cost is not None and abs(charge.cost) < UNREADABLE:
        told.append(f"price {charge.cost:.2f}" if charge.cost else "free of charge")
    return ", ".join(told)


def _parts(facts: DisplayFacts, evse_id: int) -> str:
    """Return which connectors of an EVSE are of no use, where another is good."""
    told = []
    for status in (Status.Faulted, Status.Unavailable):
        there = [
            str(connector)
            for connector in facts.standing.connectors.get(evse_id, ())
            if facts.standing.connector_status(evse_id, connector) is status
        ]
        if there:
            told.append(f"connector {' and '.join(there)} {STATUSES[status]}")
    code = _code(facts, evse_id)
    return ", ".join(told) + (f" ({code})" if told and code else "")


def _free(standing: Standing, evse_id: int) -> bool:
    """Say whether a cable could come to a connector of an EVSE."""
    statuses = [standing.connector_status(evse_id, one) for one in standing.connectors.get(evse_id, ())]
    return evse_id not in standing.cables and Status.Available in statuses


def _faulted(facts: DisplayFacts, evse_id: int) -> bool:
    return _is(facts.standing.obstacle(evse_id), Why.Faulted)


def _is(obstacle: Obstacle | None, why: Why) -> bool:
    return obstacle is not None and obstacle.why is why


def _station_faults(facts: DisplayFacts) -> frozenset[str]:
    return frozenset(fault.code for fault in facts.standing.faults if not fault.scope.evse_id)


def _code(facts: DisplayFacts, evse_id: int) -> str:
    """Return the codes of the faults of an EVSE, for whoever calls the service."""
    here: set[PlaceFault] = {fault for fault in facts.standing.faults if fault.scope.evse_id == evse_id}
    return ", ".join(sorted({fault.code for fault in here}))


def _shared(told: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return a line for each EVSE; of many, one for all those that have the same to say."""
    if len(told) <= MOST_LINES:
        return tuple(f"EVSE {evse_id}: {text}" for evse_id, text in told)
    same: dict[str, list[int]] = {}
    for evse_id, text in told:
        same.setdefault(text, []).append(evse_id)
    return tuple(f"{_named(ids)}: {text}" for text, ids in same.items())


def _named(evse_ids: list[int]) -> str:
    """Return the EVSEs, those in a row shortened.

    >>> _named([1, 2, 3, 5])
    'EVSE 1-3, 5'
    """
    rows: list[list[int]] = []
    for one in evse_ids:
        if rows and rows[-1][-1] == one - 1:
            rows[-1].append(one)
        else:
            rows.append([one])
    spans = [", ".join(map(str, row)) if len(row) < 3 else f"{row[0]}-{row[-1]}" for row in rows]
    return f"EVSE {', '.join(spans)}"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))
