"""Modules that are updated by the CSMS: downloaded, verified, written over registers, activated, rolled back."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

import pytest

from examples.modbus.firmware import HEADER, LARGEST, MAGIC
from ohmstead.edge.certificate_builder import DAY, Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.examples.modbus_station import ModbusStation, Status, station
from tests.runtime.site import START

PLACE = "https://files.example/mx1.bin"
FILE = HEADER.pack(MAGIC, 1, 2) + bytes(range(256)) * 4
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]


@cache
def keys() -> FirmwareKeys:
    """Return the manufacturer's keys."""
    return FirmwareKeys.generate(validity=Validity(START - DAY, 400 * DAY))


def told(here: ModbusStation) -> list[str]:
    """Return the statuses that the CSMS heard."""
    heard = [n.status.value for n in here.csms.of(wire.FirmwareStatusNotificationRequest)]
    return list(dict.fromkeys(heard))


def version(here: ModbusStation) -> str | None:
    """Return what the last BootNotification said."""
    return here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version


async def _update(here: ModbusStation, file: bytes = FILE, signed: bytes | None = None) -> None:
    root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))
    here.servers.files[PLACE] = file
    firmware = wire.Firmware(
        location=PLACE,
        retrieve_date_time=START,
        signing_certificate=keys().certificate,
        signature=keys().sign(file if signed is None else signed),
    )
    response = await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=firmware))
    assert response.status is wire.UpdateFirmwareStatusEnum.Accepted


def _play(scene: Callable[[ModbusStation], Awaitable[None]]) -> None:
    async def live() -> None:
        async with station() as here:
            await scene(here)

    run(live(), limit=36_000)


def test_every_module_runs_it_and_the_csms_hears_installed() -> None:
    async def scene(here: ModbusStation) -> None:
        await _update(here)
        await asyncio.sleep(120)
        assert told(here) == WHOLE
        assert version(here) == "1.2"
        assert [here.modules[n].firmware.runs for n in (1, 2)] == [(1, 2), (1, 2)]
        assert [here.modules[n].firmware.restarts for n in (1, 2)] == [1, 1]
        assert [here.status(1), here.status(2)] == [Status.Available, Status.Available]
        assert not here.driver.done()

    _play(scene)


def test_one_that_does_not_come_up_is_rolled_back_everywhere() -> None:
    async def scene(here: ModbusStation) -> None:
        before = version(here)
        here.modules[2].firmware.dead = True
        await _update(here)
        await asyncio.sleep(300)
        assert told(here) == [*WHOLE[:-1], "InstallationFailed"]
        assert [here.modules[n].firmware.runs for n in (1, 2)] == [(1, 0), (1, 0)]
        assert version(here) == before
        assert [here.status(1), here.status(2)] == [Status.Available, Status.Available]
        here.modules[2].firmware.dead = False
        await _update(here)
        await asyncio.sleep(300)
        assert told(here)[-1] == "Installed"
        assert [here.modules[n].firmware.runs for n in (1, 2)] == [(1, 2), (1, 2)]

    _play(scene)


def test_one_that_the_csms_does_not_accept_is_rolled_back() -> None:
    async def scene(here: ModbusStation) -> None:
        def refuse(request: wire.BootNotificationRequest) -> wire.BootNotificationResponse | None:
            if request.charging_station.firmware_version != "1.2":
                return None
            status = wire.RegistrationStatusEnum.Rejected
            return wire.BootNotificationResponse(current_time=here.site.clock.now(), interval=30, status=status)

        here.csms.answers[wire.BootNotificationRequest] = refuse  # type: ignore[assignment]  # asked for this one only
        await _update(here)
        await asyncio.sleep(420)
        assert told(here) == [*WHOLE[:-1], "InstallationFailed"]
        assert [here.modules[n].firmware.runs for n in (1, 2)] == [(1, 0), (1, 0)]

    _play(scene)


@pytest.mark.parametrize(
    ("file", "last"),
    [
        (b"not for an MX-1", "InstallVerificationFailed"),
        (MAGIC, "InstallVerificationFailed"),
        (HEADER.pack(MAGIC, 1, 2) + bytes(LARGEST), "InstallVerificationFailed"),
    ],
    ids=["another kind", "too short", "too long"],
)
def test_a_file_that_is_none_ends_the_update(file: bytes, last: str) -> None:
    async def scene(here: ModbusStation) -> None:
        await _update(here, file)
        await asyncio.sleep(120)
        assert told(here) == [*WHOLE[:4], last]
        assert [here.modules[n].firmware.restarts for n in (1, 2)] == [0, 0]

    _play(scene)


def test_a_forged_file_never_gets_to_a_module() -> None:
    async def scene(here: ModbusStation) -> None:
        await _update(here, FILE, signed=FILE + b"!")
        await asyncio.sleep(120)
        assert told(here)[-1] == "InvalidSignature"
        assert here.modules[1].firmware.inputs().received == 0

    _play(scene)


def test_a_machine_that_is_lost_while_it_is_written_fails_the_update() -> None:
    async def scene(here: ModbusStation) -> None:
        await _update(here, HEADER.pack(MAGIC, 1, 2) + bytes(LARGEST // 8))
        await here.csms.until(lambda: "Installing" in told(here))
        await here.modules.vanish()
        await asyncio.sleep(60)
        await here.modules.serve()
        await asyncio.sleep(60)
        assert told(here)[-1] == "InstallationFailed"
        assert [here.status(1), here.status(2)] == [Status.Available, Status.Available]

    _play(scene)


def test_nobody_is_interrupted_by_it() -> None:
    async def scene(here: ModbusStation) -> None:
        here.modules[1].connected = True
        await asyncio.sleep(2)
        here.modules[1].present("04A1B2C3")
        await asyncio.sleep(30)
        await _update(here)
        await asyncio.sleep(120)
        assert here.modules[1].inputs().power_w > 0
        assert [here.modules[n].firmware.restarts for n in (1, 2)] == [0, 0]
        here.modules[1].unplug()
        await asyncio.sleep(120)
        assert told(here)[-1] == "Installed"

    _play(scene)
