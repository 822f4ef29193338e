"""Nothing that a CSMS sends ends the station: the right CALLERROR or a log line, and then it charges a car."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.memory_link import MemoryLink
from ohmstead.edge.virtual_time import run
from tests.runtime.raw_csms import RawCsms, result, taken_over
from tests.runtime.site import site
from tests.runtime.witness import no_errors

DEEP = "[" * 20_000 + "]" * 20_000
WRONG = [
    ("not JSON", "{", "-1", "RpcFrameworkError"),
    ("no array", '{"a":1}', "-1", "RpcFrameworkError"),
    ("an empty array", "[]", "-1", "RpcFrameworkError"),
    ("deep nesting", f'[2,"1","Reset",{DEEP}]', None, None),
    ("an unknown message type", '[9,"1","Reset",{}]', "1", "MessageTypeNotSupported"),
    ("an unknown action", '[2,"1","MakeCoffee",{}]', "1", "NotImplemented"),
    (
        "an action of an absent feature",
        '[2,"1","ReserveNow",{"id":1,"expiryDateTime":"2026-01-01T00:00:00Z","idToken":{"idToken":"A","type":"Central"}}]',
        "1",
        "NotSupported",
    ),
    ("a missing field", '[2,"1","Reset",{}]', "1", "OccurrenceConstraintViolation"),
    ("a wrong type", '[2,"1","Reset",{"type":5}]', "1", "TypeConstraintViolation"),
    ("a wrong value", '[2,"1","Reset",{"type":"Now"}]', "1", "PropertyConstraintViolation"),
    ("an unknown field", '[2,"1","Reset",{"type":"OnIdle","evse":1}]', "1", "FormatViolation"),
    ("a null", '[2,"1","Reset",{"type":"OnIdle","evseId":null}]', "1", "TypeConstraintViolation"),
    ("a number beyond 32 bits", '[2,"1","Reset",{"type":"OnIdle","evseId":4294967296}]', "1", None),
    ("a payload that is no object", '[2,"1","Reset",[]]', "1", None),
]


async def charges(csms: RawCsms) -> None:
    """Charge a car; the station is well."""
    before = len(csms.of("TransactionEvent"))
    await csms.here.hand.plug(1)
    await csms.here.hand.present("04A1B2C3")
    await csms.until(lambda: any('"Charging"' in call.payload for call in csms.of("TransactionEvent")[before:]), 60)
    await csms.here.hand.unplug(1)
    await csms.until(lambda: any('"Ended"' in call.payload for call in csms.of("TransactionEvent")[before:]), 60)


def survive(scenario: Callable[[RawCsms], Awaitable[None]]) -> None:
    """Run a scenario against a station, and let it charge a car after that."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            await scenario(csms)
            await charges(csms)
            assert here.host.runs == 1

    with no_errors():
        run(live(), limit=3600)


@pytest.mark.parametrize(("text", "identifier", "code"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_a_wrong_frame_gets_the_right_error(text: str, identifier: str | None, code: str | None) -> None:
    """Part 4, 4.3: the code says what was wrong (decided case 14)."""

    async def scenario(csms: RawCsms) -> None:
        answer = msgspec.json.decode(await csms.ask(text), type=list[object])
        assert answer[0] == 4
        assert identifier in (None, answer[1])
        assert code in (None, answer[2])
        assert len(str(answer[3])) <= 255

    survive(scenario)


def test_an_oversize_frame_costs_the_link_and_nothing_else() -> None:
    """The size limit comes first: what is too big is not even read (RFC 6455: 1009), and the station comes back."""

    async def scenario(csms: RawCsms) -> None:
        first = csms.link
        await csms.send('[2,"1","DataTransfer",{"vendorId":"' + "x" * (1 << 20) + '"}]')
        await csms.until(lambda: csms.link is not first)
        await asyncio.sleep(1)

    survive(scenario)


def test_a_binary_frame_is_answered_or_logged() -> None:
    """OCPP-J is text (Part 4, 3.1)."""

    async def scenario(csms: RawCsms) -> None:
        assert isinstance(csms.link, MemoryLink)
        await csms.link.send_bytes(b"\x82\x00\xff")
        await asyncio.sleep(1)

    survive(scenario)


def test_a_repeated_call_is_served_once() -> None:
    """The same CALL again gets the same answer; another one under its id is refused (Part 4, 4.1.4)."""

    async def scenario(csms: RawCsms) -> None:
        clear = '[2,"7","ClearCache",{}]'
        first = await csms.ask(clear)
        assert await csms.ask(clear) == first
        other = await csms.ask('[2,"7","GetTransactionStatus",{}]')
        assert other.startswith('[4,"7","RpcFrameworkError"')

    survive(scenario)


@pytest.mark.parametrize(
    "stray", ['[3,"nobody-asked",{}]', '[4,"nobody-asked","GenericError","",{}]', '[3,"x"]', "[4]"]
)
def test_an_answer_to_nothing_is_a_log_line(stray: str) -> None:
    """It is neither answered nor counted."""

    async def scenario(csms: RawCsms) -> None:
        await csms.send(stray)
        await asyncio.sleep(1)
        assert csms.others == []

    survive(scenario)


def test_a_late_answer_to_a_card_grants_nothing() -> None:
    """Authorize timed out and was decided without it; the answer a minute later changes nothing."""

    async def scenario(csms: RawCsms) -> None:
        csms.replies["Authorize"] = lambda _identifier, _payload: None
        await csms.here.hand.present("04A1B2C3")
        await csms.until(lambda: len(csms.of("Authorize")) == 1)
        await asyncio.sleep(60)
        await csms.send(result(csms.of("Authorize")[0].id, '{"idTokenInfo":{"status":"Accepted"}}'))
        await asyncio.sleep(1)
        assert csms.here.host.station is not None
        assert len(csms.here.host.station.charging.sessions) == 0
        del csms.replies["Authorize"]

    survive(scenario)


def test_a_flood_of_calls_is_served_in_order() -> None:
    """More than a peer may have outstanding; what is refused is refused in good form."""

    async def scenario(csms: RawCsms) -> None:
        for number in range(200):
            await csms.send(f'[2,"f{number}","GetTransactionStatus",{{}}]')
        await asyncio.sleep(5)
        kinds = {msgspec.json.decode(text, type=list[object])[0] for text in csms.others}
        assert kinds <= {3, 4}
        served = [text for text in csms.others if text.startswith("[3,")]
        assert served == sorted(served, key=lambda text: int(text.split('"')[1][1:]))

    survive(scenario)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
ACTIONS = [
    "Reset",
    "SetVariables",
    "RequestStartTransaction",
    "TriggerMessage",
    "DataTransfer",
    "BootNotification",
    "X",
]
FRAMES = st.one_of(
    st.text(max_size=60),
    JSON.map(lambda value: msgspec.json.encode(value).decode()),
    st.tuples(st.sampled_from([2, 3, 4, 5]), st.text(max_size=40), st.sampled_from(ACTIONS), JSON).map(
        lambda frame: msgspec.json.encode(frame).decode()
    ),
)


@settings(max_examples=25, derandomize=True)
@given(st.lists(FRAMES, min_size=10, max_size=60))
def test_the_station_survives_whatever_comes(frames: list[str]) -> None:
    """Text that is nearly right, and text that is not."""

    async def scenario(csms: RawCsms) -> None:
        for frame in frames:
            await csms.send(frame)
            await asyncio.sleep(0.05)

    survive(scenario)
