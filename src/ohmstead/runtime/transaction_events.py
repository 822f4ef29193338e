"""From a step of a transaction to the TransactionEventRequest that reports it: time, meter values, who and where."""

from datetime import datetime

import msgspec

from ohmstead.blocks.readings import sample
from ohmstead.model.device import DeviceModel
from ohmstead.model.metering import Sample, meter_values, thinned, with_keys
from ohmstead.model.session import Session, TransactionStep
from ohmstead.ports.clock import Clock
from ohmstead.ports.hardware import Hardware
from ohmstead.wire.identifiers import slip
from ohmstead.wire.messages import (
    EVSE,
    ChargingStateEnum,
    ReadingContextEnum,
    Transaction,
    TransactionEventEnum,
    TransactionEventRequest,
    TriggerReasonEnum,
)

CONTEXTS = {
    TriggerReasonEnum.MeterValuePeriodic: ReadingContextEnum.Sample_Periodic,
    TriggerReasonEnum.MeterValueClock: ReadingContextEnum.Sample_Clock,
    TriggerReasonEnum.Trigger: ReadingContextEnum.Trigger,
}

BEGIN, END = ReadingContextEnum.Transaction_Begin, ReadingContextEnum.Transaction_End


class TransactionEvents:
    """Builds the requests."""

    def __init__(self, device: DeviceModel, clock: Clock, hardware: Hardware) -> None:
        self._device = device
        self._clock = clock
        self._hardware = hardware

    def build(
        self, session: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
    ) -> tuple[Session, TransactionEventRequest]:
        """Return the request for a step, and the session with the samples that it took on the way.

        Args:
            session: the session after the step.
            step: what happened.
            offline: True if it happened without a connection (E04.FR.03).
            at: the instant that the meter values are about, where it is not now.
        """
        now = self._clock.now()
        samples = self._samples(step, at or now)
        if step.event_type is TransactionEventEnum.Ended:
            samples = (*step.transaction.samples, *samples)
        elif step.begins and session.transaction is not None:
            session = self._begun(session, now)
        samples, told = self._with_keys(step, samples)
        if told and session.transaction is not None:
            session = msgspec.structs.replace(
                session, transaction=msgspec.structs.replace(session.transaction, key_told=True)
            )
        request = TransactionEventRequest(
            event_type=step.event_type,
            timestamp=now,
            trigger_reason=step.trigger_reason,
            seq_no=step.seq_no,
            offline=True if offline else None,
            evse=None if step.evse_id is None else EVSE(id=step.evse_id, connector_id=step.connector_id),
            # A session that an earlier version has let in may have one that a CSMS refuses, and the event with it.
            id_token=None if step.id_token is None or slip(step.id_token) else step.id_token,
            meter_value=meter_values(samples) or None,
            number_of_phases_used=self._phases(step),
            transaction_info=Transaction(
                transaction_id=step.transaction.id,
                charging_state=step.charging_state,
                stopped_reason=step.stopped_reason,
                remote_start_id=step.remote_start_id,
            ),
        )
        return session, request

    def _with_keys(self, step: TransactionStep, samples: tuple[Sample, ...]) -> tuple[tuple[Sample, ...], bool]:
        return with_keys(samples, self._device.ocpp_comm.public_key_with_signed_meter_value, step.transaction.key_told)

    def _samples(self, step: TransactionStep, at: datetime) -> tuple[Sample, ...]:
        """The values that belong into this event: begin, end, periodic, clock or trigger."""
        if step.evse_id is None:
            return ()
        sampled, aligned = self._device.sampled_data, self._device.aligned_data
        taken: list[Sample | None] = []
        if step.begins and sampled.enabled:
            taken.append(self._sample(step.evse_id, sampled.tx_started_measurands, at, BEGIN))
        if step.event_type is TransactionEventEnum.Ended and sampled.enabled:
            taken.append(self._sample(step.evse_id, sampled.tx_ended_measurands, at, END))
        elif step.trigger_reason in CONTEXTS:
            clock = step.trigger_reason is TriggerReasonEnum.MeterValueClock
            wanted = aligned.measurands if clock else sampled.tx_updated_measurands
            taken.append(self._sample(step.evse_id, wanted, at, CONTEXTS[step.trigger_reason]))
        return tuple(sample for sample in taken if sample is not None)

    def _sample(
        self, evse_id: int, measurands: tuple[str, ...], at: datetime, context: ReadingContextEnum
    ) -> Sample | None:
        clock = context is ReadingContextEnum.Sample_Clock
        signs = self._device.aligned_data.sign_readings if clock else self._device.sampled_data.sign_readings
        return sample(self._hardware, evse_id, measurands, at, context, signs=signs)

    def _begun(self, session: Session, now: datetime) -> Session:
        """Keep the first reading: for the Ended event, and for what the display says."""
        transaction = session.transaction
        if transaction is None or session.evse_id is None:
            return session
        reading = self._hardware.read(session.evse_id)
        sampled = self._device.sampled_data
        first = None
        if sampled.enabled:
            wanted = sampled.tx_ended_measurands
            first = self._sample(session.evse_id, wanted, now, BEGIN)
        begun = msgspec.structs.replace(
            transaction,
            energy_start_wh=reading.energy_wh,
            samples=transaction.samples if first is None else (*transaction.samples, first),
        )
        return msgspec.structs.replace(session, transaction=begun)

    def _phases(self, step: TransactionStep) -> int | None:
        """The number of phases where energy starts to flow on an AC station (E02.FR.18)."""
        begins = step.trigger_reason is TriggerReasonEnum.ChargingStateChanged
        if step.evse_id is None or step.charging_state is not ChargingStateEnum.Charging or not begins:
            return None
        measured = self._hardware.read(step.evse_id).phases
        phases = self._device.evse(step.evse_id).supply_phases if measured is None else measured
        return phases if phases > 0 else None

    @staticmethod
    def recorded(session: Session, sample: Sample) -> Session:
        """Return the session with one more sample for its Ended event."""
        transaction = session.transaction
        if transaction is None:
            return session
        kept = msgspec.structs.replace(transaction, samples=thinned((*transaction.samples, sample)))
        return msgspec.structs.replace(session, transaction=kept)
