"""What the back office does not send: more than a station takes, and what its state or the specification forbids."""

from collections.abc import Callable, Mapping
from typing import cast

import pytest

from ohmstead.csms.examples import EXAMPLES
from ohmstead.csms.manners import WHILE_PENDING
from ohmstead.ports.bench import CommandRefused
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import RegistrationStatusEnum
from tests.csms.office import Wire, WireScript, World, refuse, run, wire, with_settings

GET, SET = "getVariableData", "setVariableData"


def place(component: str, variable: str, instance: str | None = None, **more: object) -> dict[str, object]:
    named = {"name": variable} if instance is None else {"name": variable, "instance": instance}
    return {"component": {"name": component}, "variable": named, **more}


def heartbeats(count: int) -> list[dict[str, object]]:
    return [place("Ctrlr", f"V{number}", attributeValue="1") for number in range(count)]


def without_values(data: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in each.items() if name != "attributeValue"} for each in data]


MANY: dict[str, Callable[[int], Mapping[str, object]]] = {
    "GetVariables": lambda count: {GET: without_values(heartbeats(count))},
    "SetVariables": lambda count: {SET: heartbeats(count)},
    "GetReport": lambda count: {"requestId": 1, "componentVariable": without_values(heartbeats(count))},
    "GetMonitoringReport": lambda count: {"requestId": 1, "componentVariable": without_values(heartbeats(count))},
    "SetVariableMonitoring": lambda count: {
        "setMonitoringData": [
            {"value": 1, "type": "Delta", "severity": 4, **each} for each in without_values(heartbeats(count))
        ]
    },
    "ClearVariableMonitoring": lambda count: {"id": list(range(count))},
    "SendLocalList": lambda count: {
        "versionNumber": 1,
        "updateType": "Full",
        "localAuthorizationList": [
            {"idToken": {"idToken": f"{number:08X}", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
            for number in range(count)
        ],
    },
}
INSTANCES = {
    "GetMonitoringReport": ("DeviceDataCtrlr", "GetReport"),
    "SetVariableMonitoring": ("MonitoringCtrlr", "SetVariableMonitoring"),
    "ClearVariableMonitoring": ("MonitoringCtrlr", "ClearVariableMonitoring"),
    "SendLocalList": ("LocalAuthListCtrlr", None),
}


def limited(items: int | None, size: int | None) -> WireScript:
    """Return a station that reports how much it takes, in any case of letters, and counts what came."""

    def script(action: str, payload: Mapping[str, object]) -> object:
        if action != "GetVariables":
            return ("NotSupported", "")
        found = []
        for each in cast(list[dict[str, dict[str, str]]], payload[GET]):
            limit = {"ItemsPerMessage": items, "BytesPerMessage": size}.get(each["variable"]["name"])
            status = {"attributeStatus": "UnknownVariable"} if limit is None else {"attributeStatus": "Accepted"}
            value = {} if limit is None else {"attributeValue": str(limit)}
            found.append({**each, **status, **value})
        return {"getVariableResult": found}

    return script


def sent(station: Wire, action: str) -> int:
    return sum(each == action for _, each in station.calls)


@pytest.mark.parametrize("action", MANY)
def test_no_more_elements_than_the_station_takes(action: str) -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with wire(world, limited(3, None)) as station:
            await world.csms.send("CP1", action, MANY[action](3))
            before = sent(station, action)
            with pytest.raises(
                CommandRefused, match=r"4 elements, and the station takes 3 in one message \([BDN]0\d\.FR"
            ):
                await world.csms.send("CP1", action, MANY[action](4))
            assert sent(station, action) == before

    run(main)


@pytest.mark.parametrize("action", MANY)
def test_no_more_bytes_than_the_station_takes(action: str) -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with wire(world, limited(None, 2000)) as station:
            many = 400 if action == "ClearVariableMonitoring" else 24
            await world.csms.send("CP1", action, MANY[action](many // 4))
            before = sent(station, action)
            with pytest.raises(CommandRefused, match="bytes, and the station takes 2000 in one message"):
                await world.csms.send("CP1", action, MANY[action](many * 2))
            assert sent(station, action) - before == (action == "GetVariables")  # the limit is asked for

    run(main)


@pytest.mark.parametrize("action", MANY)
def test_a_station_that_says_nothing_of_it_gets_what_was_asked_and_is_asked_once(action: str) -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with wire(world, limited(None, None)) as station:
            for _ in range(2):
                assert (await world.csms.send("CP1", action, MANY[action](9))).kind in ("CALLRESULT", "CALLERROR")
            limits = 2 if action != "ClearVariableMonitoring" else 1
            assert sent(station, "GetVariables") == limits + (2 if action == "GetVariables" else 0)

    run(main)


@pytest.mark.parametrize("action", MANY)
def test_a_limit_that_was_reported_counts_without_asking_until_the_next_boot(action: str) -> None:
    component, instance = INSTANCES.get(action, ("DeviceDataCtrlr", action))

    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with world.station(script=scripted) as station:
            await station.boot()
            entry = m.ReportData(
                component=m.Component(name=component.upper()),
                variable=m.Variable(name="itemspermessage", instance=instance and instance.lower()),
                variable_attribute=(m.VariableAttribute(value="2"),),
            )
            part = m.NotifyReportRequest(request_id=1, generated_at=world.clock.now(), seq_no=0, report_data=(entry,))
            await station.call(part)
            with pytest.raises(CommandRefused, match="takes 2 in one message"):
                await world.csms.send("CP1", action, MANY[action](3))
            await station.boot()
            assert (await world.csms.send("CP1", action, MANY[action](3))).kind in ("CALLRESULT", "CALLERROR")

    run(main)


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1.5", "٣", "9" * 40])
def test_a_limit_that_is_no_number_limits_nothing(value: str) -> None:
    def script(action: str, payload: Mapping[str, object]) -> object:
        if action == "SetVariables":
            return ("NotSupported", "")
        (asked,) = cast(list[dict[str, object]], payload[GET])
        return {"getVariableResult": [{**asked, "attributeStatus": "Accepted", "attributeValue": value}]}

    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with wire(world, script):
            assert (await world.csms.send("CP1", "SetVariables", MANY["SetVariables"](3))).kind == "CALLERROR"

    run(main)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (place("TxCtrlr", "V"), place("TxCtrlr", "V"), True),
        (place("TxCtrlr", "V"), place("txctrlr", "v", attributeType="Actual"), True),
        (place("TxCtrlr", "V", "I"), place("TxCtrlr", "V", "i"), True),
        (place("TxCtrlr", "V"), place("TxCtrlr", "V", attributeType="Target"), False),
        (place("TxCtrlr", "V"), place("TxCtrlr", "V", "I"), False),
        (place("TxCtrlr", "V"), place("TxCtrlr", "W"), False),
        (
            {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "V"}},
            {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "V"}},
            False,
        ),
        (
            {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "V"}},
            {"component": {"name": "evse", "evse": {"id": 1}}, "variable": {"name": "V"}},
            True,
        ),
    ],
)
def test_no_variable_is_set_twice_in_one_message(one: dict[str, object], other: dict[str, object], same: bool) -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with wire(world, limited(None, None)) as station:
            payload = {SET: [{"attributeValue": "1", **one}, {"attributeValue": "2", **other}]}
            if not same:
                assert (await world.csms.send("CP1", "SetVariables", payload)).kind == "CALLERROR"
                return
            with pytest.raises(CommandRefused, match=r"is there twice \(B05\.FR\.13\)"):
                await world.csms.send("CP1", "SetVariables", payload)
            assert station.calls == []

    run(main)


@pytest.mark.parametrize("action", EXAMPLES)
def test_while_a_station_is_pending_it_is_only_asked_what_it_may_be(action: str) -> None:
    async def main() -> None:
        world = World(with_settings(first_boot_answers=(RegistrationStatusEnum.Pending,)))
        async with world.station(script=scripted) as station:
            await station.boot()
            if action in WHILE_PENDING:
                await world.csms.send("CP1", action, allowed(action))
                assert len(station.asked) == 1
                return
            with pytest.raises(CommandRefused, match=r"Pending \(B02\.FR\.01, B02\.FR\.05\)"):
                await world.csms.send("CP1", action, EXAMPLES[action])
            assert station.asked == []
            await station.boot()
            asked = len(station.asked)
            await world.csms.send("CP1", action, EXAMPLES[action])
            assert len(station.asked) > asked

    run(main)


@pytest.mark.parametrize("action", EXAMPLES)
def test_every_example_may_be_sent(action: str) -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with world.station(script=scripted) as station:
            await world.csms.send("CP1", action, EXAMPLES[action])
            assert len(station.asked) == 1

    run(main)


PERIOD = {"startPeriod": 0, "limit": 10.0}


def profile(purpose: str = "TxProfile", period: Mapping[str, object] = PERIOD, **fields: object) -> dict[str, object]:
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}],
        **fields,
    }


def local_list(*entries: Mapping[str, object]) -> dict[str, object]:
    return {"versionNumber": 1, "updateType": "Differential", "localAuthorizationList": entries}


TOKEN = {"idToken": "04A1B2C3", "type": "ISO14443"}
STRANGE = {"idToken": "XYZ not hex", "type": "ISO14443"}
ENTRY = {"idTokenInfo": {"status": "Accepted"}}
ALLOWED = {"idToken": TOKEN, "idTokenInfo": {"status": "Accepted"}}
ONE_PHASE = {**PERIOD, "numberPhases": 1, "phaseToUse": 2}


@pytest.mark.parametrize(
    ("action", "payload", "source"),
    [
        ("TriggerMessage", {"requestedMessage": "StatusNotification"}, "F06.FR.13"),
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "evse": {"id": 1}}, "F06.FR.13"),
        ("SetChargingProfile", {"evseId": 1, "chargingProfile": profile()}, "K01.FR.03"),
        (
            "SetChargingProfile",
            {"evseId": 0, "chargingProfile": profile("ChargingStationExternalConstraints")},
            "K01.FR.22",
        ),
        (
            "SetChargingProfile",
            {"evseId": 1, "chargingProfile": profile("TxDefaultProfile", {**PERIOD, "phaseToUse": 1})},
            "K01.FR.19",
        ),
        (
            "SetChargingProfile",
            {"evseId": 1, "chargingProfile": profile("TxDefaultProfile", {**ONE_PHASE, "numberPhases": 3})},
            "K01.FR.19",
        ),
        (
            "RequestStartTransaction",
            {"remoteStartId": 1, "idToken": TOKEN, "chargingProfile": profile("TxDefaultProfile")},
            "F01.FR.09",
        ),
        (
            "RequestStartTransaction",
            {"remoteStartId": 1, "idToken": TOKEN, "chargingProfile": profile(transactionId="tx-1")},
            "F01.FR.11",
        ),
        ("GetChargingProfiles", {"requestId": 1, "chargingProfile": {}}, "K09.FR.03"),
        (
            "GetChargingProfiles",
            {"requestId": 1, "chargingProfile": {"chargingProfileId": [1], "stackLevel": 0}},
            "K09.FR.03",
        ),
        ("ClearChargingProfile", {}, "K10.FR.02"),
        ("ClearChargingProfile", {"chargingProfileCriteria": {}}, "K10.FR.02"),
        (
            "ClearChargingProfile",
            {"chargingProfileCriteria": {"chargingProfilePurpose": "ChargingStationExternalConstraints"}},
            "K10.FR.06",
        ),
        ("SendLocalList", {"versionNumber": 0, "updateType": "Full"}, "D01.FR.18"),
        ("SendLocalList", {"versionNumber": -1, "updateType": "Differential"}, "D01.FR.18"),
        ("SendLocalList", local_list(ALLOWED, ALLOWED), "D01.FR.06"),
        ("SendLocalList", local_list(ALLOWED, {"idToken": {**TOKEN, "idToken": "04a1b2c3"}}), "D01.FR.06"),
        ("CustomerInformation", {"requestId": 1, "report": True, "clear": False}, "N09.FR.04"),
        ("CustomerInformation", {"requestId": 1, "report": False, "clear": True}, "N10.FR.08"),
        ("RequestStartTransaction", {"remoteStartId": 1, "idToken": STRANGE}, "$.idToken.idToken is not"),
        (
            "RequestStartTransaction",
            {
                "remoteStartId": 1,
                "idToken": {**TOKEN, "additionalInfo": [{"additionalIdToken": "#1", "type": "x"}]},
            },
            "$.idToken.additionalInfo[0].additionalIdToken is not",
        ),
        (
            "RequestStartTransaction",
            {"remoteStartId": 1, "idToken": TOKEN, "groupIdToken": STRANGE},
            "$.groupIdToken.idToken is not",
        ),
        (
            "ReserveNow",
            {"id": 1, "expiryDateTime": "2026-12-31T00:00:00Z", "idToken": STRANGE},
            "$.idToken.idToken is not",
        ),
        (
            "SendLocalList",
            {
                "versionNumber": 1,
                "updateType": "Full",
                "localAuthorizationList": [{**ENTRY, "idToken": TOKEN}, {**ENTRY, "idToken": STRANGE}],
            },
            "$.localAuthorizationList[1].idToken.idToken is not",
        ),
    ],
)
def test_what_a_csms_shall_not_send_is_refused_with_the_requirement(
    action: str, payload: Mapping[str, object], source: str
) -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            with pytest.raises(CommandRefused) as refused:
                await world.csms.send("CP1", action, payload)
        assert source in str(refused.value)
        assert station.asked == []

    run(main)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("RequestStopTransaction", {"transactionId": "as the station {calls} it"}),
        ("CustomerInformation", {"requestId": 1, "report": False, "clear": True, "idToken": STRANGE}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("SetChargingProfile", {"evseId": 1, "chargingProfile": profile(transactionId="tx-1")}),
        ("SetChargingProfile", {"evseId": 1, "chargingProfile": profile("TxDefaultProfile", ONE_PHASE)}),
        ("RequestStartTransaction", {"remoteStartId": 1, "idToken": TOKEN, "chargingProfile": profile()}),
        ("SendLocalList", {"versionNumber": 1, "updateType": "Full"}),
        ("SendLocalList", local_list(ALLOWED, {"idToken": {**TOKEN, "type": "ISO15693"}})),
        ("GetChargingProfiles", {"requestId": 1, "chargingProfile": {"chargingProfileId": [1]}}),
        ("ClearChargingProfile", {"chargingProfileCriteria": {"evseId": 1}}),
        ("CustomerInformation", {"requestId": 1, "report": True, "clear": True, "customerIdentifier": "Ada"}),
    ],
)
def test_what_looks_alike_and_is_right_is_sent(action: str, payload: Mapping[str, object]) -> None:
    async def main() -> None:
        world = World()
        async with world.station(script=scripted) as station:
            await world.csms.send("CP1", action, payload)
            asked = [ACTION_OF[type(request)] for request in station.asked]
            assert [each for each in asked if each != "GetVariables"] == [action]  # it asks for limits first

    run(main)


def allowed(action: str) -> Mapping[str, object]:
    return {"requestedMessage": "Heartbeat"} if action == "TriggerMessage" else EXAMPLES[action]


def scripted(request: Request[Response]) -> Response:
    """Answer nothing but SetVariables: whether a request came is all that counts."""
    if isinstance(request, m.SetVariablesRequest):
        return refuse(request)
    raise CallError(ErrorCode.NotSupported, "not here")
