"""Every TxStartPoint x TxStopPoint x local or remote on the whole station: when, and with which reasons.

The order of things is always: the EV arrives, then cable and authorization in either order, energy, the EV suspends,
the authorization is taken back, the cable is pulled, the EV leaves. The expectations are written down as a table of
the specification's points, not computed from facts as the station does it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import product as every

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site
from tests.runtime.witness import no_errors

FLAGSHIP = load("flagship")
CARD = "04A1B2C3"
TOKEN = wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443)
Moment = str

CABLE_FIRST = ("arrive", "plug", "authorize", "energy")
CARD_FIRST = ("arrive", "authorize", "plug", "energy")
STOPPING = ("suspend", "stop", "unplug", "leave")
STARTS: dict[str, dict[tuple[str, ...], Moment]] = {
    "ParkingBayOccupancy": {CABLE_FIRST: "arrive", CARD_FIRST: "arrive"},
    "EVConnected": {CABLE_FIRST: "plug", CARD_FIRST: "plug"},
    "Authorized": {CABLE_FIRST: "authorize", CARD_FIRST: "authorize"},
    "PowerPathClosed": {CABLE_FIRST: "authorize", CARD_FIRST: "plug"},
    "EnergyTransfer": {CABLE_FIRST: "energy", CARD_FIRST: "energy"},
}
STOPS: dict[str, Moment] = {
    "EnergyTransfer": "suspend",
    "Authorized": "stop",
    "PowerPathClosed": "stop",
    "EVConnected": "unplug",
    "ParkingBayOccupancy": "leave",
}
TRIGGERS = {
    "arrive": "EVDetected",
    "plug": "CablePluggedIn",
    "energy": "ChargingStateChanged",
    "suspend": "ChargingStateChanged",
    "unplug": "EVCommunicationLost",
    "leave": "EVDeparted",
}
"""What a moment's event says, where it does not depend on local or remote."""


class Act:
    """One person's way through a charge; notes which event came at which moment."""

    def __init__(self, here: Site, *, remote: bool) -> None:
        self.here = here
        self.remote = remote
        self.moments: list[tuple[Moment, wire.TransactionEventRequest]] = []

    async def do(self, moment: Moment) -> None:
        """Let a moment come, and note the events that it brings."""
        hand = self.here.hand
        here = self.here.csms.received
        here.clear()
        actions: dict[Moment, Callable[[], Awaitable[object]]] = {
            "arrive": lambda: hand.arrive(1),
            "plug": lambda: hand.plug(1),
            "authorize": self._authorize,
            "energy": lambda: asyncio.sleep(12),
            "suspend": lambda: hand.suspend(1),
            "stop": self._stop,
            "unplug": lambda: hand.unplug(1),
            "leave": lambda: hand.leave(1),
        }
        await actions[moment]()
        # Before energy can flow there are seconds of cable check; what belongs to this moment is here by then.
        await asyncio.sleep(0.5)
        self.moments += [(moment, event) for event in self.here.csms.events]

    async def _authorize(self) -> None:
        if not self.remote:
            await self.here.hand.present(CARD)
            return
        request = wire.RequestStartTransactionRequest(id_token=TOKEN, remote_start_id=7, evse_id=1)
        response = await self.here.csms.call(request)
        assert response.status == "Accepted"

    async def _stop(self) -> None:
        running = next((e.transaction_info.transaction_id for _, e in self.moments), None)
        ended = any(event.event_type == "Ended" for _, event in self.moments)
        if not self.remote:
            if not ended:
                await self.here.hand.present(CARD)
            return
        assert running is not None
        response = await self.here.csms.call(wire.RequestStopTransactionRequest(transaction_id=running))
        assert response.status == ("Rejected" if ended else "Accepted")


async def charge(
    start: str, stop: str, order: tuple[str, ...], *, remote: bool
) -> list[tuple[Moment, wire.TransactionEventRequest]]:
    """Go through a whole charge, and return its events with their moments."""
    async with site(product=FLAGSHIP) as here:
        assert await here.set("TxCtrlr", "TxStartPoint", start) == "Accepted"
        assert await here.set("TxCtrlr", "TxStopPoint", stop) == "Accepted"
        assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "0") == "Accepted"
        act = Act(here, remote=remote)
        for moment in (*order, *STOPPING):
            await act.do(moment)
        return act.moments


def expected_trigger(moment: Moment, *, remote: bool) -> str:
    """Return the triggerReason of a moment."""
    if moment == "authorize":
        return "RemoteStart" if remote else "Authorized"
    if moment == "stop":
        return "RemoteStop" if remote else "StopAuthorized"
    return TRIGGERS[moment]


def expected_start_trigger(start: Moment, order: tuple[str, ...], *, remote: bool) -> str:
    """Return the triggerReason of Started: the first event after a remote start says RemoteStart (F02.FR.05)."""
    if remote and order.index(start) >= order.index("authorize"):
        return "RemoteStart"
    return expected_trigger(start, remote=remote)


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize("order", [CABLE_FIRST, CARD_FIRST], ids=["cable first", "card first"])
@pytest.mark.parametrize(("start", "stop"), list(every(STARTS, STOPS)))
def test_a_transaction_runs_from_its_start_point_to_its_stop_point(
    *, start: str, stop: str, order: tuple[str, ...], remote: bool
) -> None:
    """E01, E06, F01, F02, F03: single points."""
    with no_errors():
        moments = run(charge(start, stop, order, remote=remote), limit=3600)
    events = [event for _, event in moments]
    first, last = moments[0], moments[-1]
    assert (first[0], first[1].event_type.value) == (STARTS[start][order], "Started")
    assert (last[0], last[1].event_type.value) == (STOPS[stop], "Ended")
    assert len({event.transaction_info.transaction_id for event in events}) == 1
    assert [event.seq_no for event in events] == list(range(len(events)))
    assert first[1].trigger_reason == expected_start_trigger(first[0], order, remote=remote)
    assert last[1].trigger_reason == expected_trigger(last[0], remote=remote)
    told = [event.id_token.id_token for event in events if event.id_token is not None]
    assert told[0] == CARD
    remote_ids = [event.transaction_info.remote_start_id for event in events if event.transaction_info.remote_start_id]
    assert remote_ids == ([7] if remote else [])


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize("stop", list(STOPS))
def test_the_stopped_reason_says_who_stopped(*, stop: str, remote: bool) -> None:
    """E06, E07, F03.FR.03: the stop by card or command is the reason, though the transaction outlives it."""
    moments = run(charge("PowerPathClosed", stop, CABLE_FIRST, remote=remote), limit=3600)
    expected = "StoppedByEV" if stop == "EnergyTransfer" else "Remote" if remote else "Local"
    # Local is the default, and may be left out of the message.
    assert (moments[-1][1].transaction_info.stopped_reason or "Local") == expected


SETS = [
    ("ParkingBayOccupancy,EnergyTransfer", "EVConnected,Authorized", "arrive", "stop"),
    ("EVConnected,Authorized", "EVConnected,EnergyTransfer", "plug", "suspend"),
    ("Authorized,EnergyTransfer", "ParkingBayOccupancy,EVConnected", "authorize", "unplug"),
    ("PowerPathClosed,EnergyTransfer", "ParkingBayOccupancy,PowerPathClosed", "authorize", "stop"),
    (",".join(STARTS), ",".join(STOPS), "arrive", "suspend"),
]


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize(("start", "stop", "started", "ended"), SETS)
def test_of_a_set_the_first_point_counts(*, start: str, stop: str, started: str, ended: str, remote: bool) -> None:
    """E01.FR.01, E06.FR.01: sets of points."""
    moments = run(charge(start, stop, CABLE_FIRST, remote=remote), limit=3600)
    assert (moments[0][0], moments[0][1].event_type.value) == (started, "Started")
    assert (moments[-1][0], moments[-1][1].event_type.value) == (ended, "Ended")


def test_a_card_before_the_cable_starts_anew_in_an_occupied_bay() -> None:
    """Decided case 1, with the authorization waiting for its cable: the bay that stayed occupied counts as gained."""

    async def live() -> None:
        async with site(product=FLAGSHIP) as here:
            assert await here.set("TxCtrlr", "TxStartPoint", "ParkingBayOccupancy") == "Accepted"
            assert await here.set("TxCtrlr", "TxStopPoint", "Authorized") == "Accepted"
            act = Act(here, remote=False)
            for moment in ("arrive", "plug", "authorize", "energy"):
                await act.do(moment)
            await here.hand.present(CARD)
            await act.do("unplug")
            for moment in ("authorize", "plug", "energy"):
                await act.do(moment)
            kinds = [(moment, event.event_type.value) for moment, event in act.moments if event.seq_no == 0]
            assert kinds == [("arrive", "Started"), ("plug", "Started")]
            assert here.simulator.read(1).power_w > 0

    run(live(), limit=3600)
