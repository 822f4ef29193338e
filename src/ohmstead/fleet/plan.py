"""What a fleet file says, as frozen data; `fleet.reading` reads and checks it."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

Positive = Annotated[float, Meta(gt=0)]
Rate = Annotated[float, Meta(ge=0, le=3600)]
"""Times an hour."""
Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Range = Annotated[tuple[Seconds, ...], Meta(min_length=2, max_length=2)]
"""Shortest and longest, seconds."""

EMBEDDED = "embedded"
"""Instead of a URL: our own CSMS, which knows every station and card of the fleet."""
MOST_STATIONS = 5000


class FleetCsms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the stations connect. Table `[csms]`."""

    url: str = EMBEDDED
    """`embedded`, or a ws:// or wss:// URL without the identity."""
    security_profile: Annotated[int, Meta(ge=0, le=2)] | None = None
    """1: password, no TLS. 2: password over TLS. 0: neither. None: by the scheme of the URL."""
    root: str = ""
    """File with the PEM root certificates that the stations trust."""
    password_file: str = ""
    """One password for all, or a line `IDENTITY:PASSWORD` for each station."""


class FleetGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Stations of one product whose drivers behave alike. Table `[[group]]`."""

    product: str = "flagship"
    """A shipped product by name, or a product file by path."""
    count: Annotated[int, Meta(ge=1, le=MOST_STATIONS)] = 10
    identity: Annotated[str, Meta(min_length=1, max_length=48)] = "FLEET-{number:04}"
    """Identities, with `{number}` where they differ."""
    first: Count = 1
    """The first number."""
    cards: tuple[Annotated[str, Meta(min_length=1, max_length=36)], ...] = ("04{number:06X}",)
    """Id tokens; one with `{number}` stands for a card of its own at each EVSE of the fleet."""
    arrivals_per_hour: Rate = 4.0
    """EVs that come to each EVSE, while it is free."""
    stay: Range = (300.0, 2400.0)
    """How long an EV stays, s."""
    evs: tuple[str, ...] = ()
    """Models that come; none: the usual one."""
    card_stops: Share = 0.5
    """Share of the drivers who present their card again before they unplug."""
    outages_per_hour: Rate = 0.0
    """How often a station loses its network."""
    outage: Range = (10.0, 120.0)
    """For how long, s."""
    power_cuts_per_hour: Rate = 0.0
    """How often a station loses its power."""
    power_cut: Range = (5.0, 30.0)
    """For how long, s."""


class FleetLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the end report is held to; None: not at all. Table `[limits]`."""

    lost_events: Count | None = 0
    """TransactionEvents that the CSMS never acknowledged and that wait no more."""
    waiting_events: Count | None = None
    """Messages that wait in the outboxes at the end."""
    not_accepted: Count | None = 0
    """Stations that the CSMS has not accepted at the end."""
    reconnects: Count | None = None
    csms_errors: Count | None = None
    """CALLERRORs of the CSMS."""
    unanswered: Count | None = None
    """Calls of stations without any answer."""
    p99: Positive | None = None
    """Seconds in which the CSMS answers 99 % of the calls of each action."""
    slowest: Positive | None = None
    """Seconds of the slowest answer."""


class FleetPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole fleet file."""

    duration: Positive = 600.0
    """From the first station to the last charge, s."""
    ramp: Seconds = 30.0
    """Seconds over which the stations start, one after the other."""
    drain: Seconds = 30.0
    """Seconds that the last messages have at the end, once every EV has gone."""
    seed: int = 1
    """Of arrivals, stays, cars and outages. Message and transaction ids are fresh in every run."""
    shards: Annotated[int, Meta(ge=0, le=64)] = 0
    """Processes; 0: one for each processor, and for each 250 stations."""
    csms: FleetCsms = FleetCsms()
    group: Annotated[tuple[FleetGroup, ...], Meta(min_length=1)] = (FleetGroup(),)
    limits: FleetLimits = FleetLimits()


class PlannedStation(msgspec.Struct, frozen=True, kw_only=True):
    """One station of a fleet."""

    number: int
    """Among all of them, from 0."""
    identity: str
    group: FleetGroup
    starts_at: float
    """Seconds after the begin."""


def stations(plan: FleetPlan) -> Iterator[PlannedStation]:
    """Yield every station of a plan, in the order in which they start: those of the groups take turns."""
    total = sum(group.count for group in plan.group)
    turns = sorted(
        ((index + 0.5) / group.count, place, index)
        for place, group in enumerate(plan.group)
        for index in range(group.count)
    )
    for number, (_, place, index) in enumerate(turns):
        group = plan.group[place]
        identity = group.identity.format(number=group.first + index)
        yield PlannedStation(number=number, identity=identity, group=group, starts_at=plan.ramp * number / total)


def card_of(group: FleetGroup, station: int, evse: int, evses: int) -> str:
    """Return the card of the drivers at one EVSE, which no other EVSE of the fleet shares where the file says so.

    Args:
        group: of the station.
        station: its number in the fleet.
        evse: its EVSE.
        evses: how many it has.
    """
    pattern = group.cards[(station * evses + evse - 1) % len(group.cards)]
    return pattern.format(number=station * 64 + evse)
