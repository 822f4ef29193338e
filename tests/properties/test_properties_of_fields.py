"""For every field of every message that the CSMS sends, extreme values: afterwards the station does its work.

It answers GetVariables, keeps its clock, charges a car, and has not failed inside.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import cast

import pytest

from ohmstead.csms.examples import EXAMPLES
from ohmstead.edge.virtual_time import run
from ohmstead.ports.calls import CallFailed, CallTimeout
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.wire import codec
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.errors import CallError
from tests.generators import sample
from tests.properties.fields import Json, Path, least, variants
from tests.runtime.site import START, Answering, Site, site

PRODUCTS = ("sec1000-240y", "flagship")
ANSWERED = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "NotifyCustomerInformation",
    "NotifyReport",
    "SecurityEventNotification",
    "SignCertificate",
    "StatusNotification",
    "TransactionEvent",
)
"""What our station asks a CSMS."""
CARD = "04A1B2C3D4E5F6"
PLACE = "https://files.example/logs/"
LONG = 4 * 86_400


def plain_response(action: str) -> dict[str, Json]:
    """Return the payload of a plain answer."""
    special: dict[str, dict[str, Json]] = {
        "BootNotification": {"currentTime": "2026-01-01T00:00:00Z", "interval": 300, "status": "Accepted"},
        "Authorize": {"idTokenInfo": {"status": "Accepted"}},
    }
    return special.get(action) or cast("dict[str, Json]", least(ACTIONS[action][1]))


@cache
def cells() -> list[tuple[str, str, str, Path]]:
    """Return (product, way, action, path) for every field."""
    found = []
    for product in PRODUCTS:
        for action, example in EXAMPLES.items():
            fields = variants(ACTIONS[action][0], cast("dict[str, Json]", dict(example)))
            found += [(product, "request", action, path) for path in dict.fromkeys(path for path, _, _ in fields)]
        for action in ANSWERED:
            fields = variants(ACTIONS[action][1], plain_response(action))
            found += [(product, "response", action, path) for path in dict.fromkeys(path for path, _, _ in fields)]
    return found


def named(cell: tuple[str, str, str, Path]) -> str:
    product, way, action, path = cell
    return f"{product}-{action}-{way}-{'.'.join(map(str, path))}"


@pytest.mark.parametrize("cell", sample(cells(), 40, "fields"), ids=named)
def test_whatever_a_field_says_the_station_does_its_work(cell: tuple[str, str, str, Path]) -> None:
    product, way, action, path = cell
    kind = ACTIONS[action][0 if way == "request" else 1]
    plain = cast("dict[str, Json]", dict(EXAMPLES[action])) if way == "request" else plain_response(action)

    async def main() -> None:
        async with site(product=load(product)) as here:
            here.csms.strict = False
            here.servers.places.add(PLACE)
            await here.hand.cut_network()
            await here.hand.restore_network()
            await settled(here)
            for where, value, payload in variants(kind, plain):
                if where != path:
                    continue
                message = legal(kind, payload)
                if message is None:
                    continue
                with nothing_fails_inside(f"{named(cell)} = {json.dumps(value)[:80]}"):
                    if isinstance(message, Request):
                        served = await asked(here, message)
                    else:
                        served = await answered(here, action, cast(Response, message))
                    await well(here, clock_kept=path != ("currentTime",))
                    if not served:
                        return

    run(main(), limit=200 * LONG)


def legal(kind: type[Payload], payload: dict[str, Json]) -> Payload | None:
    """Return the message; None: the schema has limits of its own for this number."""
    try:
        return codec.decode(kind, json.dumps(payload))
    except CallError as error:
        assert "int" in error.description, error
        return None


async def asked(here: Site, request: Request[Response]) -> bool:
    """Ask the station; say whether it serves such a request at all."""
    try:
        await here.csms.call(request)
    except CallFailed as failure:
        assert failure.error.code != "InternalError", failure
        return failure.error.code != "NotSupported"
    await asyncio.sleep(20)
    return True


async def answered(here: Site, action: str, response: Response) -> bool:
    """Answer what the station says in a lively quarter of an hour in one way."""
    here.csms.answers[ACTIONS[action][0]] = lambda _: response
    trigger = wire.MessageTriggerEnum
    if action in ("BootNotification", "SecurityEventNotification", "StatusNotification"):
        await here.hand.reboot()
        await asyncio.sleep(20)
    lively: list[Request[Response]] = [
        *(wire.TriggerMessageRequest(requested_message=what) for what in trigger),
        wire.GetReportRequest(
            request_id=1, component_variable=(wire.ComponentVariable(component=wire.Component(name="TxCtrlr")),)
        ),
        wire.GetLogRequest(
            request_id=1, log_type=wire.LogEnum.SecurityLog, log=wire.LogParameters(remote_location=PLACE)
        ),
        wire.CustomerInformationRequest(
            request_id=1,
            report=True,
            clear=False,
            id_token=wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443),
        ),
    ]
    for request in lively:
        with suppress(CallFailed, CallTimeout):
            await here.csms.call(request)
    await here.hand.present(CARD)
    with suppress(HandRefused):
        await here.hand.plug(1)
    await asyncio.sleep(60)
    return True


async def settled(here: Site) -> None:
    """Wait until the station is there, accepted and idle; a CSMS that answers plainly helps."""
    here.csms.answers = {kind: spoken(kind) for kind, _ in ACTIONS.values()}
    for evse in here.host.product.evses:
        with suppress(HandRefused):
            await here.hand.unplug(evse.id)
    deadline = asyncio.get_running_loop().time() + LONG
    while True:
        await asyncio.sleep(200)
        assert asyncio.get_running_loop().time() < deadline, "the station does not come back"
        station = here.host.station
        if station is not None and station.calls.online and here.csms.rpc is not None:
            return


def spoken(kind: type[Request[Response]]) -> Answering:
    """Return what answers a request in the plainest way, with the right time."""
    action = kind.__name__.removesuffix("Request")

    def answer(request: Request[Response]) -> Response | None:
        now = START + timedelta(seconds=asyncio.get_running_loop().time())
        match request:
            case wire.BootNotificationRequest():
                return wire.BootNotificationResponse(
                    current_time=now, interval=300, status=wire.RegistrationStatusEnum.Accepted
                )
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.TransactionEventRequest():
                return None
        return codec.decode(ACTIONS[action][1], json.dumps(plain_response(action)))

    return answer


async def well(here: Site, *, clock_kept: bool) -> None:
    """See that the station answers, keeps its clock, and charges a car."""
    before = here.clock.now()
    await asyncio.sleep(1)
    assert here.clock.now() - before == pytest.approx(timedelta(seconds=1), abs=timedelta(seconds=0.01))
    here.clock.now() + timedelta(days=36_500)
    await settled(here)
    asked_for = wire.GetVariableData(
        component=wire.Component(name="ClockCtrlr"), variable=wire.Variable(name="DateTime")
    )
    [told] = (await here.csms.call(wire.GetVariablesRequest(get_variable_data=(asked_for,)))).get_variable_result
    assert told.attribute_status is wire.GetVariableStatusEnum.Accepted
    if clock_kept:
        expected = START + timedelta(seconds=asyncio.get_running_loop().time())
        assert abs(here.clock.now() - expected) < timedelta(seconds=5), "the clock was not kept"
    evses = [None, *(wire.EVSE(id=evse.id, connector_id=at) for evse in here.host.product.evses for at in (None, 1))]
    for place in evses:
        await here.csms.call(
            wire.ChangeAvailabilityRequest(evse=place, operational_status=wire.OperationalStatusEnum.Operative)
        )
    await here.hand.present(CARD)
    await asyncio.sleep(3)
    await here.hand.plug(1)
    await asyncio.sleep(20)
    drawn = here.simulator.read(1).energy_wh
    await asyncio.sleep(60)
    assert here.simulator.read(1).energy_wh > drawn, "no car can be charged"
    await here.hand.present(CARD)
    await asyncio.sleep(5)


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, seen: list[logging.LogRecord]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record)


@contextmanager
def nothing_fails_inside(what: str) -> Iterator[None]:
    """See that no traceback and no InternalError is logged."""
    seen: list[logging.LogRecord] = []
    handler = Kept(seen)
    logger = logging.getLogger()
    logger.addHandler(handler)
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from error
    finally:
        logger.removeHandler(handler)
    failed = [record for record in seen if record.exc_info or "InternalError" in record.getMessage()]
    assert not failed, f"{what}: {failed[0].getMessage()} {failed[0].exc_info}"
