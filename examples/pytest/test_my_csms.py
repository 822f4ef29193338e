"""A CSMS of ten lines on the package `ocpp`, and its tests with a real charging station: `pytest examples/pytest`.

pip install ohmstead ocpp websockets pytest pytest-asyncio
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ohmstead.testing import AsyncHand, AsyncNetwork, AsyncPower, ChargingStations, Wire

# The CSMS


class MyCsms(ChargePoint):  # type: ignore[misc]
    @on("BootNotification")  # type: ignore[untyped-decorator]
    def boot(self, **_: object) -> object:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251
        return call_result.BootNotification(current_time=now, interval=300, status="Accepted")

    @on("Authorize")  # type: ignore[untyped-decorator]
    def authorize(self, id_token: dict[str, str], **_: object) -> object:
        known = id_token["id_token"] == "04A1B2C3"
        return call_result.Authorize(id_token_info={"status": "Accepted" if known else "Invalid"})

    @on("TransactionEvent")  # type: ignore[untyped-decorator]
    def transaction_event(self, id_token: dict[str, str] | None = None, **_: object) -> object:
        return call_result.TransactionEvent(id_token_info={"status": "Accepted"} if id_token else None)

    @on("StatusNotification")  # type: ignore[untyped-decorator]
    def status(self, **_: object) -> object:
        return call_result.StatusNotification()

    @on("SecurityEventNotification")  # type: ignore[untyped-decorator]
    def security_event(self, **_: object) -> object:
        return call_result.SecurityEventNotification()


async def handle(connection: ServerConnection) -> None:
    """Serve one station."""
    path = connection.request.path if connection.request else ""
    with suppress(ConnectionClosed):
        await MyCsms(path.rpartition("/")[2], connection).start()


# Its tests


@pytest_asyncio.fixture
async def csms_url() -> AsyncIterator[str]:
    """The CSMS under test, on a port that the system chooses."""
    async with serve(handle, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")]) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.asyncio
async def test_a_driver_charges(csms_url: str, charging_station: ChargingStations, hand: AsyncHand, wire: Wire) -> None:
    await charging_station(csms_url, product="ac-wallbox")

    await hand.plug(1)
    await hand.present("04A1B2C3")
    started = await wire.expect("TransactionEvent", eventType="Started")
    await wire.expect("TransactionEvent", transactionInfo={"chargingState": "Charging"})

    await hand.present("04A1B2C3")
    await hand.unplug(1)
    ended = await wire.expect("TransactionEvent", eventType="Ended")
    assert ended["transactionInfo.transactionId"] == started["transactionInfo.transactionId"]


@pytest.mark.asyncio
async def test_an_unknown_card_starts_nothing(
    csms_url: str, charging_station: ChargingStations, hand: AsyncHand, wire: Wire
) -> None:
    await charging_station(csms_url, product="ac-wallbox")

    await hand.present("0400DEAD")
    asked = await wire.expect("Authorize", idToken={"idToken": "0400DEAD"})
    await wire.until(lambda wire: wire.answer_to(asked) is not None)
    await hand.plug(1)
    await wire.expect_none("TransactionEvent", seconds=0.5, idToken=...)


@pytest.mark.asyncio
async def test_what_happened_offline_is_told_afterwards(
    csms_url: str, charging_station: ChargingStations, hand: AsyncHand, wire: Wire, network: AsyncNetwork
) -> None:
    await charging_station(csms_url, product="ac-wallbox")
    await hand.plug(1)
    await hand.present("04A1B2C3")
    await wire.expect("TransactionEvent", eventType="Started")

    await network.cut()
    await hand.unplug(1)
    await network.restore()
    await wire.expect("TransactionEvent", eventType="Ended", offline=True, within=60)


@pytest.mark.asyncio
async def test_a_power_cut_is_a_new_boot(
    csms_url: str, charging_station: ChargingStations, wire: Wire, power: AsyncPower
) -> None:
    await charging_station(csms_url, product="ac-wallbox")
    await wire.expect("BootNotification", reason="PowerUp")

    await power.cut()
    await power.restore()
    await wire.expect("BootNotification", reason="PowerUp", within=60)


@pytest.mark.asyncio
async def test_three_stations_at_once(csms_url: str, charging_station: ChargingStations) -> None:
    stations = [await charging_station(csms_url, product="minimal") for _ in range(3)]
    assert [one.setup.identity for one in stations] == ["OHM-0001", "OHM-0002", "OHM-0003"]
    for station in stations:
        await station.wire.expect("StatusNotification", connectorStatus="Available")
