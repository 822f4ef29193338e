"""A power cut at every commit of a firmware update: the station always comes back with a known version."""

import asyncio
from contextlib import suppress
from functools import cache
from typing import Literal

import pytest

from ohmstead.edge.certificate_builder import DAY, Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.simulator import SimulatedHand
from ohmstead.edge.store_memory import CrashingStore, MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.calls import CallFailed, CallTimeout
from ohmstead.ports.firmware import Image, packed
from ohmstead.ports.link import LinkLost
from ohmstead.wire import messages as wire
from tests.runtime.site import START, Site, site

URL = "https://files.example/firmware.bin"
NEW = "9.9.9"
ORDER = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]


@cache
def keys() -> FirmwareKeys:
    """Return the manufacturer's keys."""
    return FirmwareKeys.generate(validity=Validity(START - DAY, 400 * DAY))


async def prepare(here: Site) -> None:
    """Install the manufacturer's root, and put a firmware on the server."""
    identity = here.host.product.identity
    header = Image(vendor=identity.vendor_name, model=identity.model, version=NEW)
    here.servers.files[URL] = packed(header, bytes(20_000))
    root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))


async def ask(here: Site) -> bool:
    """Send UpdateFirmware; say whether the station is known to have accepted it."""
    firmware = wire.Firmware(
        location=URL,
        retrieve_date_time=START,
        signing_certificate=keys().certificate,
        signature=keys().sign(here.servers.files[URL]),
    )
    with suppress(CallFailed, CallTimeout, LinkLost, TimeoutError, AssertionError):
        async with asyncio.timeout(60):
            response = await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=firmware))
            return response.status is wire.UpdateFirmwareStatusEnum.Accepted
    return False


def told(here: Site) -> list[str]:
    """Return the statuses that the CSMS heard, each once."""
    heard = [n.status.value for n in here.csms.of(wire.FirmwareStatusNotificationRequest)]
    return list(dict.fromkeys(heard))


async def _commits() -> range:
    store = CrashingStore(MemoryStore())
    async with site(store=store) as here:
        await prepare(here)
        first = store.commits + 1
        assert await ask(here)
        await here.csms.until(lambda: "Installed" in told(here))
        await asyncio.sleep(30)
        return range(first, store.commits + 1)


async def _crash(at: int, when: Literal["before", "after"]) -> None:
    hands: list[SimulatedHand] = []
    dark = asyncio.Event()

    def cut() -> None:
        hands[0].lose_power()
        dark.set()

    store = CrashingStore(MemoryStore(), at, when, on_crash=cut)
    async with site(store=store) as here:
        hands.append(here.hand)
        await prepare(here)
        accepted = await ask(here)
        async with asyncio.timeout(3600):
            await dark.wait()
        await here.hand.restore_power()
        await asyncio.sleep(900)
        heard = told(here)
        version = here.host.product.identity.firmware_version
        if not accepted and not heard:
            assert version != NEW
            assert await ask(here)
            await asyncio.sleep(900)
            heard, version = told(here), here.host.product.identity.firmware_version
        assert heard == ORDER, (at, when)
        assert version == NEW
        assert here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version == NEW


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_update_ends_well_wherever_the_power_went(when: Literal["before", "after"]) -> None:
    commits = run(_commits(), limit=86400)
    assert len(commits) >= 15
    for at in commits:
        run(_crash(at, when), limit=86400)
