"""A CSMS that speaks otherwise, but rightly: every case passes in every dialect of the tester's."""

import json
import re
from datetime import UTC, datetime

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.dialect import Dialect, speech_of
from ohmstead.lab.evidence.judge import judge_tape
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.wire import codec, frames
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Response
from ohmstead.wire.errors import CallError
from tests.generators import WHOLE, sample
from tests.lab.late_answers import EXCEPTIONS

PRODUCTS = ("sec1000-240y", "flagship")
CONFIGS: dict[Dialect, LabConfig] = {
    Dialect.CustomData: LabConfig(dialect=Dialect.CustomData),
    Dialect.Instants: LabConfig(dialect=Dialect.Instants),
    Dialect.Notation: LabConfig(dialect=Dialect.Notation),
    Dialect.Longest: LabConfig(
        dialect=Dialect.Longest,
        group=f"{'Group-':G<36}",
        master_group=f"{'Masters-':M<36}",
        vendor_id=f"{'org.example.':v<255}",
        message_id=f"{'nothing-':n<50}",
    ),
    Dialect.Letters: LabConfig(dialect=Dialect.Letters),
    Dialect.Late: LabConfig(
        dialect=Dialect.Late, message_timeout=30, settings={"SampledDataCtrlr.TxUpdatedInterval": "900"}
    ),
    Dialect.LastMoment: LabConfig(
        dialect=Dialect.LastMoment, message_timeout=30, settings={"SampledDataCtrlr.TxUpdatedInterval": "900"}
    ),
}

Cell = tuple[Dialect, str, str]


def _cells(*, excepted: bool = False) -> list[Cell]:
    return [
        (dialect, product, case)
        for dialect in CONFIGS
        for product in PRODUCTS
        for case in sorted(load_cases())
        if select(case, load(product)).applies and (case in EXCEPTIONS.get(dialect, {})) == excepted
    ]


FOUND: list[Cell] = [
    (dialect, "sec1000-240y", case)
    for dialect, case in (
        (Dialect.CustomData, "TC_B_06_CS"),  # names are compared with the customData in them
        (Dialect.CustomData, "TC_C_38_CS"),  # a token that is kept with customData
        (Dialect.CustomData, "TC_F_01_CS"),
        (Dialect.Longest, "TC_C_45_CS"),  # the master group was that of the case, not the configured one
        (Dialect.Late, "TC_B_21_CS"),  # the station rebooted before the answer to Ended
        (Dialect.LastMoment, "TC_B_22_CS"),
        (Dialect.Late, "TC_C_34_CS"),  # energy flows before the token is known to be invalid
        (Dialect.Late, "TC_L_01_CS"),  # a reboot before the statuses of the update had arrived
    )
]
"""What was not right once."""
TRIED = list(dict.fromkeys([*FOUND, *sample(_cells(), 60)]))


def _name(cell: Cell) -> str:
    return "-".join(map(str, cell))


@pytest.mark.parametrize("cell", TRIED, ids=_name)
def test_the_case_passes(cell: Cell) -> None:
    """It knows nothing of the dialect."""
    dialect, product, case = cell
    result = run_in_memory(load_cases()[case], load(product), CONFIGS[dialect])
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("cell", sample(_cells(excepted=True), 4), ids=_name)
def test_no_case_is_excepted_without_need(cell: Cell) -> None:
    """What passes by now leaves the table."""
    dialect, product, case = cell
    result = run_in_memory(load_cases()[case], load(product), CONFIGS[dialect])
    assert result.verdict is not Verdict.PASS


def test_the_whole_is_a_matrix() -> None:
    """Six dialects, both products, every case but the exceptions."""
    assert len(_cells()) + len(_cells(excepted=True)) == len(CONFIGS) * (191 + 202)
    assert not WHOLE or len(TRIED) == len(_cells())


# What a dialect is


RESPONSES: tuple[Response, ...] = (
    wire.HeartbeatResponse(current_time=datetime(2026, 3, 2, 8, 30, 11, tzinfo=UTC)),
    wire.BootNotificationResponse(
        current_time=datetime(2026, 3, 2, 8, 30, 11, tzinfo=UTC),
        interval=300,
        status=wire.RegistrationStatusEnum.Accepted,
    ),
    wire.AuthorizeResponse(
        id_token_info=wire.IdTokenInfo(
            status=wire.AuthorizationStatusEnum.Accepted,
            group_id_token=wire.IdToken(id_token="a/b\u00e9\U0001f50c", type=wire.IdTokenEnum.Central),
        )
    ),
)


@pytest.mark.parametrize("dialect", [Dialect.Instants, Dialect.Notation])
@pytest.mark.parametrize("response", RESPONSES, ids=lambda one: type(one).__name__)
def test_another_way_of_writing_says_the_same(dialect: Dialect, response: Response) -> None:
    """Read by a strict reader, as often as it is written."""
    speech, plain = speech_of(dialect), frames.parse(speech_of(Dialect.Plain).result("1", response))
    for _ in range(40):
        frame = frames.parse(speech.result("1", response))
        assert isinstance(frame, frames.CallResult)
        assert isinstance(plain, frames.CallResult)
        read = codec.decode(type(response), frame.payload)
        assert read == codec.decode(type(response), plain.payload)


def test_the_ways_of_writing_an_instant() -> None:
    """All that RFC 3339 allows within three decimals: letters of both cases, offsets, none to three decimals."""
    speech = speech_of(Dialect.Instants)
    now = wire.HeartbeatResponse(current_time=datetime(2026, 3, 2, 8, 30, 11, 987654, tzinfo=UTC))
    written = [json.loads(speech.result("1", now))[2]["currentTime"] for _ in range(60)]
    assert all(re.fullmatch(r"[\d-]{10}[Tt][\d:]{8}(\.\d{1,3})?([Zz]|[+-]\d\d:\d\d)", text) for text in written)
    assert {text[10] for text in written} == {"T", "t"}
    assert {text[-1] for text in written if text[-1].isalpha()} == {"Z", "z"}
    assert {len(match[0]) for text in written if (match := re.search(r"\.\d+", text))} == {2, 3, 4}
    assert len({text[-6:] for text in written if text[-3] == ":"}) > 5


def test_the_ways_of_writing_a_frame() -> None:
    """Blanks, escapes and another order of members."""
    speech = speech_of(Dialect.Notation)
    written = "".join(
        speech.call("a", "Reset", wire.ResetRequest(type=wire.ResetEnum.OnIdle, evse_id=1)) for _ in range(9)
    )
    assert re.search(r"\\u00[0-9A-F]{2}", written)
    assert re.search(r"\[\s+2\s*,", written)
    said = [speech.result("1", response) for response in RESPONSES for _ in range(9)]
    assert any(r"\/" in text for text in said)
    assert {number for text in said for number in re.findall(r"\b3[0-9.eE+]+", text)} >= {
        "300",
        "300.0",
        "3e2",
        "3.00E+2",
    }


def test_customdata_is_in_every_type() -> None:
    """That of the response, of the information about the token, and of the group."""
    text = speech_of(Dialect.CustomData).result("1", RESPONSES[2])
    payload = json.loads(text)[2]
    assert all(
        "customData" in part for part in (payload, payload["idTokenInfo"], payload["idTokenInfo"]["groupIdToken"])
    )


def test_the_longest_is_legal() -> None:
    """36 characters of a message id, 255 of a description; every payload is still by its schema."""
    speech = speech_of(Dialect.Longest)
    assert len(speech.message_id("lab-1")) == len(speech.message_id("lab-999-999")) == frames.MESSAGE_ID_LENGTH
    error = frames.parse(speech.error("1", CallError("GenericError", "no")))
    assert isinstance(error, frames.CallErrorFrame)
    assert len(error.description) == 255
    for response in RESPONSES:
        frame = frames.parse(speech.result("1", response))
        assert isinstance(frame, frames.CallResult)
        codec.check(type(response), bytes(frame.payload))


@pytest.mark.parametrize("dialect", list(CONFIGS), ids=str)
def test_evidence_in_a_dialect_is_judged_again(dialect: Dialect) -> None:
    """The same verdict comes of the wire log."""
    case, product = load_cases()["TC_C_08_CS"], load("sec1000-240y")
    result = run_in_memory(case, product, CONFIGS[dialect], record=True)
    again = judge_tape(result.evidence, case, product, CONFIGS[dialect])
    assert (result.verdict, again.verdict, again.reason) == (Verdict.PASS, Verdict.PASS, "")
