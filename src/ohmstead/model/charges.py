"""A charge that has ended, as the station keeps it for whoever asks afterwards."""

from datetime import datetime

import msgspec

from ohmstead.wire.messages import ReasonEnum


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction that has ended. It names nobody: CustomerInformation has nothing to clear in it."""

    transaction_id: str
    evse_id: int | None
    """None: it ended before an EVSE was chosen."""
    started_at: datetime
    ended_at: datetime
    seconds: float
    """How long it took, whatever was done to the clock meanwhile."""
    energy_wh: float | None
    """None: its first reading is not known."""
    reason: ReasonEnum | None
    cost: float | None = None
    """The totalCost of the CSMS's answer to the end (I03.FR.02); 0.0: free; None: it has not said any (I03.FR.04)."""
