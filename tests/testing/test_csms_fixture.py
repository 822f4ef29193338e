"""The lab's CSMS as a fixture: for who builds a station and wants to see what it says."""

import pytest

from ohmstead.ports.bench import StationView
from ohmstead.testing import AsyncCsms, AsyncStation, BlockingStation, ListeningCsms, StationSetup
from ohmstead.wire import messages as wire
from ohmstead.wire.errors import CallError, ErrorCode

PATIENT = 60.0


def setup(csms: AsyncCsms, url: str = "") -> StationSetup:
    """Return how our own station, which stands for a vendor's, is given that CSMS."""
    given = csms.setup.provisioning
    return StationSetup(csms_url=url or csms.url, product="flagship", identity=given.identity, password=given.password)


@pytest.mark.asyncio
async def test_a_station_is_waited_for_asked_and_answered(csms: ListeningCsms) -> None:
    lab = await csms(patience=PATIENT)
    lab.know("04DEAD", "Blocked")
    async with AsyncStation(setup(lab)) as station:
        await lab.connected()
        boot = await lab.expect(wire.BootNotificationRequest, reason="PowerUp")
        assert boot.charging_station.vendor_name == "Ohmstead"
        answered = await lab.call(
            wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum.Inoperative),
            within=PATIENT,
            status="Accepted",
        )
        assert answered.status is wire.ChangeAvailabilityStatusEnum.Accepted
        await lab.expect("StatusNotification", connectorStatus="Unavailable")
        await station.hand.present("04DEAD")
        asked = await lab.expect("Authorize", idToken={"idToken": "04DEAD"})
        await lab.wire.until(lambda said: said.answer_to(asked) is not None, within=PATIENT)
        answer = lab.wire.answer_to(asked)
        assert answer is not None
        assert answer["idTokenInfo.status"] == "Blocked"
        with pytest.raises(AssertionError, match="GetVariablesResponse: getVariableResult"):
            component, variable = wire.Component(name="NoSuch"), wire.Variable(name="NoSuch")
            await lab.call(
                wire.GetVariablesRequest(
                    get_variable_data=(wire.GetVariableData(component=component, variable=variable),)
                ),
                within=PATIENT,
                getVariableResult__0__attributeStatus="Accepted",
            )


def test_of_a_test_that_blocks(csms: ListeningCsms) -> None:
    lab = csms.blocking(patience=PATIENT)
    lab.answer(wire.BootNotificationRequest, CallError(ErrorCode.InternalError, "not now"), times=1)
    given = lab.setup.provisioning
    station = BlockingStation(
        StationSetup(csms_url=lab.url, product="flagship", identity=given.identity, password=given.password)
    )
    try:
        station.start()
        lab.connected()
        lab.expect("BootNotification", reason="PowerUp")
        view = station.view()
        assert isinstance(view, StationView)
    finally:
        station.close()


@pytest.mark.asyncio
async def test_who_does_not_come_in_is_told_of(csms: ListeningCsms) -> None:
    lab = await csms()
    wrong = StationSetup(csms_url=lab.url, product="flagship", identity="CS-002", password="x" * 16)
    station = await AsyncStation(wrong).start()
    try:
        await station.wire.until(lambda _: True)
        with pytest.raises(AssertionError) as failed:
            await lab.connected(within=3)
    finally:
        await station.close()
    assert "no station has connected within 3 s" in str(failed.value)
    assert "CS-002" in str(failed.value)
