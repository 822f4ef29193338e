"""The live trace: readable, bounded, without secrets."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.rpc.trace import Trace
from ohmstead.wire import messages as m
from ohmstead.wire.secrets import HIDDEN, redact
from tests.csms.office import START, World, run, with_settings


def test_a_call_and_its_response_are_two_lines_with_a_latency() -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        async with world.station() as station:
            await station.boot()
            await station.call(m.HeartbeatRequest())
        lines = world.csms.trace()
        assert [(line.number, line.direction, line.kind, line.action) for line in lines] == [
            (1, "received", "CALL", "BootNotification"),
            (2, "sent", "CALLRESULT", "BootNotification"),
            (3, "received", "CALL", "Heartbeat"),
            (4, "sent", "CALLRESULT", "Heartbeat"),
        ]
        assert lines[2].payload == "{}"
        assert lines[0].latency is None
        assert lines[1].latency == pytest.approx(0.0, abs=0.01)
        assert world.csms.trace(since=3) == lines[3:]
        assert world.csms.trace(since=4) == ()

    run(main)


def test_who_waits_for_news_is_woken() -> None:
    async def main() -> None:
        world = World()
        version = await world.csms.wait_changed(-1)
        async with world.station() as station:
            version = await world.csms.wait_changed(version)
            waiting = asyncio.ensure_future(world.csms.wait_changed(version))
            await station.boot()
            assert await waiting > version

    run(main)


def test_garbage_is_a_line_and_the_station_goes_on() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.link.send("{not json")
            await station.link.send_bytes(b"\x00\x01")
            await station.link.send('[2,"x","Explode",{}]')
            await station.link.send('[2,"y","Heartbeat",' + "[" * 3000 + "]" * 3000 + "]")
            await station.call(m.HeartbeatRequest())
        kinds = [line.kind for line in world.csms.trace() if line.direction == "received"]
        assert kinds[:3] == ["unreadable", "unreadable", "CALL"]

    run(main)


def test_lines_are_bounded_and_numbers_go_on() -> None:
    trace = Trace(kept=3)
    for number in range(5):
        trace.add("CP1", "sent", f'[2,"{number}","Heartbeat",{{}}]', START, 0.0)
    assert [line.number for line in trace.since(0)] == [3, 4, 5]
    assert [line.number for line in trace.since(4)] == [5]


def test_characters_are_bounded_too() -> None:
    trace = Trace(characters=100)
    for _ in range(5):
        trace.add("CP1", "sent", f'[2,"1","DataTransfer",{{"vendorId":"{"x" * 60}"}}]', START, 0.0)
    assert len(trace.since(0)) == 1


def test_an_action_that_is_none_takes_no_room_and_shows_no_secret() -> None:
    """Only payloads are counted."""
    trace = Trace()
    trace.add("CP1", "received", f'[2,"1","{"x" * 100_000}",{{}}]', START, 0.0)
    trace.add("CP1", "received", '[2,"2","https://user:Hunter2@host/",{}]', START, 0.0)
    trace.add("CP1", "sent", '[4,"2","NotImplemented","",{}]', START, 0.1)
    assert max(len(line.action) for line in trace.since(0)) < 100
    assert not any("Hunter2" in line.action for line in trace.since(0))


@pytest.mark.parametrize(
    ("payload", "hidden"),
    [
        ({"connectionData": {"apn": {"apnPassword": "secret", "simPin": 4711}}}, ["secret", "4711"]),
        ({"vpn": {"server": "v", "user": "u", "password": "secret", "key": "secret-key"}}, ["secret"]),
        ({"log": {"remoteLocation": "ftp://me:secret@host/path"}}, ["secret"]),
        ({"idToken": {"idToken": "1234", "type": "KeyCode"}}, ["1234"]),
        ({"data": "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"}, ["AAAA"]),
        ({"x": [{"attributeValue": "secret", "variable": {"name": "BasicAuthPassword"}}]}, ["secret"]),
        ({"variableAttribute": [{"value": "secret"}], "variable": {"name": "BasicAuthPassword"}}, ["secret"]),
    ],
)
def test_secrets_are_replaced(payload: dict[str, object], hidden: list[str]) -> None:
    text = redact(msgspec.json.encode(payload).decode())
    assert HIDDEN in text
    assert not [secret for secret in hidden if secret in text]


def test_a_key_that_is_no_secret_and_a_card_stay() -> None:
    payload = '{"vendor":"VPN maker","key":"kept","idToken":{"idToken":"04A1B2C3","type":"ISO14443"}}'
    assert redact(payload) == payload


@given(st.text(max_size=60), st.sampled_from(["", '[2,"1","A",', '[3,"1",']))
def test_no_frame_can_break_the_trace(rest: str, start: str) -> None:
    trace = Trace()
    trace.add("CP1", "received", start + rest, START, 0.0)
    (line,) = trace.since(0)
    msgspec.json.decode(line.payload)
