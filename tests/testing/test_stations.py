"""The fixtures as a CSMS's own tests use them: in tests that block, and in any async plugin's loop."""

import asyncio

import pytest

from ohmstead.testing import (
    AsyncHand,
    AsyncNetwork,
    AsyncStation,
    BlockingHand,
    BlockingNetwork,
    BlockingPower,
    BlockingWire,
    ChargingStations,
    DoubleFrame,
    FaultNotTaken,
    HandRefused,
    SetupError,
    StationSetup,
    Wire,
    WrongField,
)
from ohmstead.wire.messages import TransactionEventRequest

AC = "ac-wallbox"


def test_a_test_that_blocks(
    csms_url: str,
    charging_station: ChargingStations,
    hand: BlockingHand,
    wire: BlockingWire,
    power: BlockingPower,
    network: BlockingNetwork,
) -> None:
    station = charging_station.blocking(csms_url, product=AC, seed=1, patience=60)
    wire.expect("BootNotification")
    hand.plug(1)
    hand.present("04A1B2C3")
    started = wire.expect(TransactionEventRequest, eventType="Started", idToken={"idToken": "04a1b2c3"})
    assert started.transaction_info.transaction_id
    with pytest.raises(HandRefused, match="EVSE 1"):
        hand.plug(1)
    network.delay(0.01)
    power.cut()
    assert not station.view().powered
    power.restore()
    wire.expect("BootNotification", reason="PowerUp")
    hand.unplug(1)
    ended = wire.expect("TransactionEvent", eventType="Ended")
    assert ended["transactionInfo.transactionId"] == started.transaction_info.transaction_id
    assert wire.answer_to(wire.calls("BootNotification")[0]) is not None


@pytest.mark.asyncio
async def test_in_the_loop_of_pytest_asyncio(
    csms_url: str, charging_station: ChargingStations, hand: AsyncHand, wire: Wire
) -> None:
    await charging_station(csms_url, product=AC, patience=60)
    await hand.plug(1)
    await wire.expect("StatusNotification", connectorStatus="Occupied", evse_id=1)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_in_the_loop_of_anyio(
    anyio_backend: str, csms_url: str, charging_station: ChargingStations, hand: AsyncHand, wire: Wire
) -> None:
    assert anyio_backend == "asyncio"
    await charging_station(csms_url, product=AC, patience=60)
    await hand.plug(1)
    await wire.expect("StatusNotification", connectorStatus="Occupied", evse_id=1)


def test_without_any_plugin(csms_url: str) -> None:
    async def charge() -> None:
        async with AsyncStation(StationSetup(csms_url=csms_url, product=AC, patience=60)) as station:
            await station.hand.plug(1)
            await station.wire.expect("StatusNotification", connectorStatus="Occupied")
            await station.hand.unplug(1)

    asyncio.run(charge())


@pytest.mark.asyncio
async def test_as_a_process_of_its_own(csms_url: str, charging_station: ChargingStations) -> None:
    station = await charging_station(csms_url, product=AC, where="process", patience=60, accepted=False)
    await station.accepted(within=120)
    await station.hand.plug(1)
    await station.wire.expect("StatusNotification", connectorStatus="Occupied")
    with pytest.raises(HandRefused, match="EVSE 7"):
        await station.hand.plug(7)
    with pytest.raises(NotImplementedError, match="process"):
        await station.network.delay(1)


@pytest.mark.asyncio
async def test_stations_of_one_test_have_identities_of_their_own(
    csms_url: str, charging_station: ChargingStations, hand: AsyncHand
) -> None:
    made = [await charging_station(csms_url, product="minimal") for _ in range(2)]
    assert [one.setup.identity for one in made] == ["OHM-0001", "OHM-0002"]
    with pytest.raises(RuntimeError, match="several stations \\(OHM-0001, OHM-0002\\)"):
        await hand.plug(1)


def test_the_hand_of_a_test_without_a_station(hand: BlockingHand) -> None:
    with pytest.raises(RuntimeError, match="make one with charging_station"):
        hand.plug(1)


@pytest.mark.asyncio
async def test_a_slow_network_delays_both_ways(
    csms_url: str, charging_station: ChargingStations, network: AsyncNetwork, wire: Wire, hand: AsyncHand
) -> None:
    await charging_station(csms_url, product=AC, patience=60)
    await wire.expect("StatusNotification")
    await network.delay(0.2)
    await hand.plug(1)
    told = await wire.expect("StatusNotification", connectorStatus="Occupied")
    await wire.until(lambda wire: wire.answer_to(told) is not None)
    answer = wire.answer_to(told)
    assert answer is not None
    assert (answer.at - told.at).total_seconds() > 0.39


# What a failure says


@pytest.mark.asyncio
async def test_a_failure_says_what_came_instead(csms_url: str, charging_station: ChargingStations) -> None:
    station = await charging_station(csms_url, product=AC)
    await station.wire.expect("StatusNotification", within=60)
    await station.hand.plug(1)
    await station.wire.until(lambda wire: len(wire.calls("StatusNotification")) > 1, within=60)
    with pytest.raises(AssertionError) as failed:
        await station.wire.expect("StatusNotification", within=0.1, connectorStatus="Faulted", evseId=1)
    lines = str(failed.value).splitlines()
    assert lines[0] == ("no StatusNotification of the station with connectorStatus Faulted and evseId 1 within 0.1 s")
    assert lines[1] == "these came instead:"
    assert lines[2].endswith("StatusNotification: connectorStatus is Occupied, not Faulted")
    assert f"station OHM-0001 at {csms_url}/OHM-0001: Connected, BootNotification Accepted" in lines
    assert any("station → csms  BootNotification" in line for line in lines)


@pytest.mark.asyncio
async def test_a_message_that_may_not_come(csms_url: str, charging_station: ChargingStations) -> None:
    station = await charging_station(csms_url, product=AC)
    await station.wire.expect_none("TransactionEvent", seconds=0.01)
    with pytest.raises(AssertionError, match="a BootNotification of the station with reason PowerUp came, and none"):
        await station.wire.expect_none("BootNotification", seconds=0.01, reason="PowerUp")


@pytest.mark.asyncio
async def test_what_no_message_can_have_is_said_at_once(csms_url: str, charging_station: ChargingStations) -> None:
    wire = (await charging_station(csms_url, product=AC)).wire
    with pytest.raises(WrongField, match="StatusNotificationRequest has no field 'status'; it has timestamp, connec"):
        await wire.expect("StatusNotification", status="Available")
    with pytest.raises(WrongField, match="IdToken has no field 'token'; it has additionalInfo, idToken"):
        await wire.expect("TransactionEvent", idToken={"token": "04A1B2C3"})
    with pytest.raises(
        ValueError, match="'TransactionEvents' is no action of OCPP 2\\.0\\.1; right would be Transaction"
    ):
        await wire.expect("TransactionEvents")


def test_a_csms_that_does_not_accept_is_told_with_the_reason(charging_station: ChargingStations) -> None:
    station = charging_station.blocking("ws://127.0.0.1:9/ocpp", product=AC, accepted=False)
    with pytest.raises(AssertionError) as failed:
        station.accepted(within=1)
    text = str(failed.value)
    assert text.startswith("the CSMS has not accepted the station within 1 s")
    assert "last error: " in text and "127.0.0.1:9" in text
    assert "nothing has been said on the wire" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"csms_url": "http://127.0.0.1:9000"}, "right would be ws://HOST:PORT/PATH"),
        ({"csms_url": "ws://u:secret@127.0.0.1"}, "password= takes it"),
        ({"csms_url": "ws://127.0.0.1", "product": "sec1000-240y", "password": "x" * 16}, "no security profile 1; "),
        ({"csms_url": "wss://127.0.0.1", "password": "x" * 16}, "needs csms_root"),
        ({"csms_url": "ws://127.0.0.1", "identity": "a:b"}, "identity 'a:b'"),
        ({"csms_url": "ws://127.0.0.1", "security_profile": 2}, "needs a wss:// URL"),
        ({"csms_url": "wss://127.0.0.1", "password": "x" * 16, "csms_root": "no.pem"}, "neither PEM text nor a file"),
    ],
)
def test_a_station_that_cannot_be_is_refused_before_it_starts(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(SetupError) as refused:
        AsyncStation(StationSetup(**wrong))  # type: ignore[arg-type]
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_fault_of_the_protocol_acts_on_the_wire_and_ends(
    csms_url: str, charging_station: ChargingStations, hand: BlockingHand, wire: BlockingWire
) -> None:
    station = charging_station.blocking(csms_url, product=AC, patience=60)
    added = station.faults.add(DoubleFrame(action="StatusNotification", times=1))
    assert station.faults.active[0].number == added.number
    with pytest.raises(FaultNotTaken, match="Hartbeat is no action"):
        station.faults.add(DoubleFrame(action="Hartbeat"))
    wire.clear()
    hand.plug(1)
    first = wire.expect("StatusNotification", connectorStatus="Occupied")
    assert wire.expect("StatusNotification", connectorStatus="Occupied").message_id == first.message_id
    assert station.faults.active == ()
    assert station.faults.spent[0].applied == 1


@pytest.mark.asyncio
async def test_faults_in_the_loop_of_the_test(csms_url: str, charging_station: ChargingStations) -> None:
    station = await charging_station(csms_url, product=AC)
    station.faults.add(DoubleFrame(action="Heartbeat"))
    assert (await station.view()).protocol_faults == station.faults.active
    station.faults.clear()
    assert station.faults.active == ()
