"""Whatever breaks once in a task of the station, it goes on: it answers, and it charges a car (decided case 18).

The tasks are found by running: a first day says which task uses which part of the world, and then each of these uses
fails once with an error that nobody expects.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.clock import Sources
from ohmstead.ports.hardware import Supply
from ohmstead.ports.link import Link, Target
from ohmstead.runtime.station import Outside
from ohmstead.wire import messages as wire
from tests.generators import sample
from tests.runtime.site import Site, site

Use = tuple[str, str]
"""Name of a task, and what it uses: `port.method`."""
PORTS = ("hardware", "clock", "sources", "files", "signatures", "certificates", "client_keys")


class Broken(Exception):
    """A mistake of ours that nobody thought of."""


class Breaker:
    """Stands between a station and the world. Counts the uses, and lets one fail once."""

    def __init__(self, broken: Use | None) -> None:
        self.uses: dict[Use, None] = {}
        self.broken = broken

    def use(self, name: str) -> None:
        """Take note of a use. Raises Broken."""
        task = asyncio.current_task()
        use = (task.get_name() if task is not None else "a timer", name)
        if use[0].startswith("Task-"):
            use = ("another task", name)
        self.uses[use] = None
        if use == self.broken:
            self.broken = None
            raise Broken(name)

    def around(self, outside: Outside) -> Outside:
        """Return the world with this in between."""
        ports = {name: Port(self, name, getattr(outside, name)) for name in PORTS}
        return msgspec.structs.replace(outside, dialer=Dialling(self, outside.dialer), **ports)


class Port:
    """A port whose every use may fail."""

    def __init__(self, breaker: Breaker, name: str, port: object) -> None:
        self._breaker, self._name, self._port = breaker, name, port

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found) or method == "observe":
            return found

        def used(*arguments: Any, **options: Any) -> Any:
            self._breaker.use(f"{self._name}.{method}")
            return found(*arguments, **options)

        return used


class Dialling:
    """A dialer whose links may fail as well."""

    def __init__(self, breaker: Breaker, dialer: Any) -> None:
        self._breaker, self._dialer = breaker, dialer

    async def dial(self, target: Target) -> Link:
        """Open a connection."""
        self._breaker.use("dialer.dial")
        link: Any = Port(self._breaker, "link", await self._dialer.dial(target))
        return link  # type: ignore[no-any-return]


def _answer(here: Site) -> None:
    answers = here.csms.answers
    accepted = wire.GenericStatusEnum.Accepted
    answers[wire.NotifyCustomerInformationRequest] = lambda _request: wire.NotifyCustomerInformationResponse()
    answers[wire.SignCertificateRequest] = lambda _request: wire.SignCertificateResponse(status=accepted)


async def _ask(here: Site) -> None:
    """Ask for everything that makes a task of its own, as far as the link is there."""
    token = wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443)
    log = wire.LogParameters(remote_location="https://logs.example/")
    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: here.csms.call(wire.GetBaseReportRequest(request_id=1, report_base=wire.ReportBaseEnum.FullInventory)),
        lambda: here.csms.call(wire.GetLogRequest(request_id=2, log_type=wire.LogEnum.DiagnosticsLog, log=log)),
        lambda: here.csms.call(wire.CustomerInformationRequest(request_id=3, report=True, clear=False, id_token=token)),
        lambda: here.csms.call(
            wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.SignChargingStationCertificate)
        ),
        lambda: here.csms.call(wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.Heartbeat)),
        lambda: here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=1)),
    ]
    for ask in asked:
        try:
            async with asyncio.timeout(40):
                await ask()
        except Exception:
            await asyncio.sleep(70)
        await asyncio.sleep(3)


async def _day(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present("04A1B2C3")
    await asyncio.sleep(200)
    await here.hand.cut_network()
    await asyncio.sleep(20)
    await here.hand.restore_network()
    await asyncio.sleep(100)
    await _ask(here)
    await here.hand.unplug(1)
    await asyncio.sleep(30)


async def _live(broken: Use | None) -> list[Use]:
    breaker = Breaker(broken)
    async with site() as here:
        _answer(here)
        assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
        assert await here.set("OCPPCommCtrlr", "HeartbeatInterval", "60") == "Accepted"
        whole = here.host._outside
        here.host._outside = lambda sources: breaker.around(whole(sources))
        await here.hand.reboot()
        await asyncio.sleep(120)
        await _day(here)
        assert breaker.broken is None
        await asyncio.sleep(200)
        await _serves(here)
    return list(breaker.uses)


async def _serves(here: Site) -> None:
    """The station answers, and charges a car."""
    assert here.csms.rpc is not None, "the station does not come back"
    wanted = wire.GetVariableData(component=wire.Component(name="TxCtrlr"), variable=wire.Variable(name="TxStartPoint"))
    got = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(wanted,)))
    assert got.get_variable_result[0].attribute_status is wire.GetVariableStatusEnum.Accepted
    here.csms.received.clear()
    await here.hand.plug(2)
    await here.hand.present("04FFEEDD")
    await asyncio.sleep(60)
    assert here.simulator.state(2).supply is Supply.Delivering
    assert any(event.transaction_info.charging_state == "Charging" for event in here.csms.events)


@cache
def uses() -> tuple[Use, ...]:
    """Every use of a whole day."""
    return tuple(run(_live(None), limit=86_400))


def test_the_day_uses_every_kind_of_task() -> None:
    """What this test does not see it does not break."""
    names = {name for name, _ in uses()}
    assert {"connection", "boot", "delivery", "authorize", "heartbeat", "reset", "log upload"} <= names


@pytest.mark.parametrize("number", sample(range(120), 30))
def test_a_use_that_fails_once_does_not_stop_the_station(number: int) -> None:
    if number < len(uses()):
        run(_live(uses()[number]), limit=86_400)


@pytest.mark.parametrize("cut", [False, True], ids=["through", "power cut meanwhile"])
def test_accepted_work_that_cannot_go_on_ends_in_a_status_that_is_told(*, cut: bool) -> None:
    """A log whose upload stumbles every time, in this run and in the next."""

    async def live() -> None:
        async with site() as here:
            whole = here.host._outside

            def stumbling(sources: Sources) -> Outside:
                outside = whole(sources)
                files: Any = NoUpload(Breaker(None), "files", outside.files)
                return msgspec.structs.replace(outside, files=files)

            here.host._outside = stumbling
            await here.hand.reboot()
            await asyncio.sleep(60)
            log = wire.LogParameters(remote_location="https://logs.example/")
            asked = wire.GetLogRequest(request_id=7, log_type=wire.LogEnum.DiagnosticsLog, log=log)
            assert (await here.csms.call(asked)).status is wire.LogStatusEnum.Accepted
            if cut:
                await asyncio.sleep(5)
                await here.hand.cut_power()
                await here.hand.restore_power()
            await asyncio.sleep(200)
            told = here.csms.of(wire.LogStatusNotificationRequest)
            assert told[-1].status is wire.UploadLogStatusEnum.UploadFailure
            assert told[-1].request_id == 7
            assert (await here.csms.call(asked)).status is wire.LogStatusEnum.Accepted, "the next one is taken"

    run(live(), limit=3600)


class NoUpload(Port):
    """Files of which none can be uploaded, for a reason that nobody knows."""

    async def upload(self, *_arguments: object, **_options: object) -> None:
        """Stumble."""
        raise Broken("upload")
