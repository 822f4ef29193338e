"""A writable variable that nothing reads is a defect: it can be set, is reported, and changes nothing.

Declared variables count who reads them through their typed readers (`DeviceModel.reads`). Here stations live through
days in which everything happens that a setting can be about; what no life has read is listed.
"""

import asyncio
from collections.abc import Callable, Coroutine

import msgspec

from ohmstead.edge.virtual_time import run
from ohmstead.lab.rig import FirmwareKind
from ohmstead.lab.rigs.firmware_images import firmware, image
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.own_certificate import owned
from tests.runtime.reads import recorded, unread
from tests.runtime.site import START, Site, site


def with_all_that_is_built() -> Product:
    """Return a product with every feature that our station has, but for what its hardware cannot be."""
    product = load("flagship")
    # With firmware that is installed beside transactions no update waits, and nobody can say what goes on meanwhile.
    # Drivers come with the cable first here, and choose nothing.
    without = (
        Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION,
        Feature.CABLE_LOCKED_UNTIL_AUTHORIZED,
        Feature.EVSE_CHOSEN_BEFORE_AUTHORIZATION,
    )
    flags = [one for one in Feature if one.kind == "flag" and one.group != "Hardware" and one not in without]
    built = [one for one in flags if one.built]
    sources = {"ClockCtrlr.TimeSource": VariableSetting(value="Heartbeat,NTP", values=("Heartbeat", "NTP"))}
    return msgspec.structs.replace(
        product,
        features={**product.features, **dict.fromkeys(built, True)},
        variables={**product.variables, **sources},
    )


PRODUCT = with_all_that_is_built()
"""So that there is every writable variable that any product can have."""
CARD = "04A1B2C3"


async def _charge(here: Site, evse_id: int = 1, card: str = CARD, seconds: float = 120) -> None:
    await here.hand.plug(evse_id)
    await here.hand.present(card)
    await asyncio.sleep(seconds)
    await here.hand.present(card)
    await asyncio.sleep(5)
    await here.hand.unplug(evse_id)
    await asyncio.sleep(5)


async def _plain_day() -> None:
    """Charges with aligned values, resets, and nobody who comes with a cable."""
    async with site(product=PRODUCT) as here:
        assert await here.set("AlignedDataCtrlr", "Interval", "60") == "Accepted"
        assert await here.set("AlignedDataCtrlr", "TxEndedInterval", "60") == "Accepted"
        await _charge(here)
        await _charge(here)
        await here.hand.present(CARD)
        await asyncio.sleep(200)
        await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
        await asyncio.sleep(86400)


async def _set_next_offset(here: Site, offset: str) -> None:
    data = wire.SetVariableData(
        attribute_value=offset,
        component=wire.Component(name="ClockCtrlr"),
        variable=wire.Variable(name="TimeOffset", instance="NextTransition"),
    )
    await here.csms.call(wire.SetVariablesRequest(set_variable_data=(data,)))


async def _remote_day() -> None:
    """Remote starts, and a fault; the display shows local time."""
    async with site(product=PRODUCT) as here:
        assert await here.set("ClockCtrlr", "TimeZone", "Europe/Berlin") == "Accepted"
        await asyncio.sleep(300)
        assert await here.set("ClockCtrlr", "TimeOffset", "+01:00") == "Accepted"
        await _set_next_offset(here, "+02:00")
        assert await here.set("ClockCtrlr", "NextTimeOffsetTransitionDateTime", "2026-01-01T00:30:00Z") == "Accepted"
        token = wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443)
        start = wire.RequestStartTransactionRequest(id_token=token, remote_start_id=1, evse_id=1)
        await here.csms.call(start)
        await here.hand.plug(1)
        await asyncio.sleep(3600)
        await here.hand.fault(1, 1, "GroundFailure")
        await asyncio.sleep(60)


async def _day_of_groups() -> None:
    """Cards of a group come, and one that is a master pass."""

    def authorize(_request: Request[Response]) -> Response:
        group = wire.IdToken(id_token="GROUP", type=wire.IdTokenEnum.Central)
        info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)
        return wire.AuthorizeResponse(id_token_info=info)

    async with site(product=PRODUCT) as here:
        here.csms.answers[wire.AuthorizeRequest] = authorize
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        await here.hand.present("04B1B2C3")
        await asyncio.sleep(60)


async def _day_of_a_refused_card() -> None:
    """It comes twice."""
    async with site(product=PRODUCT) as here:
        info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
        here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        await here.hand.present(CARD)
        await asyncio.sleep(60)


async def _day_without_a_link() -> None:
    """A known card charges offline, and a stranger, who turns out to be invalid; then one whose energy is limited."""
    async with site(product=PRODUCT) as here:
        assert await here.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
        await _charge(here)
        await here.hand.cut_network()
        await asyncio.sleep(1)
        await _charge(here)
        await here.hand.plug(1)
        await here.hand.present("04FFFFFF")
        await asyncio.sleep(600)
        here.csms.answers[wire.TransactionEventRequest] = _invalid
        await here.hand.restore_network()
        await asyncio.sleep(600)
        await here.hand.unplug(1)
        assert await here.set("TxCtrlr", "StopTxOnInvalidId", "false") == "Accepted"
        await here.hand.plug(2)
        await here.hand.present("04EEEEEE")
        await asyncio.sleep(600)


def _invalid(request: Request[Response]) -> Response | None:
    assert isinstance(request, wire.TransactionEventRequest)
    if request.id_token is None:
        return None
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
    return wire.TransactionEventResponse(id_token_info=info)


async def day_before_the_station_is_accepted() -> None:
    """After a boot the CSMS says Pending, and somebody presents a card."""

    def pending(_request: Request[Response]) -> Response:
        status = wire.RegistrationStatusEnum.Pending
        return wire.BootNotificationResponse(current_time=START, interval=300, status=status)

    async with site(product=PRODUCT) as here:
        here.csms.answers[wire.BootNotificationRequest] = pending
        await here.hand.reboot()
        await asyncio.sleep(60)
        await here.hand.present(CARD)
        await asyncio.sleep(60)


async def _day_of_new_firmware() -> None:
    """An update comes while somebody charges."""
    async with site(product=PRODUCT) as here:
        url = "https://files.example/firmware.bin"
        content = here.servers.files[url] = image(FirmwareKind.Good, here.host.product)
        good = firmware(FirmwareKind.Good, url, content)
        use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
        await here.csms.call(wire.InstallCertificateRequest(certificate_type=use, certificate=good.root))
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        update = wire.Firmware(
            location=url, retrieve_date_time=START, signing_certificate=good.certificate, signature=good.signature
        )
        await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=update))
        await asyncio.sleep(600)


async def _day_of_errors() -> None:
    """The CSMS does not understand transaction events."""

    def fails(_request: Request[Response]) -> Response | None:
        raise RuntimeError("no")

    async with site(product=PRODUCT) as here:
        here.csms.answers[wire.TransactionEventRequest] = fails
        await _charge(here)
        await asyncio.sleep(600)


async def _secure_day() -> None:
    """Passwords and certificates."""
    async with owned(product=PRODUCT) as owner:
        await owner.ask()
        await asyncio.sleep(86400)
    async with site(product=PRODUCT) as here:
        assert await here.set("SecurityCtrlr", "BasicAuthPassword", "a-new-password-for-it") == "Accepted"
        await asyncio.sleep(60)


DAYS: tuple[Callable[[], Coroutine[object, object, None]], ...] = (
    _plain_day,
    _remote_day,
    _day_of_groups,
    _day_of_a_refused_card,
    day_before_the_station_is_accepted,
    _day_of_new_firmware,
    _day_without_a_link,
    _day_of_errors,
    _secure_day,
)


def test_every_writable_variable_is_read() -> None:
    with recorded() as models:
        for day in DAYS:
            run(day(), limit=10 * 86400)
    assert unread(PRODUCT, models) == []
