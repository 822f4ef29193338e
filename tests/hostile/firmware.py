"""A manufacturer, its firmware, and a station that is offered some: good, to be bent."""

import asyncio
from functools import cache

import msgspec
from msgspec.structs import replace

from ohmstead.edge.certificate_builder import DAY, Party, Validity, certificate_pem, key_pem
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.ports.firmware import MAGIC, Image, packed
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.hostile.forge import forged, party, self_signed, usage
from tests.runtime.site import START, Site

PLACE = "https://files.example/firmware.bin"
SPAN = Validity(START - DAY, 400 * DAY)
ROOT = party("Manufacturer Root")
SIGNER = party("Manufacturer Signing")
MIDDLE = party("Manufacturer Middle")
IDENTITY = load("sec1000-240y").identity
PROGRAM = b"program" * 300
Seen = tuple[str, tuple[str, ...], tuple[str, ...]]
"""The response, the statuses that followed, and the security events."""
ENDS = frozenset({"DownloadFailed", "InvalidSignature", "InstallVerificationFailed", "InstallationFailed", "Installed"})


@cache
def root() -> str:
    """Return the manufacturer's root, which the station has installed."""
    return self_signed(ROOT, SPAN, authority=True, certifies=True)


@cache
def certificate() -> str:
    """Return a good signing certificate."""
    return signer()


def signer(issuer: Party = ROOT, validity: Validity = SPAN, *, signs: bool = True) -> str:
    """Return a certificate for the signing key."""
    made = forged(SIGNER.name, SIGNER.key.public_key(), issuer, validity, key_usage=usage(signs=signs))
    return certificate_pem(made)


def sign(content: bytes) -> str:
    """Return a good signature."""
    return FirmwareKeys(root=root(), certificate=certificate(), key=key_pem(SIGNER.key)).sign(content)


def header(**changes: object) -> Image:
    """Return what a good image says of itself, changed."""
    good = Image(vendor=IDENTITY.vendor_name, model=IDENTITY.model, version="9.9.9")
    return replace(good, **changes)


GOOD = packed(header(), PROGRAM)


def with_header(line: bytes) -> bytes:
    """Return an image with a header of these bytes."""
    return MAGIC + line + b"\n" + PROGRAM


def altered(**changes: object) -> bytes:
    """Return an image whose header says something else than its program shows."""
    fields = msgspec.json.decode(GOOD[len(MAGIC) :].partition(b"\n")[0], type=dict[str, object])
    return with_header(msgspec.json.encode(fields | changes))


async def update(
    here: Site, *, location: str = PLACE, signing: str | None = None, signature: str | None = None
) -> Seen:
    """Send UpdateFirmware, wait for its end, and return what was seen of it."""
    here.csms.received.clear()
    firmware = wire.Firmware(
        location=location,
        retrieve_date_time=START,
        signing_certificate=certificate() if signing is None else signing,
        signature=sign(here.servers.files.get(PLACE, b"")) if signature is None else signature,
    )
    request = wire.UpdateFirmwareRequest(request_id=1, firmware=firmware, retries=0)
    status = (await here.csms.call(request)).status
    if status is wire.UpdateFirmwareStatusEnum.Accepted:
        await here.csms.until(lambda: bool(ENDS.intersection(told(here))), 600)
    await asyncio.sleep(1)
    assert not here.csms.of(wire.BootNotificationRequest)
    events = tuple(event.type for event in here.csms.of(wire.SecurityEventNotificationRequest))
    return status.value, told(here), events


def told(here: Site) -> tuple[str, ...]:
    """Return the statuses received."""
    return tuple(n.status.value for n in here.csms.of(wire.FirmwareStatusNotificationRequest))


async def ready(here: Site) -> None:
    """Install the manufacturer's root, and put a good image on the server."""
    use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    request = wire.InstallCertificateRequest(certificate_type=use, certificate=root())
    assert (await here.csms.call(request)).status is wire.InstallCertificateStatusEnum.Accepted
    here.servers.files[PLACE] = GOOD


async def lives(here: Site) -> None:
    """The old version runs, nothing of the others is left, and somebody can charge."""
    assert here.host.product.identity.firmware_version == IDENTITY.firmware_version
    assert here.disk == {}
    await here.hand.present("04A1B2C3")
    await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))
    await here.hand.plug(1)
    await here.csms.until(
        lambda: any(event.transaction_info.charging_state == "Charging" for event in here.csms.events)
    )
