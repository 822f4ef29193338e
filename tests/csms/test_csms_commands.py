"""What an operator can ask, and what comes back."""

from collections.abc import Mapping

import msgspec
import pytest

from ohmstead.csms.commands import request_of, schemas
from ohmstead.csms.examples import EXAMPLES
from ohmstead.ports.bench import Backoffice, CommandRefused, UnknownStation
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from tests.csms.office import URL, World, refuse, run


@pytest.mark.parametrize("action", EXAMPLES)
def test_every_command_has_a_schema_and_an_example_that_is_valid(action: str) -> None:
    schema = schemas()[action]
    assert schema["$ref"] == f"#/$defs/{ACTIONS[action][0].__name__}"
    assert schema["examples"] == [EXAMPLES[action]]
    assert type(request_of(action, EXAMPLES[action])) is ACTIONS[action][0]


def test_there_are_forty_commands() -> None:
    assert len(EXAMPLES) == 40


def test_the_office_is_what_its_page_expects() -> None:
    async def main() -> None:
        world = World()
        office: Backoffice = world.csms
        assert office.url == URL
        assert len(office.tokens()) == 8
        assert set(office.commands()) == set(EXAMPLES)

    run(main)


@pytest.mark.parametrize(
    ("action", "payload", "text"),
    [
        ("Explode", {}, "Explode is no action of OCPP 2.0.1"),
        ("Heartbeat", {}, "Heartbeat is sent by stations only"),
        ("Reset", {}, "missing required field `type`"),
        ("Reset", {"type": "Gently"}, "$.type: Invalid enum value 'Gently'"),
        ("UnlockConnector", {"evseId": "1", "connectorId": 1}, "$.evseId: Expected `int`, got `str`"),
        ("ClearCache", {"force": True}, "unknown field `force`"),
        ("ClearCache", {"customData": None}, "$.customData: null"),
        ("ClearCache", {"force": {1, 2}}, "unknown field `force`"),
        ("ClearCache", {"force": object()}, "the payload is no JSON"),
    ],
)
def test_a_command_that_breaks_its_schema_is_refused_with_the_field(
    action: str, payload: Mapping[str, object], text: str
) -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            with pytest.raises(CommandRefused) as refused:
                await world.csms.send("CP1", action, payload)
        assert text in str(refused.value)
        assert station.asked == []

    run(main)


def test_a_response_comes_back_as_json_with_its_latency() -> None:
    async def main() -> None:
        world = World()

        def script(request: Request[Response]) -> Response:
            if isinstance(request, m.ResetRequest):
                return m.ResetResponse(status=m.ResetStatusEnum.Scheduled)
            return refuse(request)

        async with world.station(script=script):
            result = await world.csms.send("CP1", "Reset", {"type": "OnIdle"})
        assert (result.kind, result.payload) == ("CALLRESULT", '{"status":"Scheduled"}')
        assert result.latency == pytest.approx(0.01)

    run(main)


def test_an_error_comes_back_with_code_description_and_details() -> None:
    async def main() -> None:
        world = World()

        def script(_: Request[Response]) -> Response:
            raise CallError(ErrorCode.NotSupported, "no cache here", {"why": "small"})

        async with world.station(script=script):
            result = await world.csms.send("CP1", "ClearCache", {})
        assert result.kind == "CALLERROR"
        assert msgspec.json.decode(result.payload) == {
            "errorCode": "NotSupported",
            "errorDescription": "no cache here",
            "errorDetails": {"why": "small"},
        }

    run(main)


def test_a_silent_station_times_out_and_a_lost_one_says_so() -> None:
    async def main() -> None:
        world = World()
        async with world.station():
            world.network.cut("Wired0")
            started = world.clock.now()
            assert (await world.csms.send("CP1", "ClearCache", {})).kind == "Timeout"
            assert (world.clock.now() - started).total_seconds() == pytest.approx(30.0, abs=0.1)

    run(main)


def test_a_station_that_is_away_or_unknown_cannot_be_commanded() -> None:
    async def main() -> None:
        world = World()
        with pytest.raises(UnknownStation, match="CP1 is not connected"):
            await world.csms.send("CP1", "ClearCache", {})
        with pytest.raises(UnknownStation, match="CP9 is no station"):
            await world.csms.send("CP9", "ClearCache", {})

    run(main)
