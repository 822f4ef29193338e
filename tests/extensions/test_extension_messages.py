"""A vendor's extension from outside: DataTransfer in and out (P01, P02), over a CSMS in memory."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.run.extensions import installed_extensions
from ohmstead.edge.virtual_time import run
from ohmstead.ports.extensions import Installed
from ohmstead.wire import messages as wire
from ohmstead.wire.base import NO_DATA
from tests.extensions.packages import VENDOR, install, on_the_path
from tests.runtime.disk import Disk, FailingStore
from tests.runtime.site import Site, site

UNKNOWN = wire.DataTransferStatusEnum.UnknownMessageId


@pytest.fixture
def volt(tmp_path: Path) -> Iterator[tuple[Installed, ...]]:
    """The extension of the vendor, installed and loaded."""
    install(tmp_path, "volt_cooling", VENDOR.read_text("utf-8"))
    with on_the_path(tmp_path):
        yield installed_extensions()


async def send(here: Site, message_id: str | None, data: object = None, vendor: str = "com.volt") -> tuple[str, object]:
    """Send a message; return status and data of the answer."""
    raw = NO_DATA if data is None else msgspec.Raw(msgspec.json.encode(data))
    request = wire.DataTransferRequest(vendor_id=vendor, message_id=message_id, data=raw)
    response = await here.csms.call(request)
    told = bytes(response.data)
    if response.status_info is not None:
        return response.status.value, (response.status_info.reason_code, response.status_info.additional_info)
    return response.status.value, json.loads(told) if told else None


async def state(here: Site) -> dict[str, object]:
    """Return what the extension sees."""
    status, data = await send(here, "state")
    assert status == "Accepted"
    assert isinstance(data, dict)
    return data


def alive(extensions: tuple[Installed, ...], scenario: Callable[[Site], Coroutine[object, object, None]]) -> None:
    """Run a station with extensions."""

    async def lived() -> None:
        async with site(extensions=extensions) as here:
            await scenario(here)

    run(lived(), limit=7200)


def test_messages_of_its_vendor_and_of_nobody(volt: tuple[Installed, ...]) -> None:
    """P01.FR.03, P01.FR.05, P01.FR.06, P02.FR.06, P02.FR.07: what is known is answered as the vendor says."""

    async def scenario(here: Site) -> None:
        assert await send(here, "echo", {"a": [1, 2.5]}) == ("Accepted", ["echo", {"a": [1, 2.5]}, '{"a":[1,2.5]}'])
        assert await send(here, "Echo") == ("Accepted", ["Echo", None, ""])
        assert await send(here, None, 7) == ("Rejected", ("NoMessageId", "7 of what"))
        for message_id in ("ECHO", "turn", "_ask", "", "tell_state"):
            assert await send(here, message_id) == ("UnknownMessageId", None)
        for vendor in ("com.other", "com.volt.more", "COM.VOLT"):
            assert await send(here, "echo", vendor=vendor) == ("UnknownVendorId", None)

    alive(volt, scenario)


@pytest.mark.parametrize("message_id", ["blow and break", "nonsense", "long", "unwritable", "odd status", "exit"])
def test_a_handler_that_fails_is_rejected_and_leaves_nothing(volt: tuple[Installed, ...], message_id: str) -> None:
    async def scenario(here: Site) -> None:
        await asyncio.sleep(30)
        here.csms.received.clear()
        assert await send(here, message_id) == ("Rejected", ("InternalError", "the extension failed"))
        await asyncio.sleep(30)
        seen = await state(here)
        assert (seen["speed"], seen["turned"]) == (40, [])
        assert here.csms.of(wire.DataTransferRequest) == []

    alive(volt, scenario)


def test_data_that_cannot_be_read_is_rejected(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        request = wire.DataTransferRequest(vendor_id="com.volt", message_id="echo", data=msgspec.Raw(b"1e999"))
        assert (await here.csms.call(request)).status == "Rejected"
        assert (await send(here, "echo", 1))[0] == "Accepted"

    alive(volt, scenario)


def test_what_follows_an_answer_may_fail(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        assert await send(here, "break afterwards") == ("Accepted", None)
        await asyncio.sleep(1)
        assert (await state(here))["speed"] == 40

    alive(volt, scenario)


def answering(here: Site, response: wire.DataTransferResponse) -> None:
    """Let the CSMS answer DataTransfer like this."""
    here.csms.answers[wire.DataTransferRequest] = lambda _: response


def test_the_extension_gets_the_answer_of_the_csms(volt: tuple[Installed, ...]) -> None:
    """P02.FR.01, P02.FR.04: with vendorId and messageId; the answer is the vendor's affair, whatever it is."""

    async def scenario(here: Site) -> None:
        await asyncio.sleep(10)
        here.csms.received.clear()
        status = wire.DataTransferStatusEnum
        answering(here, wire.DataTransferResponse(status=status.Accepted, data=msgspec.Raw(b'{"wind":3}')))
        assert await send(here, "ask") == ("Accepted", None)
        await here.csms.until(lambda: bool(here.csms.of(wire.DataTransferRequest)))
        (request,) = here.csms.of(wire.DataTransferRequest)
        assert (request.vendor_id, request.message_id, bytes(request.data)) == ("com.volt", "question", b'{"speed":40}')
        await asyncio.sleep(1)
        assert (await state(here))["outcome"] == "Accepted {'wind': 3} None None"
        info = wire.StatusInfo(reason_code="No", additional_info="not today")
        answering(here, wire.DataTransferResponse(status=status.Rejected, status_info=info))
        await send(here, "ask")
        await asyncio.sleep(1)
        assert (await state(here))["outcome"] == "Rejected None No not today"
        answering(here, wire.DataTransferResponse(status=status.Accepted, data=msgspec.Raw(b"1e999")))
        await send(here, "ask")
        await asyncio.sleep(1)
        assert str((await state(here))["outcome"]).startswith("not transferred: the data of the answer")

    alive(volt, scenario)


def test_a_message_that_cannot_leave_is_refused_at_once(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        await send(here, "ask later")
        await here.hand.cut_network()
        await asyncio.sleep(90)
        here.csms.received.clear()
        await here.hand.restore_network()
        await here.csms.until(lambda: bool(here.csms.of(wire.DataTransferRequest)))
        assert [one.message_id for one in here.csms.of(wire.DataTransferRequest)] == ["hello"], "when it is back"
        await asyncio.sleep(5)
        assert (await state(here))["outcome"] == "not transferred: there is no connection to the CSMS"

    alive(volt, scenario)


def test_no_message_leaves_before_the_csms_has_accepted_the_station(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        pending = wire.RegistrationStatusEnum.Pending
        now = here.clock.now()
        waits = wire.BootNotificationResponse(current_time=now, interval=60, status=pending)
        here.csms.answers[wire.BootNotificationRequest] = lambda _: waits
        await asyncio.sleep(10)
        await here.hand.reboot()
        await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
        here.csms.received.clear()
        await asyncio.sleep(30)
        assert here.csms.of(wire.DataTransferRequest) == []
        del here.csms.answers[wire.BootNotificationRequest]
        await here.csms.until(lambda: bool(here.csms.of(wire.DataTransferRequest)))
        assert [one.message_id for one in here.csms.of(wire.DataTransferRequest)] == ["hello"], "once it is accepted"
        await asyncio.sleep(5)
        assert (await state(here))["outcome"] == "not transferred: the CSMS has not accepted the station yet"

    alive(volt, scenario)


def test_few_messages_of_an_extension_wait(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        await asyncio.sleep(10)
        here.csms.received.clear()
        await send(here, "ask too much")
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.DataTransferRequest)) == 8

    alive(volt, scenario)


def test_a_csms_that_does_not_answer(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        await asyncio.sleep(10)

        def fail(_: object) -> None:
            raise RuntimeError("a CALLERROR")

        here.csms.answers[wire.DataTransferRequest] = fail
        await send(here, "ask")
        await asyncio.sleep(5)
        assert "not transferred: the CSMS answered InternalError" in str((await state(here))["outcome"])

    alive(volt, scenario)


def begins(old: str, new: str, folder: Path) -> tuple[Installed, ...]:
    """Load the vendor's extension with another line; call it where its package is on the path."""
    source = VENDOR.read_text("utf-8")
    assert old in source
    install(folder, "volt_cooling", source.replace(old, new))
    with on_the_path(folder):
        return installed_extensions()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self._outcome = ", "raise OSError("),
        ("station.assign(Fan.starts, ", "station.assign(Fan.temperature, "),
        ("station.bind(Fan.temperature, ", "station.bind(Fan.mode, "),
        ("station.component(Fan)", "station.component(Component)"),
        ("def __init__(self, station: VendorStation)", "def __init__(self)"),
        ('station.when_online(lambda: station.spawn("hello", self._greet))', '{0}; raise OSError("stuck")'),
    ],
)
def test_one_that_does_not_begin_harms_nobody(tmp_path: Path, old: str, new: str) -> None:
    if "raise" in new:
        old, new = (old, new.format(old)) if "{0}" in new else (old + '"nothing yet"', new + '"stuck")')

    async def scenario(here: Site) -> None:
        await here.hand.cut_network()
        await asyncio.sleep(30)
        await here.hand.restore_network()
        await asyncio.sleep(60)
        assert await send(here, "echo") == ("Rejected", ("InternalError", "the extension did not begin"))
        assert await send(here, "echo", vendor="com.other") == ("UnknownVendorId", None)
        assert await here.set("VoltFan", "Speed", "60") == "Accepted"
        assert await here.set("VoltFan", "Starts", "0") == "Accepted"
        assert here.csms.of(wire.DataTransferRequest) == [], "it began nothing"

    alive(begins(old, new, tmp_path), scenario)


def test_what_cannot_be_stored_is_rejected(volt: tuple[Installed, ...]) -> None:
    """As with any other request; the station is out of order then, and begins anew."""

    disk = Disk()

    async def scenario() -> None:
        async with site(store=FailingStore(disk), extensions=volt) as here:
            disk.full = True
            assert await send(here, "blow", 50) == ("Rejected", ("OutOfStorage", "it could not be stored"))
            disk.mend()
            await asyncio.sleep(120)
            assert (await state(here))["speed"] == 40

    run(scenario(), limit=3600)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('station.later(1.0, lambda: station.spawn("early", self._ask))', "station.later(1.0, lambda: 1 / 0)"),
        ('lambda: station.spawn("hello", self._greet)', "lambda: 1 / 0"),
        ('await self._station.transfer("hello", {"identity": self._station.identity})', "1 / 0"),
        ("self._turned.append(self._fan.speed)", "1 / 0"),
    ],
    ids=["timer", "online", "task", "reaction"],
)
def test_whatever_else_fails_in_it_stays_its_own(tmp_path: Path, old: str, new: str) -> None:
    async def scenario(here: Site) -> None:
        await asyncio.sleep(300)
        assert await here.set("VoltFan", "Speed", "60") == "Accepted"
        assert (await state(here))["speed"] == 60
        await here.hand.plug(1)
        await here.hand.present("04A1B2C3")
        await here.csms.until(lambda: bool(here.csms.events))
        assert here.host.runs == 1

    alive(begins(old, new, tmp_path), scenario)
