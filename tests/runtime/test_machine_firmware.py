"""A machine that brings its own firmware: staged, activated, rolled back; over the wire, with real signatures (L01)."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from functools import cache

import pytest

from ohmstead.edge.certificate_builder import DAY, Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.ports.firmware import Image, ImageBroken, NotInstalled
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import START, Site, site

PLACE = "https://files.example/acme.bin"
FILE = b"ACME 2.0.0\n" + bytes(range(256)) * 100
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
FAILED = [*WHOLE[:-1], "InstallationFailed"]


@cache
def keys() -> FirmwareKeys:
    """Return the manufacturer's keys."""
    return FirmwareKeys.generate(validity=Validity(START - DAY, 400 * DAY))


class AcmeFirmware:
    """The firmware of a machine, which is no image of ours.

    Attributes:
        runs: the version that runs.
        staged: the one that lies beside it.
        calls: what it was asked to do.
        fails: what fails, with what.
        down: the calls of activate, counted from 0, after which it does not come up.
    """

    def __init__(self) -> None:
        self.before = self.runs = "1.0.0"
        self.staged: str | None = None
        self.calls: list[str] = []
        self.fails: dict[str, list[Exception]] = {}
        self.down = range(0)
        self.activated = 0
        self.received = b""

    async def stage(self, file: AsyncIterable[bytes]) -> Image:
        """Take the file."""
        self._asked("stage")
        self.received = b"".join([chunk async for chunk in file])
        kind, _, version = self.received.partition(b"\n")[0].decode().partition(" ")
        if kind != "ACME":
            raise ImageBroken("it is for no ACME")
        await asyncio.sleep(20)
        self.staged = version
        return Image(vendor="ACME", model="Charger", version=version)

    async def activate(self) -> None:
        """Run it."""
        self._asked("activate")
        assert self.staged is not None
        self.activated += 1
        if self.activated - 1 in self.down:
            await asyncio.sleep(5)
            raise NotInstalled(f"{self.staged} does not come up")
        self.runs = self.staged

    async def roll_back(self) -> None:
        """Run what ran before."""
        self._asked("roll back")
        self.runs = self.before

    def _asked(self, what: str) -> None:
        self.calls.append(what)
        if self.fails.get(what):
            raise self.fails[what].pop(0)


async def _update(here: Site) -> wire.UpdateFirmwareStatusEnum:
    firmware = wire.Firmware(
        location=PLACE,
        retrieve_date_time=START,
        signing_certificate=keys().certificate,
        signature=keys().sign(FILE),
    )
    response = await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=firmware))
    return response.status


def _told(here: Site) -> list[str]:
    heard = [n.status.value for n in here.csms.of(wire.FirmwareStatusNotificationRequest)]
    return list(dict.fromkeys(heard))


def _version(here: Site) -> str | None:
    return here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version


def _play(scene: Callable[[Site, AcmeFirmware], Awaitable[None]]) -> None:
    async def life() -> None:
        async with site() as here:
            firmware = AcmeFirmware()
            here.firmware = firmware
            await here.hand.reboot()
            await asyncio.sleep(30)
            here.csms.received.clear()
            root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
            await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))
            here.servers.files[PLACE] = FILE
            await scene(here, firmware)

    run(life(), limit=200_000)


def test_it_is_staged_activated_and_proven() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        assert await _update(here) is wire.UpdateFirmwareStatusEnum.Accepted
        await asyncio.sleep(300)
        assert _told(here) == WHOLE
        assert firmware.received == FILE
        assert firmware.runs == "2.0.0"
        assert _version(here) == "2.0.0"
        assert firmware.calls == ["stage", "activate", "activate"]  # again once the station runs on it
        await here.hand.reboot()
        await asyncio.sleep(600)
        assert firmware.runs == _version(here) == "2.0.0"
        assert firmware.calls == ["stage", "activate", "activate"]

    _play(scene)


def test_it_waits_until_nobody_charges() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        await here.hand.plug(1)
        await here.hand.present("04A1")
        await asyncio.sleep(60)
        await _update(here)
        await asyncio.sleep(300)
        assert "activate" not in firmware.calls
        await here.hand.unplug(1)
        await asyncio.sleep(300)
        assert _told(here)[-1] == "Installed"
        assert firmware.runs == "2.0.0"

    _play(scene)


def test_one_that_does_not_come_up_is_rolled_back() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        firmware.down = range(1)
        await _update(here)
        await asyncio.sleep(600)
        assert _told(here) == FAILED
        assert firmware.calls == ["stage", "activate", "roll back"]
        assert firmware.runs == "1.0.0"
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert _version(here) == here.host.product.identity.firmware_version != "2.0.0"
        await _update(here)
        await asyncio.sleep(600)
        assert _told(here)[-1] == "Installed"

    _play(scene)


def test_one_that_is_down_again_after_the_reboot_is_rolled_back() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        firmware.down = range(1, 2)
        await _update(here)
        await asyncio.sleep(900)
        assert _told(here) == FAILED
        assert firmware.calls == ["stage", "activate", "activate", "roll back"]
        assert (firmware.runs, _version(here) == "2.0.0") == ("1.0.0", False)

    _play(scene)


def test_one_that_the_csms_does_not_accept_is_rolled_back() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        def refuse(request: Request[Response]) -> Response | None:
            assert isinstance(request, wire.BootNotificationRequest)
            if request.charging_station.firmware_version != "2.0.0":
                return None
            status = wire.RegistrationStatusEnum.Rejected
            return wire.BootNotificationResponse(current_time=here.clock.now(), interval=30, status=status)

        here.csms.answers[wire.BootNotificationRequest] = refuse
        await _update(here)
        await asyncio.sleep(1200)
        assert _told(here) == FAILED
        assert firmware.calls[-1] == "roll back"
        assert firmware.runs == "1.0.0"

    _play(scene)


@pytest.mark.parametrize(
    ("error", "status"),
    [(ImageBroken("another machine"), "InstallVerificationFailed"), (NotInstalled("flash full"), "InstallationFailed")],
)
def test_a_file_that_the_machine_does_not_take_ends_the_update(error: Exception, status: str) -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        firmware.fails["stage"] = [error]
        await _update(here)
        await asyncio.sleep(600)
        assert _told(here) == [*WHOLE[:4], status]
        assert firmware.calls == ["stage"]
        assert _version(here) != "2.0.0" if here.csms.of(wire.BootNotificationRequest) else True

    _play(scene)


@pytest.mark.parametrize("what", ["stage", "activate", "roll back"])
@pytest.mark.parametrize("times", [1, 20])
def test_a_mistake_of_the_machines_code_does_not_keep_the_update_from_ending(what: str, times: int) -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        firmware.fails[what] = [RuntimeError("a mistake")] * times
        firmware.down = range(9 if what == "roll back" else 0)
        await _update(here)
        await asyncio.sleep(7200)
        ends = {"Installed", "InstallationFailed"}
        assert _told(here)[-1] in ends
        assert (_told(here)[-1] == "Installed") is (what != "roll back" and times == 1)
        assert (await _update(here)) is wire.UpdateFirmwareStatusEnum.Accepted

    _play(scene)


def test_a_signature_that_is_wrong_never_gets_to_the_machine() -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        here.servers.files[PLACE] = FILE + b"!"
        await _update(here)
        await asyncio.sleep(600)
        assert _told(here)[-1] == "InvalidSignature"
        assert firmware.calls == []

    _play(scene)


@pytest.mark.parametrize("seconds", [1, 6, 12, 20, 26, 27, 28, 30, 35, 45])
def test_a_power_cut_leaves_a_known_version(seconds: int) -> None:
    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        await _update(here)
        await asyncio.sleep(seconds)
        await here.hand.cut_power()
        await here.hand.restore_power()
        await asyncio.sleep(1800)
        assert _told(here)[-1] == "Installed"
        assert firmware.runs == _version(here) == "2.0.0"

    _play(scene)


def test_drivers_may_charge_again_once_the_old_one_runs_on() -> None:
    """L01.FR.07: the station has not rebooted, and no update is on its way any more."""

    async def scene(here: Site, firmware: AcmeFirmware) -> None:
        firmware.down = range(1)
        await _update(here)
        await asyncio.sleep(600)
        assert _told(here) == FAILED
        await here.hand.plug(1)
        await here.hand.present("04A1")
        await asyncio.sleep(60)
        assert here.simulator.state(1).supply is Supply.Delivering

    _play(scene)
