"""The facts of a charging session, at which transactions start and stop (Part 2, 2.6.4 and 2.6.5)."""

from collections.abc import Iterable
from enum import StrEnum

from ohmstead.wire.messages import ChargingStateEnum


class Fact(StrEnum):
    """Something that is true of a session; the values are those of TxStartPoint and TxStopPoint."""

    ParkingBayOccupancy = "ParkingBayOccupancy"
    EVConnected = "EVConnected"
    Authorized = "Authorized"
    DataSigned = "DataSigned"
    PowerPathClosed = "PowerPathClosed"
    """Never stored: it is EVConnected and Authorized."""
    EnergyTransfer = "EnergyTransfer"


Facts = frozenset[Fact]
POWER_PATH = frozenset({Fact.EVConnected, Fact.Authorized})
NEED_AUTHORIZATION = frozenset({Fact.Authorized, Fact.PowerPathClosed, Fact.EnergyTransfer})
"""Stop points that cannot hold without an authorization."""


class Suspension(StrEnum):
    """Who holds back the energy of a session whose power path is closed."""

    EV = "EV"
    EVSE = "EVSE"


def points(names: Iterable[str]) -> Facts:
    """Return the members of a TxStartPoint or TxStopPoint list as facts."""
    return frozenset(Fact(name) for name in names)


def closure(facts: Facts) -> Facts:
    """Add what follows: an EV that is connected is in the bay, and if it is authorized the power path is closed."""
    if Fact.EVConnected not in facts:
        return facts
    # Also where no sensor noticed the arrival: with TxStartPoint ParkingBayOccupancy energy would flow unreported.
    seen = facts | {Fact.ParkingBayOccupancy}
    return seen | {Fact.PowerPathClosed} if facts >= POWER_PATH else seen


def charging_state(facts: Facts, suspended: Suspension | None) -> ChargingStateEnum:
    """Return the charging state that the facts amount to (ChargingStateEnumType)."""
    if Fact.EVConnected not in facts:
        return ChargingStateEnum.Idle
    if Fact.EnergyTransfer in facts:
        return ChargingStateEnum.Charging
    if Fact.Authorized in facts and suspended is Suspension.EV:
        return ChargingStateEnum.SuspendedEV
    if Fact.Authorized in facts and suspended is Suspension.EVSE:
        return ChargingStateEnum.SuspendedEVSE
    return ChargingStateEnum.EVConnected
