"""The pytest plugin of Ohmstead (entry point `pytest11`): fixtures for tests of a CSMS, and for tests of a station.

It imports nothing of Ohmstead before a test asks for a fixture. docs/testing.md shows how to use it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from ohmstead.testing import (
        AsyncHand,
        AsyncNetwork,
        AsyncPower,
        BlockingHand,
        BlockingNetwork,
        BlockingPower,
        BlockingWire,
        ChargingStations,
        ListeningCsms,
        Wire,
    )

_STATIONS: pytest.StashKey["ChargingStations"] = pytest.StashKey()
_CSMS: pytest.StashKey["ListeningCsms"] = pytest.StashKey()


class _OfTheStation:
    """A part of the one station of a test, which may be made after the fixture."""

    def __init__(self, part: Callable[[], object]) -> None:
        self._part = part

    def __getattr__(self, name: str) -> object:
        return getattr(self._part(), name)


@pytest.fixture
def charging_station(request: pytest.FixtureRequest) -> Iterator["ChargingStations"]:
    """Charging stations: `await charging_station(csms_url)`; in a test that blocks, `charging_station.blocking(url)`.

    Options: product, identity, password, csms_root, client_cert, client_key, security_profile, seed, patience,
    where ("loop", "process"), accepted. The test's end is theirs.
    """
    from ohmstead.testing import ChargingStations

    stations = ChargingStations()
    request.node.stash[_STATIONS] = stations
    try:
        yield stations
    finally:
        stations.close()


@pytest.fixture
def hand(charging_station: "ChargingStations") -> "AsyncHand | BlockingHand":
    """What a person does at the one station of the test: `await hand.plug(1)`, `await hand.present("04A1B2C3")`."""
    return cast("AsyncHand", _OfTheStation(lambda: charging_station.only().hand))


@pytest.fixture
def wire(charging_station: "ChargingStations") -> "Wire | BlockingWire":
    """What the station and its CSMS say: `await wire.expect("TransactionEvent", eventType="Started")`."""
    return cast("Wire", _OfTheStation(lambda: charging_station.only().wire))


@pytest.fixture
def network(charging_station: "ChargingStations") -> "AsyncNetwork | BlockingNetwork":
    """The network of the station: `await network.cut()`, `restore()`, `delay(0.3)`."""
    return cast("AsyncNetwork", _OfTheStation(lambda: charging_station.only().network))


@pytest.fixture
def power(charging_station: "ChargingStations") -> "AsyncPower | BlockingPower":
    """The mains of the station: `await power.cut()`, `restore()`."""
    return cast("AsyncPower", _OfTheStation(lambda: charging_station.only().power))


@pytest.fixture
def csms(request: pytest.FixtureRequest) -> Iterator["ListeningCsms"]:
    """The lab's CSMS for the tests of a station: `await csms(listen="ws://0.0.0.0:9000/ocpp")`, `csms.blocking(...)`.

    Options: listen, identity, password, security_profile, names, folder, patience.
    """
    from ohmstead.testing import ListeningCsms

    listening = ListeningCsms()
    request.node.stash[_CSMS] = listening
    try:
        yield listening
    finally:
        listening.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Show under a test that fails what was said on its wires."""
    if call.excinfo is None:
        return
    stations, listening = item.stash.get(_STATIONS, None), item.stash.get(_CSMS, None)
    for one in (*(stations.all if stations else ()), *(listening.all if listening else ())):
        said = one.wire.text() or "nothing"
        item.add_report_section(call.when, f"wire of {one.setup.identity}", said)
