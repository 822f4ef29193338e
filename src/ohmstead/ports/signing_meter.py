"""A meter that signs what it measures; a machine whose product has C-42 offers this beside `Hardware`."""

from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from ohmstead.wire.messages import ReadingContextEnum, SignedMeterValue


class SignedReading(msgspec.Struct, frozen=True):
    """One reading of the register, as the meter vouches for it."""

    energy_wh: float
    value: SignedMeterValue
    """With the meter's public key; whether that travels is the station's affair (PublicKeyWithSignedMeterValue)."""


@runtime_checkable
class SigningMeter(Protocol):
    """Meters of EVSEs that sign (J01.FR.21, J02.FR.21)."""

    def sign(self, evse_id: int, at: datetime, context: ReadingContextEnum) -> SignedReading | None:
        """Read the register of an EVSE and sign it; None: the meter gives no signature now.

        Args:
            evse_id: whose meter.
            at: what time it is, for the meter's own record.
            context: what the reading is for, which the record says too.
        """
        ...
