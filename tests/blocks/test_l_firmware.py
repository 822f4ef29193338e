"""Block L, firmware: over the wire of a whole site, in virtual time, with real signatures (L01, F06)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache

import msgspec
import pytest

from ohmstead.edge.certificate_builder import DAY, Validity
from ohmstead.edge.files_memory import Behavior
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.ports.files import Reason
from ohmstead.ports.firmware import Image, ImageFault, packed
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import START, Site, site

PLACE = "https://files.example/firmware.bin"
SPAN = Validity(START - DAY, 400 * DAY)
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]


@cache
def keys() -> FirmwareKeys:
    """Return the manufacturer's keys."""
    return FirmwareKeys.generate(validity=SPAN)


@cache
def strangers() -> FirmwareKeys:
    """Return keys that no station trusts."""
    return FirmwareKeys.generate("Stranger", validity=SPAN)


def image(
    product: Product,
    fault: ImageFault | None = None,
    model: str | None = None,
    features: dict[str, bool] | None = None,
    settings: dict[str, str | int | float] | None = None,
) -> bytes:
    """Return a firmware file for a product."""
    identity = product.identity
    header = Image(
        vendor=identity.vendor_name,
        model=model or identity.model,
        version="9.9.9",
        fault=fault,
        features=features or {},
        settings=settings or {},
    )
    return packed(header, b"program" * 3000)


def play(scene: Callable[[Site], Awaitable[None]], product: Product | None = None) -> None:
    """Run a scene at a site that trusts the manufacturer's root, with firmware 9.9.9 on the server."""

    async def life() -> None:
        async with site(product=product) as here:
            root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
            request = wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root)
            assert (await here.csms.call(request)).status is wire.InstallCertificateStatusEnum.Accepted
            here.servers.files[PLACE] = image(here.host.product)
            await scene(here)

    run(life(), limit=200_000)


async def update(
    here: Site,
    request_id: int = 1,
    *,
    retrieve: datetime = START,
    install: datetime | None = None,
    signer: FirmwareKeys | None = None,
    signature: str | None = None,
    retries: int | None = None,
    interval: int | None = None,
) -> wire.UpdateFirmwareResponse:
    """Send UpdateFirmware for what the server has."""
    signer = signer or keys()
    firmware = wire.Firmware(
        location=PLACE,
        retrieve_date_time=retrieve,
        install_date_time=install,
        signing_certificate=signer.certificate,
        signature=signature or signer.sign(here.servers.files.get(PLACE, b"")),
    )
    return await here.csms.call(
        wire.UpdateFirmwareRequest(request_id=request_id, firmware=firmware, retries=retries, retry_interval=interval)
    )


def told(here: Site) -> list[str]:
    """Return the statuses received."""
    return [n.status.value for n in here.csms.of(wire.FirmwareStatusNotificationRequest)]


def events(here: Site) -> list[str]:
    """Return the security events received."""
    return [e.type for e in here.csms.of(wire.SecurityEventNotificationRequest)]


async def ends(here: Site, status: str, seconds: float = 3000) -> None:
    """Wait until a status is told, and a little longer."""
    await here.csms.until(lambda: status in told(here), seconds)
    await asyncio.sleep(1)


def test_a_whole_update_tells_every_step_with_its_request_id_and_runs_the_new_version() -> None:
    """TC_L_01: L01.FR.01, L01.FR.10, L01.FR.28, L01.FR.31, L01.FR.32."""

    async def scene(here: Site) -> None:
        assert (await update(here, 17)).status is wire.UpdateFirmwareStatusEnum.Accepted
        await ends(here, "Installed")
        assert told(here) == WHOLE
        assert {n.request_id for n in here.csms.of(wire.FirmwareStatusNotificationRequest)} == {17}
        [boot] = here.csms.of(wire.BootNotificationRequest)
        assert boot.reason is wire.BootReasonEnum.FirmwareUpdate
        assert boot.charging_station.firmware_version == "9.9.9"
        assert "FirmwareUpdated" in events(here)
        await here.hand.reboot()
        await here.csms.until(lambda: len(here.csms.of(wire.BootNotificationRequest)) == 2)
        assert here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version == "9.9.9"

    play(scene)


def test_download_and_installation_wait_for_their_times() -> None:
    """TC_L_02, TC_L_03: L01.FR.13, L01.FR.16."""

    async def scene(here: Site) -> None:
        times: dict[str, datetime] = {}

        def note(request: Request[Response]) -> None:
            assert isinstance(request, wire.FirmwareStatusNotificationRequest)
            times[request.status.value] = here.clock.now()

        here.csms.answers[wire.FirmwareStatusNotificationRequest] = note
        await update(here, retrieve=START + timedelta(hours=1), install=START + timedelta(hours=2))
        await ends(here, "Installed", 10_000)
        assert told(here) == ["DownloadScheduled", *WHOLE[:3], "InstallScheduled", *WHOLE[3:]]
        assert abs(times["Downloading"] - START - timedelta(hours=1)) < timedelta(seconds=1)
        assert abs(times["Installing"] - START - timedelta(hours=2)) < timedelta(seconds=1)

    play(scene)


def test_a_signer_that_no_installed_root_vouches_for_is_refused_with_its_event() -> None:
    """TC_L_05: L01.FR.02, L01.FR.22."""

    async def scene(here: Site) -> None:
        response = await update(here, signer=strangers())
        assert response.status is wire.UpdateFirmwareStatusEnum.InvalidCertificate
        await here.csms.until(lambda: "InvalidFirmwareSigningCertificate" in events(here))
        assert told(here) == []

    play(scene)


def test_a_request_without_certificate_and_signature_is_rejected() -> None:
    """TC_L_18."""

    async def scene(here: Site) -> None:
        firmware = wire.Firmware(location=PLACE, retrieve_date_time=START)
        response = await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=firmware))
        assert response.status is wire.UpdateFirmwareStatusEnum.Rejected

    play(scene)


def test_a_wrong_signature_is_found_and_reported() -> None:
    """TC_L_06: L01.FR.03, L01.FR.04."""

    async def scene(here: Site) -> None:
        await update(here, signature=keys().sign(b"another file"))
        await ends(here, "InvalidSignature")
        assert told(here) == ["Downloading", "Downloaded", "InvalidSignature"]
        assert "InvalidFirmwareSignature" in events(here)
        assert here.disk == {}

    play(scene)


def test_a_file_that_is_not_there_fails_after_the_attempts_asked_for() -> None:
    """TC_L_07: L01.FR.30."""

    async def scene(here: Site) -> None:
        signature = keys().sign(b"")
        del here.servers.files[PLACE]
        await update(here, signature=signature, retries=2, interval=30)
        await ends(here, "DownloadFailed")
        assert told(here) == ["Downloading", "DownloadFailed"]
        begun = [round(transfer.time) for transfer in here.servers.transfers]
        assert [later - begun[0] for later in begun] == [0, 30, 60]

    play(scene)


def test_a_download_that_breaks_goes_on_where_it_was() -> None:
    """Resumable: the second attempt asks for the rest only."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(cut_after=8192))
        await update(here)
        await here.csms.until(lambda: told(here) == ["Downloading"])
        await asyncio.sleep(1)
        here.servers.behave(Behavior())
        await ends(here, "Installed")
        assert [transfer.offset for transfer in here.servers.transfers] == [0, 8192]

    play(scene)


@pytest.mark.parametrize("broken", ["no image", "another model", "cut short"])
def test_what_is_signed_but_no_firmware_for_this_product_is_not_installed(broken: str) -> None:
    """TC_L_08: L01.FR.29; the station goes on with what it has."""

    async def scene(here: Site) -> None:
        good = here.servers.files[PLACE]
        bad = {"no image": b"#!/bin/sh\n", "another model": image(here.host.product, model="X"), "cut short": good[:-1]}
        here.servers.files[PLACE] = bad[broken]
        await update(here)
        await ends(here, "InstallVerificationFailed")
        assert told(here) == [*WHOLE[:4], "InstallVerificationFailed"]
        assert here.csms.of(wire.BootNotificationRequest) == []

    play(scene)


@pytest.mark.parametrize("fault", list(ImageFault))
def test_a_firmware_that_does_not_work_gives_way_to_the_old_one(fault: ImageFault) -> None:
    """The candidate's slot is never proven: the old version comes back and says so."""

    async def scene(here: Site) -> None:
        before = here.host.product.identity.firmware_version
        here.servers.files[PLACE] = image(here.host.product, fault)
        await update(here)
        await ends(here, "InstallationFailed")
        assert told(here) == [*WHOLE[:5], "InstallationFailed"]
        assert here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version == before
        assert "FirmwareUpdated" not in events(here)

    play(scene)


def test_a_new_firmware_brings_features_along() -> None:
    """The changed profile counts from the first boot on: here a running update can be cancelled (C-60)."""

    async def scene(here: Site) -> None:
        here.servers.files[PLACE] = image(here.host.product, features={"C-60": True})
        await update(here, 1)
        await ends(here, "Installed")
        here.servers.behave(Behavior(rate=500.0))
        await update(here, 2)
        assert (await update(here, 3)).status is wire.UpdateFirmwareStatusEnum.AcceptedCanceled

    play(scene)


def test_a_firmware_that_breaks_while_it_starts_gives_way_to_the_old_one() -> None:
    """A profile that no station can be built from is no reason to stay dark."""

    async def scene(here: Site) -> None:
        here.servers.files[PLACE] = image(here.host.product, settings={"ORS-18": "much"})
        await update(here)
        await ends(here, "InstallationFailed")
        assert told(here) == [*WHOLE[:5], "InstallationFailed"]

    play(scene)


def test_a_second_request_is_rejected_where_an_update_cannot_be_cancelled() -> None:
    """TC_L_11: L01.FR.27, C-60 = No."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(rate=500.0))
        await update(here, 1)
        await here.csms.until(lambda: told(here) == ["Downloading"])
        assert (await update(here, 2)).status is wire.UpdateFirmwareStatusEnum.Rejected
        await ends(here, "Installed")
        assert told(here) == WHOLE

    play(scene)


def test_a_second_request_cancels_the_first_where_that_is_supported() -> None:
    """TC_L_10: L01.FR.24, C-60 = Yes."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(rate=500.0))
        await update(here, 1)
        await here.csms.until(lambda: told(here) == ["Downloading"])
        assert (await update(here, 2)).status is wire.UpdateFirmwareStatusEnum.AcceptedCanceled
        here.servers.behave(Behavior())
        await ends(here, "Installed")
        ids = [n.request_id for n in here.csms.of(wire.FirmwareStatusNotificationRequest)]
        assert ids == [1, *[2] * len(WHOLE)]

    play(scene, load("flagship"))


async def charge(here: Site, evse_id: int, token: str) -> None:
    """Begin a transaction."""
    count = len(here.csms.events)
    await here.hand.plug(evse_id)
    await here.hand.present(token)
    await here.csms.until(lambda: len(here.csms.events) > count)
    await asyncio.sleep(5)


async def leave(here: Site, evse_id: int, token: str) -> None:
    """End it."""
    await here.hand.present(token)
    await asyncio.sleep(2)
    await here.hand.unplug(evse_id)
    await asyncio.sleep(2)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_installation_waits_for_the_transaction_and_free_evses_follow_the_setting(allowed: bool) -> None:
    """TC_L_14, TC_L_15: L01.FR.06, L01.FR.07, L01.FR.34; download goes on meanwhile (AQ-7)."""

    async def scene(here: Site) -> None:
        name = "AllowNewSessionsPendingFirmwareUpdate"
        assert await here.set("ChargingStation", name, str(allowed).lower()) == "Accepted"
        await charge(here, 1, "04A1B2C3")
        here.csms.received.clear()
        await update(here)
        await ends(here, "InstallScheduled")
        await asyncio.sleep(60)
        assert told(here) == [*WHOLE[:3], "InstallScheduled"]
        station = here.host.station
        assert station is not None
        assert (station.charging.standing.obstacle(2) is None) is allowed
        assert station.charging.statuses()[2, 1] == ("Available" if allowed else "Unavailable")
        unavailable = [(s.evse_id, s.connector_status) for s in here.csms.of(wire.StatusNotificationRequest)]
        assert unavailable == ([] if allowed else [(2, "Unavailable")])
        await leave(here, 1, "04A1B2C3")
        await ends(here, "Installed")
        assert told(here) == [*WHOLE[:3], "InstallScheduled", *WHOLE[3:]]
        assert {str(status) for status in (here.host.station or station).charging.statuses().values()} == {"Available"}

    play(scene)


def test_a_product_that_cannot_do_both_downloads_after_the_transaction_and_pauses_for_the_next() -> None:
    """TC_L_12: L01.FR.13, L01.FR.14, AQ-7 = No."""
    base = load("sec1000-240y")
    product = msgspec.structs.replace(base, features={**base.features, "AQ-7": False})

    async def scene(here: Site) -> None:
        await here.set("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate", "true")
        await charge(here, 1, "04A1B2C3")
        here.servers.behave(Behavior(rate=500.0))
        await update(here)
        await ends(here, "DownloadScheduled")
        await leave(here, 1, "04A1B2C3")
        await ends(here, "Downloading")
        await asyncio.sleep(10)
        await charge(here, 2, "04A1B2C3")
        await leave(here, 2, "04A1B2C3")
        await ends(here, "Installed")
        assert told(here) == ["DownloadScheduled", "Downloading", "DownloadPaused", *WHOLE]
        assert here.servers.transfers[1].offset > 0

    play(scene, product)


def test_free_evses_stay_closed_until_the_firmware_that_waited_is_installed() -> None:
    """L01.FR.07: also while it is downloaded, by a product that does that alone."""
    base = load("sec1000-240y")
    product = msgspec.structs.replace(base, features={**base.features, "AQ-7": False})

    async def scene(here: Site) -> None:
        await here.set("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate", "false")
        await charge(here, 1, "04A1B2C3")
        here.servers.behave(Behavior(rate=500.0))
        await update(here)
        await ends(here, "DownloadScheduled")
        await leave(here, 1, "04A1B2C3")
        await ends(here, "Downloading")
        station = here.host.station
        assert station is not None
        assert {str(status) for status in station.charging.statuses().values()} == {"Unavailable"}
        await ends(here, "Installed")
        assert {str(status) for status in (here.host.station or station).charging.statuses().values()} == {"Available"}

    play(scene, product)


@pytest.mark.parametrize("fault", [None, ImageFault.DoesNotConnect])
def test_a_product_that_installs_beside_transactions_needs_no_reboot_and_no_end(fault: ImageFault | None) -> None:
    """TC_L_16, L01.FR.28, L01.FR.33: a new connection; the next boot tries the firmware as any other."""
    base = load("sec1000-240y")
    product = msgspec.structs.replace(base, features={**base.features, "C-43": True, "C-20": False})

    async def scene(here: Site) -> None:
        await charge(here, 1, "04A1B2C3")
        boots, link = here.csms.of(wire.BootNotificationRequest), here.csms.rpc
        here.servers.files[PLACE] = image(product, fault)
        await update(here)
        await ends(here, "Installed")
        assert told(here) == [*WHOLE[:4], "Installed"]
        assert "FirmwareUpdated" in events(here)
        assert here.csms.of(wire.BootNotificationRequest) == boots
        assert here.csms.rpc is not link
        assert "Ended" not in [event.event_type for event in here.csms.events]
        await leave(here, 1, "04A1B2C3")
        await here.hand.reboot()
        await asyncio.sleep(2000)
        last = here.csms.of(wire.BootNotificationRequest)[-1].charging_station.firmware_version
        assert last == (base.identity.firmware_version if fault else "9.9.9")

    play(scene, product)


def test_a_trigger_says_the_last_status_and_idle_before_and_after() -> None:
    """TC_F_17 to TC_F_19: F06.FR.03, F06.FR.16, L01.FR.25, L01.FR.26."""

    async def scene(here: Site) -> None:
        trigger = wire.TriggerMessageRequest(
            requested_message=wire.MessageTriggerEnum.FirmwareStatusNotification, evse=wire.EVSE(id=1)
        )

        async def ask() -> tuple[str, int | None]:
            count = len(told(here))
            assert (await here.csms.call(trigger)).status is wire.TriggerMessageStatusEnum.Accepted
            await here.csms.until(lambda: len(told(here)) > count)
            last = here.csms.of(wire.FirmwareStatusNotificationRequest)[-1]
            return last.status.value, last.request_id

        assert await ask() == ("Idle", None)
        here.servers.behave(Behavior(rate=500.0))
        await update(here, 3)
        await here.csms.until(lambda: "Downloading" in told(here))
        assert await ask() == ("Downloading", 3)
        await ends(here, "Installed")
        assert await ask() == ("Idle", None)
        await update(here, 4, signature=keys().sign(b""))
        await ends(here, "InvalidSignature")
        assert await ask() == ("InvalidSignature", 4)

    play(scene)


@pytest.mark.parametrize("status", WHOLE[:5])
def test_a_power_cut_at_any_step_neither_loses_the_update_nor_repeats_a_step(status: str) -> None:
    """Decided case 13: the job is a row; the version is a known one whatever happens."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(rate=5000.0))
        await update(here, 8)
        await here.csms.until(lambda: status in told(here))
        await here.hand.cut_power()
        await asyncio.sleep(10)
        await here.hand.restore_power()
        await ends(here, "Installed")
        once = list(dict.fromkeys(told(here)))
        assert once == WHOLE
        assert told(here).count("Installed") == 1
        assert here.host.product.identity.firmware_version == "9.9.9"

    play(scene)


def test_a_refusing_server_leaves_the_station_running() -> None:
    """L01.FR.30, and nothing is left on the disk."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(refuse=Reason.Untrusted))
        await update(here)
        await ends(here, "DownloadFailed")
        assert here.host.station is not None
        assert here.disk == {}

    play(scene)
