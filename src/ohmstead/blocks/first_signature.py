"""The start point DataSigned: the meter is asked for the signed reading that a transaction begins with (E01.FR.04)."""

import logging

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, awaits_signature
from ohmstead.ports.signing_meter import SigningMeter
from ohmstead.wire.messages import ReadingContextEnum, TriggerReasonEnum

SIGNED = frozenset({Fact.DataSigned})
ASK_AGAIN = 5.0
"""Seconds after which a meter that gave no signature is asked again."""

_log = logging.getLogger(__name__)


class FirstSignature:
    """Waits, at each EVSE whose power path is closed, for the signature without which nothing begins there."""

    def __init__(self, work: Work, charging: Charging, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._device = device
        self._world = world
        self._asking: dict[str, Timer] = {}

    def follow(self, session: Session) -> None:
        """A session has moved, or it matters again whether readings are signed."""
        if not awaits_signature(session):
            running = self._asking.pop(session.id, None)
            if running is not None:
                running.cancel()
        elif session.id not in self._asking and self._device.sampled_data.sign_readings:
            self._ask_in(0.0, session.id)

    def _ask_in(self, seconds: float, identifier: str) -> None:
        self._asking[identifier] = self._work.later(seconds, lambda: self._ask(identifier))

    def _ask(self, identifier: str) -> None:
        self._asking.pop(identifier, None)
        session, hardware = self._charging.sessions.get(identifier), self._world.hardware
        if session is None or session.evse_id is None or not awaits_signature(session):
            return
        if not self._device.sampled_data.sign_readings or not isinstance(hardware, SigningMeter):
            return
        if hardware.sign(session.evse_id, self._world.clock.now(), ReadingContextEnum.Transaction_Begin) is None:
            _log.warning("the meter of EVSE %s gave no signature: no transaction begins yet", session.evse_id)
            self._ask_in(ASK_AGAIN, identifier)
            return
        self._charging.apply(session, FactChange(trigger=TriggerReasonEnum.SignedDataReceived, gained=SIGNED))
