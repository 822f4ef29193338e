"""What an unknown station is taken for: whatever it reported, it is a product, and each line says where from."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.lab.cases.inventory import standards
from ohmstead.lab.describe.description import describe
from ohmstead.lab.describe.hardware import StationReply
from ohmstead.lab.describe.inquiry import StationFound
from ohmstead.lab.describe.questions import StationQuestion
from ohmstead.lab.describe.variables import FoundVariable, found_in
from ohmstead.product.check import problems
from ohmstead.product.load import parse
from ohmstead.product.remarks import with_remarks
from ohmstead.product.write import write
from ohmstead.wire.messages import BootNotificationRequest, BootReasonEnum, ChargingStation
from tests.generators import examples

VALUES = (None, "", "true", "false", "0", "1", "3", "60", "EVConnected,Authorized", "Nonsense", "cCCS2", "sType2", "-5")
PLACES = ("", "#1", "#2", "#1/1", "#1/2", "#3/1", "#0")
KEYS = st.builds(
    lambda one, place: f"{one.component}{place}.{one.variable}" + (f"[{one.instance}]" if one.instance else ""),
    st.sampled_from(standards()),
    st.sampled_from(PLACES),
)
NUMBERS = st.none() | st.sampled_from((0.0, 1.0, 240000.0, -3.0, 1e300))
VARIABLES = st.builds(
    FoundVariable,
    value=st.sampled_from(VALUES),
    writable=st.booleans(),
    values=st.sampled_from(((), ("EVConnected", "Authorized", "Odd"), ("ISO14443", "Central"), ("Voltage", "x"))),
    min=NUMBERS,
    max=NUMBERS,
)


def _usual(question: StationQuestion) -> StationReply:
    return StationReply(question.read(question.usual), "assumed")


def _with(**variables: str) -> StationFound:
    found = {name.replace("_", "."): FoundVariable(value=value, writable=True) for name, value in variables.items()}
    return StationFound(variables=found, inventory="FullInventory", complete=True)


@given(
    variables=st.dictionaries(KEYS, VARIABLES, max_size=60),
    complete=st.booleans(),
    profile=st.sampled_from((1, 2, 3)),
    answers=st.dictionaries(
        st.sampled_from(("readers", "tokens", "current", "connectors")),
        st.sampled_from(("none", "dc", "cccs2,stype2", "keycode", "s309-1p-16a")),
    ),
)
@settings(max_examples=examples(60, 3000), deadline=None)
def test_whatever_was_reported_is_a_product(
    variables: dict[str, FoundVariable], complete: bool, profile: int, answers: dict[str, str]
) -> None:
    def ask(question: StationQuestion) -> StationReply:
        try:
            return StationReply(question.read(answers.get(question.name, question.usual)), "told")
        except ValueError:
            return _usual(question)

    found = StationFound(variables=variables, inventory="FullInventory", complete=complete, security_profile=profile)
    description = describe(found, ask)
    assert list(problems(description.product)) == []
    text = with_remarks(write(description.product, "a station"), description.sources)
    assert parse(text.encode()) == description.product


def test_a_silent_station_is_assumed_to_be_little_and_says_so() -> None:
    description = describe(StationFound(), _usual)
    product = description.product
    assert product.start_points == ("PowerPathClosed",)
    assert description.sources["features.C-09.4"].startswith("assumed")
    assert description.sources["identity.model"] == "assumed"
    assert product.identity.firmware_version == ""


def test_what_was_seen_is_claimed() -> None:
    found = _with(
        TxCtrlr_TxStartPoint="EVConnected,Authorized",
        AuthCtrlr_AuthorizeRemoteStart="false",
        AuthCacheCtrlr_Enabled="true",
        AuthCtrlr_SupportedIdTokenTypes="ISO14443,Central",
    )
    station = ChargingStation(vendor_name="Maker", model="Box 1", firmware_version="2.0")
    found.boot = BootNotificationRequest(reason=BootReasonEnum.PowerUp, charging_station=station)
    found.triggers = {"MeterValues": "Accepted", "LogStatusNotification": "NotImplemented"}
    description = describe(found, _usual)
    features = description.product.features
    for name in ("C-09.1", "C-09.2", "C-48.1", "C-48.2", "C-49", "C-51", "C-30", "C-38", "C-29.1"):
        assert features[name], name
    for name in ("C-09.4", "C-29.3", "C-13", "C-31"):
        assert not features[name], name
    assert description.sources["features.C-49"] == "seen: AuthCacheCtrlr.Enabled"
    assert description.product.identity.model == "Box 1"
    text = with_remarks(write(description.product), description.sources)
    assert "C-49 = true      # Authorization cache; seen: AuthCacheCtrlr.Enabled" in text.splitlines()


def test_a_report_is_read_whatever_is_missing_in_it() -> None:
    payload = msgspec.json.decode(
        b"""{"reportData": [
            {"component": {"name": "txctrlr"}, "variable": {"name": "TXSTARTPOINT"}},
            {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"},
             "variableAttribute": [{"type": "Target", "value": "1"}], "variableCharacteristics": {"maxLimit": 22000}},
            {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
             "variableAttribute": [{"value": "4", "mutability": "ReadOnly"}]},
            {"component": {}, "variable": {"name": "Nothing"}},
            {"variable": 7}, 12, null,
            {"component": {"name": "EVSE", "evse": {"id": "x"}}, "variable": {"name": "Available"},
             "variableAttribute": "none", "variableCharacteristics": []}
        ]}"""
    )
    found = dict(found_in(payload))
    assert list(found) == [
        "TxCtrlr.TxStartPoint",
        "EVSE#2.Power",
        "DeviceDataCtrlr.ItemsPerMessage[GetReport]",
        "EVSE.Available",
    ]
    assert found["EVSE#2.Power"] == FoundVariable(max=22000.0)
    assert found["DeviceDataCtrlr.ItemsPerMessage[GetReport]"] == FoundVariable(value="4")
    assert list(found_in({"reportData": None})) == list(found_in([])) == []
