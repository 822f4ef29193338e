"""TC_A_19 begins in security profile 1 where lab.toml says so: over `ws://`, and never back (A05, errata 6.2.7)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import cycle

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.model.network import Slot
from ohmstead.product.load import load
from ohmstead.runtime.route import StationRoute
from tests.lab.mutation import mutants, replaced

CONFIG = LabConfig(security_profile=1)


def upgraded(
    mutate: Callable[[], AbstractContextManager[None]] = nullcontext,
    config: LabConfig = CONFIG,
    *,
    record: bool = False,
) -> Result:
    """Run the case on the flagship."""
    return run_in_memory(load_cases()["TC_A_19_CS"], load("flagship"), config, mutate=mutate, record=record)


def test_the_way_from_profile_1_to_2_begins_without_tls() -> None:
    result = upgraded(record=True)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
    handshakes = [line.text for line in result.log if "handshake" in line.text]
    assert [text.partition("handshake ")[2].partition(":")[0] for text in handshakes] == ["ws", "wss", "wss"]
    assert confirmed(result, load("flagship"), CONFIG) == result


def test_the_slot_of_profile_1_has_to_go() -> None:
    result = upgraded(mutants()["profile-slot-stays"].mutate)
    assert (result.verdict, result.finding and result.finding.step) == (Verdict.FAIL, "14")


def _back_to_the_first(right: Callable[[StationRoute], Iterator[Slot]], self: StationRoute) -> Iterator[Slot]:
    """Once connected, the provisioning is tried again whenever the CSMS is lost."""
    return right(self) if self._booting else cycle((self._network.active, self._network.provisioned))


def test_a_station_that_goes_back_to_profile_1_fails() -> None:
    result = upgraded(lambda: replaced(StationRoute, "_begin", _back_to_the_first))
    assert (result.verdict, result.finding and result.finding.step) == (Verdict.FAIL, "16")


def test_it_begins_below_the_highest_profile_whatever_is_configured() -> None:
    result = upgraded(config=LabConfig(security_profile=3))
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
    handshakes = [line.text for line in result.log if "handshake" in line.text]
    assert all("handshake wss:" in text for text in handshakes)
