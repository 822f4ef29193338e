"""The driver's display as a table: what is true, and what it says then."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ohmstead.blocks.display_screen import DisplayFacts, DisplayPlace, screen
from ohmstead.model.charges import Charge
from ohmstead.model.facts import Fact
from ohmstead.model.obstacles import EMERGENCY_STOP, Pending, PlaceFault, Standing, Why
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.scope import Scope
from ohmstead.model.session import Authorization, RunningTransaction, Session
from ohmstead.model.status import Availability
from ohmstead.wire.messages import IdToken, IdTokenEnum, OperationalStatusEnum, ReasonEnum

but = msgspec.structs.replace
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
TOKEN = IdToken(id_token="04A1B2C3", type=IdTokenEnum.ISO14443)
NOTICE = "This card is blocked."
CLOCK = "01 Mar 2026, 12:30"
AUTHORIZED = Authorization(id_token=TOKEN, at=NOW)
PLUGGED = Session(id="s", evse_id=1, connector_id=1, facts=frozenset({Fact.EVConnected}))
ENDED = but(PLUGGED, ended=True)
CHARGING = msgspec.structs.replace(
    PLUGGED,
    facts=frozenset({Fact.EVConnected, Fact.Authorized, Fact.EnergyTransfer}),
    authorization=AUTHORIZED,
    transaction=RunningTransaction(id="t", seq_no=3, started_at=NOW),
)
GRANTED = Session(id="u", facts=frozenset({Fact.Authorized}), authorization=AUTHORIZED)
CHARGE = Charge(
    transaction_id="t",
    evse_id=1,
    started_at=NOW,
    ended_at=NOW,
    seconds=2050.7,
    energy_wh=12340.0,
    reason=ReasonEnum.Local,
)
OPERATIVE = Availability()
ALL_INOPERATIVE = OPERATIVE.set(Scope(), OperationalStatusEnum.Inoperative)
TWO_BROKEN = frozenset({PlaceFault(Scope(1), "OverTemperature"), PlaceFault(Scope(2), "GroundFailure")})


def broken(*scopes: Scope, code: str = "OverTemperature") -> frozenset[PlaceFault]:
    return frozenset(PlaceFault(scope, code) for scope in scopes)


def facts(
    *places: DisplayPlace,
    evses: int = 2,
    connectors: tuple[int, ...] = (1,),
    faults: frozenset[PlaceFault] = frozenset(),
    availability: Availability = OPERATIVE,
    pending: tuple[Pending, ...] = (),
    waiting: frozenset[int] = frozenset(),
) -> DisplayFacts:
    """Return what is true where nothing else is said."""
    given = {place.evse_id: place for place in places}
    every = tuple(given.get(one, DisplayPlace(evse_id=one)) for one in range(1, evses + 1))
    standing = Standing(
        connectors=dict.fromkeys((place.evse_id for place in every), connectors),
        availability=availability,
        faults=faults,
        pending=pending,
        cables={place.evse_id: 1 for place in every if place.plugged},
    )
    return DisplayFacts(standing=standing, places=every, local_time=NOW, waiting=waiting)


def at(
    evse_id: int, session: Session | None, latest: Charge | None = None, energy_wh: float | None = None
) -> DisplayPlace:
    moved = None if session is None else but(session, evse_id=evse_id)
    return DisplayPlace(evse_id=evse_id, session=moved, latest=latest, energy_wh=energy_wh)


def waits(evse_id: int, faults: frozenset[PlaceFault] = frozenset()) -> DisplayFacts:
    return facts(at(evse_id, PLUGGED), waiting=frozenset({evse_id}), faults=faults)


SUMMARY = "12.34 kWh, 0:34:10"
TABLE: dict[str, tuple[DisplayFacts, str, tuple[str, ...]]] = {
    "free": (facts(), "Welcome", ("EVSE 1: free", "EVSE 2: free")),
    "offline": (but(facts(), online=False), "Welcome (offline)", ("EVSE 1: free", "EVSE 2: free")),
    "not accepted yet": (but(facts(), registered=False), "Getting ready ...", ("EVSE 1: free", "EVSE 2: free")),
    "a card first": (but(facts(), unbound=GRANTED), "Plug in your car", ("EVSE 1: free", "EVSE 2: free")),
    "a cable first": (waits(1), "Hold your card to the reader", ("EVSE 1: connected", "EVSE 2: free")),
    "energy flows": (
        facts(but(at(1, CHARGING, energy_wh=4100.0), soc_percent=41.9, elapsed=timedelta(seconds=75))),
        "Welcome",
        ("EVSE 1: charging, 4.10 kWh, 41 %, 0:01:15", "EVSE 2: free"),
    ),
    "a fault at the EVSE of the car that waits": (
        waits(1, faults=broken(Scope(1))),
        "EVSE 1 out of order",
        ("EVSE 1: out of order (OverTemperature), please unplug", "EVSE 2: free"),
    ),
    "a fault at the other EVSE": (
        waits(2, faults=broken(Scope(1))),
        "Hold your card for EVSE 2",
        ("EVSE 1: out of order (OverTemperature)", "EVSE 2: connected"),
    ),
    "a fault where nobody stands": (
        facts(faults=broken(Scope(2, 1))),
        "Please use EVSE 1",
        ("EVSE 1: free", "EVSE 2: out of order (OverTemperature)"),
    ),
    "a fault at the only EVSE": (
        facts(evses=1, faults=broken(Scope(1))),
        "Out of order",
        ("EVSE 1: out of order (OverTemperature)",),
    ),
    "faults at all EVSEs": (
        facts(faults=TWO_BROKEN),
        "Out of order",
        ("EVSE 1: out of order (OverTemperature)", "EVSE 2: out of order (GroundFailure)"),
    ),
    "a fault while energy flows": (
        facts(at(1, CHARGING, energy_wh=0.0), faults=broken(Scope(1))),
        "EVSE 1 out of order",
        ("EVSE 1: charging, 0.00 kWh, 0:00:00, out of order (OverTemperature)", "EVSE 2: free"),
    ),
    "one of two connectors is broken": (
        facts(evses=1, connectors=(1, 2), faults=broken(Scope(1, 2))),
        "Welcome",
        ("EVSE 1: free, connector 2 out of order (OverTemperature)",),
    ),
    "the station is broken": (
        facts(faults=broken(Scope(), code="StoreFailed")),
        "Out of order",
        ("Energy is off (StoreFailed).", "Please use another station."),
    ),
    "emergency stop": (
        facts(
            at(1, ENDED, latest=but(CHARGE, reason=ReasonEnum.EmergencyStop)),
            faults=broken(Scope(), code=EMERGENCY_STOP),
        ),
        "Emergency stop",
        (
            "It was pressed: all energy is off.",
            "Once it is safe, release the red button.",
            f"EVSE 1: charge ended (emergency stop), {SUMMARY}",
        ),
    ),
    "out of service": (
        facts(availability=ALL_INOPERATIVE),
        "Out of service",
        ("EVSE 1: out of service", "EVSE 2: out of service"),
    ),
    "a restart waits": (
        facts(evses=1, pending=(Pending(why=Why.Reset),)),
        "Out of service",
        ("EVSE 1: out of service, it restarts",),
    ),
    "firmware waits": (
        facts(evses=1, pending=(Pending(why=Why.Firmware),)),
        "Out of service",
        ("EVSE 1: out of service for an update",),
    ),
    "all taken": (facts(at(1, CHARGING), evses=1), "In use", ("EVSE 1: charging, 0:00:00",)),
    "all of several taken": (
        facts(at(1, CHARGING), at(2, CHARGING)),
        "All EVSEs are taken",
        ("EVSE 1: charging, 0:00:00", "EVSE 2: charging, 0:00:00"),
    ),
    "one is taken, the other broken": (
        facts(at(1, CHARGING), faults=broken(Scope(2))),
        "No EVSE is free",
        ("EVSE 1: charging, 0:00:00", "EVSE 2: out of order (OverTemperature)"),
    ),
    "just ended, its car is still there": (
        facts(at(1, ENDED, latest=CHARGE), waiting=frozenset({1})),
        "Charge ended",
        (f"EVSE 1: charge ended, {SUMMARY}, unplug when you like", "EVSE 2: free"),
    ),
    "just ended, with a price": (
        facts(at(1, None, latest=but(CHARGE, cost=4.936))),
        "Charge ended",
        (f"EVSE 1: charge ended, {SUMMARY}, price 4.94", "EVSE 2: free"),
    ),
    "just ended, for nothing": (
        facts(at(1, None, latest=but(CHARGE, cost=0.0))),
        "Charge ended",
        (f"EVSE 1: charge ended, {SUMMARY}, free of charge", "EVSE 2: free"),
    ),
    "just ended, a price that is none": (
        facts(at(1, None, latest=but(CHARGE, cost=1e300))),
        "Charge ended",
        (f"EVSE 1: charge ended, {SUMMARY}", "EVSE 2: free"),
    ),
    "ended by a power cut, its energy unknown": (
        facts(at(1, None, latest=but(CHARGE, reason=ReasonEnum.PowerLoss, energy_wh=None))),
        "Charge ended",
        ("EVSE 1: charge ended (power cut), 0:34:10", "EVSE 2: free"),
    ),
    "ended by a fault": (
        facts(at(1, ENDED, latest=CHARGE), faults=broken(Scope(1)), waiting=frozenset({1})),
        "EVSE 1 out of order",
        (f"EVSE 1: out of order (OverTemperature), please unplug, charge ended, {SUMMARY}", "EVSE 2: free"),
    ),
    "just ended, and the next car waits elsewhere": (
        facts(at(1, ENDED, latest=CHARGE), at(2, PLUGGED), waiting=frozenset({1, 2})),
        "Hold your card to the reader",
        (f"EVSE 1: charge ended, {SUMMARY}, unplug when you like", "EVSE 2: connected"),
    ),
    "the next car has come": (
        facts(at(1, PLUGGED, latest=CHARGE), waiting=frozenset({1})),
        "Hold your card to the reader",
        ("EVSE 1: connected", "EVSE 2: free"),
    ),
    "eight EVSEs": (
        facts(at(4, CHARGING, energy_wh=1000.0), evses=8, faults=broken(Scope(8))),
        "Please use EVSE 1-3, 5-7",
        ("EVSE 1-3, 5-7: free", "EVSE 4: charging, 1.00 kWh, 0:00:00", "EVSE 8: out of order (OverTemperature)"),
    ),
    "a notice": (
        but(facts(), notice=NOTICE),
        "This card is blocked.",
        ("EVSE 1: free", "EVSE 2: free"),
    ),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE.keys())
def test_what_the_display_says(case: tuple[DisplayFacts, str, tuple[str, ...]]) -> None:
    what, headline, lines = case
    said = screen(what)
    assert (said.headline, said.lines) == (headline, (*lines, CLOCK))


def test_a_question_has_the_display_to_itself() -> None:
    options = (("evse-1", "Charge at EVSE 1"), ("evse-2", "Charge at EVSE 2"))
    prompt = Prompt(question=Question.ChooseEvse, id_token=TOKEN, group_id_token=None, options=options)
    said = screen(but(facts(), prompt=prompt, notice="Something else"))
    assert (said.headline, said.lines, said.options) == ("Which EVSE?", (), options)


@pytest.mark.parametrize("connector", [0, 1, 2])
@pytest.mark.parametrize("session", [None, PLUGGED, ENDED, CHARGING], ids=["nobody", "plugged", "ended", "charging"])
@pytest.mark.parametrize("latest", [None, CHARGE], ids=["", "just-ended"])
def test_no_fault_goes_untold(connector: int, session: Session | None, latest: Charge | None) -> None:
    """Whatever else is true of a station of one to eight EVSEs, a place with a fault is named with its code."""
    for count in range(1, 9):
        for place in range(1, count + 1):
            faults = broken(Scope(place, connector))
            said = screen(facts(at(place, session, latest=latest), evses=count, connectors=(1, 2), faults=faults))
            told = [line for line in said.lines if "OverTemperature" in line]
            assert len(told) == 1, said
            assert told[0].startswith(f"EVSE {place}: "), said
