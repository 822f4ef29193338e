"""The power goes at every commit of a charge: nothing is lost, nothing comes again under another number."""

import asyncio
from collections.abc import Callable

import pytest

from ohmstead.edge.store_memory import ForgetfulStore, MemoryStore, Reopenable
from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.crashes import Moment, Ordeal, Scenario, endure
from tests.runtime.witness import no_errors

CARD = wire.IdToken(id_token="04A1", type=wire.IdTokenEnum.ISO14443)
Ended = wire.TransactionEventEnum.Ended


async def local(ordeal: Ordeal) -> None:
    """Plug, card, energy, card, unplug."""
    hand = ordeal.here.hand
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.step(lambda: hand.present("04A1"), ordeal.authorized)
    await ordeal.charge_for(95)
    await ordeal.step(lambda: hand.present("04A1"), lambda: not ordeal.authorized())
    await ordeal.step(lambda: hand.unplug(1), lambda: not ordeal.plugged())


async def card_first(ordeal: Ordeal) -> None:
    """Card, plug, energy, the EV stops, unplug."""
    hand = ordeal.here.hand
    await ordeal.step(lambda: hand.present("04A1"), lambda: ordeal.authorized() or ordeal.plugged())
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.charge_for(65)
    if ordeal.authorized():
        await ordeal.step(lambda: hand.stop_by_ev(1), lambda: not ordeal.authorized())
    await ordeal.step(lambda: hand.unplug(1), lambda: not ordeal.plugged())


async def offline(ordeal: Ordeal) -> None:
    """A whole charge without a connection, which comes back in the middle of the next energy."""
    hand = ordeal.here.hand
    await hand.cut_network()
    await local(ordeal)
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.step(lambda: hand.present("04A1"), ordeal.authorized)
    await hand.restore_network()
    await ordeal.charge_for(100)


async def remote(ordeal: Ordeal) -> None:
    """RequestStartTransaction, plug, energy, RequestStopTransaction, unplug."""
    hand = ordeal.here.hand
    start = wire.RequestStartTransactionRequest(id_token=CARD, remote_start_id=7, evse_id=1)
    await ordeal.step(lambda: ordeal.ask(start), lambda: ordeal.authorized() or ordeal.plugged())
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.charge_for(65)

    async def stop() -> None:
        session = ordeal.session()
        if session is not None and session.transaction is not None:
            await ordeal.ask(wire.RequestStopTransactionRequest(transaction_id=session.transaction.id))

    if ordeal.authorized():
        await ordeal.step(stop, lambda: not ordeal.authorized())
    await ordeal.step(lambda: hand.unplug(1), lambda: not ordeal.plugged())


async def deauthorized(ordeal: Ordeal) -> None:
    """A card that the CSMS takes back when it hears of the transaction; then another one goes on."""
    hand = ordeal.here.hand
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.step(lambda: hand.present("04LATE"), lambda: ordeal.heard(Ended))
    await ordeal.step(lambda: hand.present("04A1"), ordeal.authorized)
    await ordeal.charge_for(40)


async def availability(ordeal: Ordeal) -> None:
    """The EVSE is taken out of service during a charge, and reset when that has ended."""
    hand = ordeal.here.hand
    await ordeal.step(lambda: hand.plug(1), ordeal.plugged)
    await ordeal.step(lambda: hand.present("04A1"), ordeal.authorized)
    change = wire.ChangeAvailabilityRequest(
        operational_status=wire.OperationalStatusEnum.Inoperative, evse=wire.EVSE(id=1)
    )
    await ordeal.step(lambda: ordeal.ask(change), lambda: True)
    await ordeal.step(lambda: hand.present("04A1"), lambda: not ordeal.authorized())
    await ordeal.step(lambda: ordeal.ask(wire.ResetRequest(type=wire.ResetEnum.OnIdle)), lambda: True)
    await asyncio.sleep(20)


SCENARIOS: list[tuple[Scenario, tuple[str, str]]] = [
    (local, ("PowerPathClosed", "Authorized,EVConnected")),
    (local, ("EVConnected", "Authorized")),
    (local, ("ParkingBayOccupancy,EVConnected", "EVConnected")),
    (card_first, ("Authorized", "Authorized")),
    (card_first, ("EnergyTransfer", "EnergyTransfer")),
    (offline, ("Authorized", "Authorized,EVConnected")),
    (remote, ("Authorized", "PowerPathClosed")),
    (remote, ("PowerPathClosed", "EVConnected")),
    (deauthorized, ("EVConnected", "Authorized")),
    (availability, ("PowerPathClosed", "Authorized,EVConnected")),
]
NAMES = [f"{scenario.__name__} {start} {stop}" for scenario, (start, stop) in SCENARIOS]


def ordeal_at_every_commit(
    scenario: Scenario, points: tuple[str, str], store: Callable[[], Reopenable], *, steal: bool = False
) -> None:
    """Run the scenario once for every commit that it makes, and every side of it."""
    commits = run(endure(scenario, store(), points, None, "before"), limit=100_000)
    assert commits > 5
    moments: tuple[Moment, ...] = ("before", "after")
    for number in range(1, commits + 1):
        for when in moments:
            try:
                with no_errors(but="PowerCut"):
                    run(endure(scenario, store(), points, number, when, steal=steal), limit=100_000)
            except (AssertionError, TimeoutError) as failure:
                raise AssertionError(f"power cut {when} commit {number} of {commits}: {failure}") from failure


@pytest.mark.parametrize(("scenario", "points"), SCENARIOS, ids=NAMES)
def test_a_power_cut_at_every_commit_loses_nothing(scenario: Scenario, points: tuple[str, str]) -> None:
    """One Started, one Ended, no gap, no second number; energy goes on only where it is authorized."""
    ordeal_at_every_commit(scenario, points, MemoryStore)


@pytest.mark.parametrize(("scenario", "points"), SCENARIOS[:4], ids=NAMES[:4])
def test_a_cable_that_went_in_the_dark_ends_the_transaction(scenario: Scenario, points: tuple[str, str]) -> None:
    """Decided case 5: each difference between stored facts and hardware is a change; the power is the reason."""
    ordeal_at_every_commit(scenario, points, MemoryStore, steal=True)


@pytest.mark.parametrize(("scenario", "points"), [SCENARIOS[0], SCENARIOS[5]], ids=[NAMES[0], NAMES[5]])
def test_a_disk_that_keeps_its_word_loses_nothing(scenario: Scenario, points: tuple[str, str]) -> None:
    """The same on a store that forgets what was not synced, and syncs each commit (decided case 20)."""
    ordeal_at_every_commit(scenario, points, lambda: ForgetfulStore(sync_every=1))
