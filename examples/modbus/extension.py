"""The vendor's messages: the CSMS sets a ceiling for an EVSE, and hears a minute later what flows there.

An entry point names the factory, in the `pyproject.toml` of the vendor's package (docs/extensions.md):

    [project.entry-points."ohmstead.extensions"]
    mx1 = "examples.modbus.extension:open_extension"
"""

import logging
from collections.abc import Callable
from functools import partial

import msgspec

from ohmstead.ports.extensions import (
    EVSE,
    DataTransferStatusEnum,
    Extension,
    NotTransferred,
    VendorAnswer,
    VendorMessage,
    VendorStation,
    answers,
)

VENDOR_ID = "org.example.mx1"
REPORT_AFTER = 60.0
"""Seconds in which the power has followed the ceiling."""

_log = logging.getLogger(__name__)


class Ceiling(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The data of a message `ceiling`; without a power it is taken back."""

    evse_id: int
    power_w: float | None = msgspec.field(name="powerW", default=None)


class MxMessages:
    """Serves the messages in one run of the station."""

    def __init__(self, station: VendorStation) -> None:
        self._station = station
        self._pending: dict[int, Callable[[], None]] = {}

    @answers("ceiling")
    def set_ceiling(self, message: VendorMessage) -> VendorAnswer:
        """Limit an EVSE; the answer says what holds."""
        try:
            ceiling = msgspec.convert(message.data, Ceiling)
            self._station.limit(ceiling.evse_id, power_w=ceiling.power_w)
        except (msgspec.ValidationError, KeyError, ValueError) as wrong:
            return VendorAnswer(DataTransferStatusEnum.Rejected, reason_code="InvalidValue", additional_info=str(wrong))
        return VendorAnswer(data=msgspec.to_builtins(ceiling), then=partial(self._report_later, ceiling.evse_id))

    def _report_later(self, evse_id: int) -> None:
        earlier = self._pending.pop(evse_id, None)
        if earlier is not None:
            earlier()
        self._pending[evse_id] = self._station.later(REPORT_AFTER, partial(self._report, evse_id))

    def _report(self, evse_id: int) -> None:
        power = self._station.read(EVSE.power, evse_id)
        self._station.spawn("power", lambda: self._send(evse_id, power))

    async def _send(self, evse_id: int, power_w: float) -> None:
        try:
            answer = await self._station.transfer("power", {"evseId": evse_id, "powerW": power_w})
        except NotTransferred as lost:
            _log.warning("the CSMS does not know what flows at EVSE %d: %s", evse_id, lost)
            return
        if answer.status is not DataTransferStatusEnum.Accepted:
            _log.warning("the CSMS answered %s", answer.status)


def open_extension() -> Extension:
    """Return the extension."""
    return Extension(vendor_id=VENDOR_ID, life=MxMessages)
