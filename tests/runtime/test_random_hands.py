"""Whatever people, cars, the network and the mains do: transactions stay whole, in order, and are told as they were."""

import os

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from ohmstead.edge.virtual_time import run
from ohmstead.model.device import OCPPCommCtrlr
from ohmstead.product.load import load
from tests.generators import WHOLE
from tests.runtime.hands import Action, Hands
from tests.runtime.site import site
from tests.runtime.witness import no_errors

FLAGSHIP = load("flagship")
LONG = WHOLE or bool(os.environ.get("OHMSTEAD_LONG"))
EXAMPLES = int(os.environ.get("OHMSTEAD_EXAMPLES") or (3000 if LONG else 300))
OFTEN = ("wait", "plug", "unplug", "present")
SELDOM = (
    "choose",
    "arrive",
    "leave",
    "suspend",
    "resume",
    "stop_by_ev",
    "fault",
    "clear",
    "emergency",
    "cut_network",
    "restore_network",
    "cut_power",
    "restore_power",
    "reboot",
    "remote_start",
    "remote_stop",
    "availability",
    "reset",
    "refuse",
)


def _some(seldom: list[str]) -> st.SearchStrategy[list[Action]]:
    """Return sequences in which a few of the rarer actions come often: what they do together shows sooner."""
    names = st.sampled_from(OFTEN * 2 + ("wait",) * 5 + tuple(seldom))
    return st.lists(st.tuples(names, st.integers(0, 47)), min_size=60, max_size=140)


ACTIONS = st.lists(st.sampled_from(SELDOM), min_size=1, max_size=6, unique=True).flatmap(_some)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        ("TxCtrlr", "StopTxOnEVSideDisconnect"): st.sampled_from(["true", "false"]),
        ("TxCtrlr", "StopTxOnInvalidId"): st.sampled_from(["true", "false"]),
        ("TxCtrlr", "MaxEnergyOnInvalidId"): st.sampled_from(["0", "500"]),
        ("AuthCtrlr", "LocalPreAuthorize"): st.sampled_from(["true", "false"]),
        ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"): st.sampled_from(["true", "false"]),
        ("AuthCtrlr", "AuthorizeRemoteStart"): st.sampled_from(["true", "false"]),
        ("SampledDataCtrlr", "TxEndedInterval"): st.sampled_from(["0", "20"]),
        ("TxCtrlr", "TxBeforeAcceptedEnabled"): st.sampled_from(["true", "false"]),
        ("OCPPCommCtrlr", "QueueAllMessages"): st.sampled_from(["true", "false"]),
        ("OCPPCommCtrlr", "MinimumStatusDuration"): st.sampled_from(["0", "20"]),
        ("OCPPCommCtrlr", "OfflineThreshold"): st.sampled_from(["0", "60", "6000"]),
    },
)


def points(supported: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return any non-empty set of points, as the variable has it."""
    return st.lists(st.sampled_from(supported), min_size=1, unique=True).map(",".join)


async def live(start: str, stop: str, values: dict[tuple[str, str], str], actions: list[Action]) -> None:
    """Set the site up, let the hands do what they do, put everything in order, and check."""
    async with site(product=FLAGSHIP) as here:
        hands = Hands(here)
        wanted = {("TxCtrlr", "TxStartPoint"): start, ("TxCtrlr", "TxStopPoint"): stop, **values}
        wanted["AuthCtrlr", "MasterPassGroupId"] = "SERVICE"
        for (component, variable), value in wanted.items():
            assert await here.set(component, variable, value) == "Accepted", (component, variable, value)
        station = here.host.station
        assert station is not None
        with station.work.unit():
            # More than the hands let the CSMS refuse in a row: a discarded event would be a gap by right.
            station.settings.assign(OCPPCommCtrlr.message_attempts, 100)
            station.settings.assign(OCPPCommCtrlr.message_attempt_interval, 5)
        for action in actions:
            await hands.do(action)
        await hands.settle()
        hands.witness.check_now()
        hands.witness.check()
        event(f"transactions: {min(5, sum(heard.event.seq_no == 0 for heard in hands.witness.heard))}")


@pytest.mark.timeout(3600)
@settings(
    max_examples=EXAMPLES,
    derandomize=not LONG,
    phases=list(Phase) if LONG else [Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(points(FLAGSHIP.start_points), points(FLAGSHIP.stop_points), SETTINGS, ACTIONS)
def test_nothing_is_lost_whatever_hands_do(
    start: str, stop: str, values: dict[tuple[str, str], str], actions: list[Action]
) -> None:
    """One Started, one Ended, contiguous seqNo, one transaction a place, energy, offline, order, statuses, rows."""
    with no_errors():
        run(live(start, stop, values, actions), limit=100_000)
