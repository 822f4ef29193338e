"""Makes data folders as this version leaves them, for the versions to come: `python -m tests.yesterday.make_station`.

Each is what the disk holds when a station is killed in an outage, in the middle of two charges. The archives stay as
they were made: a later version that changes the format makes further ones under another name, and reads all of them.
"""

import asyncio
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.ports.firmware import Image, packed
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTION_OF
from tests.runtime.site import START
from tests.yesterday.kept import CHANGED, FIRMWARE, LOGS, TIME_OUT, VERSION, Call, Kept, KeptSite, living

HERE = Path(__file__).parent
LONG = timedelta(days=7300)
Scene = Callable[[KeptSite], Awaitable[None]]


async def _charge_twice(here: KeptSite) -> None:
    """Two cars charge, each with a card of its own; a third card was seen, and is in the cache."""
    assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "60") == "Accepted"
    assert await here.set("AuthCtrlr", "LocalAuthorizeOffline", "true") == "Accepted"
    for evse_id, card in ((1, "04AAAA01"), (2, "04BBBB02")):
        await here.hand.plug(evse_id)
        await here.hand.present(card)
        await asyncio.sleep(30)
    await asyncio.sleep(180)


async def with_password(here: KeptSite) -> None:
    """Security profile 2: another password, a scheduled change, a log and a firmware that wait."""
    assert await here.set("TxCtrlr", "EVConnectionTimeOut", str(TIME_OUT)) == "Accepted"
    here.password = CHANGED
    assert await here.set("SecurityCtrlr", "BasicAuthPassword", CHANGED) == "Accepted"
    await asyncio.sleep(30)
    await here.hand.present("04CCCC03")
    await asyncio.sleep(200)
    await _charge_twice(here)
    inoperative = wire.ChangeAvailabilityRequest(
        operational_status=wire.OperationalStatusEnum.Inoperative, evse=wire.EVSE(id=2)
    )
    assert (await here.csms.call(inoperative)).status == "Scheduled"
    log = wire.GetLogRequest(
        log=wire.LogParameters(remote_location=LOGS),
        log_type=wire.LogEnum.SecurityLog,
        request_id=31,
        retries=50,
        retry_interval=600,
    )
    assert (await here.csms.call(log)).status == "Accepted"
    await _order_firmware(here)


async def _order_firmware(here: KeptSite) -> None:
    """A firmware is to be fetched a day later; its image lies in the folder."""
    keys = FirmwareKeys.generate(validity=Validity(START - LONG, 2 * LONG))
    use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    installed = await here.csms.call(wire.InstallCertificateRequest(certificate_type=use, certificate=keys.root))
    assert installed.status == "Accepted", installed
    identity = here.host.product.identity
    image = packed(Image(vendor=identity.vendor_name, model=identity.model, version=VERSION), bytes(1000))
    (here.folder / "firmware.bin").write_bytes(image)
    firmware = wire.Firmware(
        location=FIRMWARE,
        retrieve_date_time=START + timedelta(days=1),
        signing_certificate=keys.certificate,
        signature=keys.sign(image),
    )
    request = wire.UpdateFirmwareRequest(request_id=32, firmware=firmware)
    assert (await here.csms.call(request)).status == "Accepted"


async def with_certificate(here: KeptSite) -> None:
    """Security profile 3: its certificate was renewed, and a reset waits for both transactions to end."""
    assert await here.set("SecurityCtrlr", "OrganizationName", "Charge Ltd") == "Accepted"
    signed: list[str] = []
    kind = wire.CertificateSigningUseEnum.ChargingStationCertificate

    def sign(request: object) -> wire.SignCertificateResponse:
        assert isinstance(request, wire.SignCertificateRequest)
        signed.append(AUTHORITY.sign_csr(request.csr, validity=Validity(START - timedelta(hours=1), LONG)))
        return wire.SignCertificateResponse(status=wire.GenericStatusEnum.Accepted)

    here.csms.answers[wire.SignCertificateRequest] = sign
    trigger = wire.MessageTriggerEnum.SignChargingStationCertificate
    assert (await here.csms.call(wire.TriggerMessageRequest(requested_message=trigger))).status == "Accepted"
    await here.csms.until(lambda: bool(signed))
    request = wire.CertificateSignedRequest(certificate_chain=signed[0], certificate_type=kind)
    assert (await here.csms.call(request)).status == "Accepted"
    await asyncio.sleep(60)
    assert "O=Charge Ltd" in here.subjects[-1]
    await _charge_twice(here)
    assert (await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))).status == "Scheduled"


async def _make(folder: Path, product: str, security_profile: int, scene: Scene) -> Kept:
    async with living(folder, product, security_profile, START) as here:
        await asyncio.sleep(60)
        await scene(here)
        await asyncio.sleep(120)
        await here.hand.cut_network()
        await here.hand.suspend(1)
        await asyncio.sleep(600)
        await here.hand.resume(1)
        await asyncio.sleep(30)
        station = here.host.station
        assert station is not None
        waiting = tuple(Call(entry.message_id, entry.action, entry.payload) for entry in station.outbox.entries)
        action = ACTION_OF[wire.TransactionEventRequest]
        heard = tuple(call for call in here.calls if call.action == action)
        assert len(waiting) > 10
        # No more is written from here on: what is in the folder is what a killed process leaves there.
        here.store.sever()
        return Kept(
            version=_version(),
            product=product,
            at=here.clock.now(),
            heard=heard,
            waiting=waiting,
        )


def _version() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()


def make(name: str, product: str, security_profile: int, scene: Scene) -> None:
    """Make one archive."""
    with TemporaryDirectory() as directory:
        folder = Path(directory) / name
        folder.mkdir()
        if security_profile == 3:
            came_with = AUTHORITY.issue_client("CS-001", "Manufacturer", validity=Validity(START - LONG, 2 * LONG))
            pems = {"root.pem": AUTHORITY.root, "came-with.pem": came_with.chain, "came-with.key.pem": came_with.key}
            for file, text in pems.items():
                (folder / file).write_text(text)
        kept = run(_make(folder, product, security_profile, scene), limit=86_400)
        (folder / "kept.json").write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1))
        with tarfile.open(HERE / f"{name}.tar.xz", "w:xz") as archive:
            archive.add(folder, name, filter=anonymous)
        shutil.rmtree(folder)


def anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member of the archive without anything of this machine."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info


AUTHORITY = Authority.generate("Owner Root", "Charge Ltd", validity=Validity(START - LONG, 2 * LONG))

if __name__ == "__main__":
    make(f"station-password-{sys.argv[1]}", "flagship", 2, with_password)
    make(f"station-certificate-{sys.argv[1]}", "sec1000-240y", 3, with_certificate)
