"""Block K, for stations without Smart Charging: a profile that comes with a remote start is ignored."""

from ohmstead.lab.cases import states, states_station
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingProfileKindEnum, ChargingProfilePurposeEnum, ChargingRateUnitEnum

LIMIT_W = 6000.0


def _profile() -> wire.ChargingProfile:
    schedule = wire.ChargingSchedule(
        id=1,
        charging_rate_unit=ChargingRateUnitEnum.W,
        charging_schedule_period=(wire.ChargingSchedulePeriod(start_period=0, limit=LIMIT_W),),
    )
    return wire.ChargingProfile(
        id=1,
        stack_level=0,
        charging_profile_purpose=ChargingProfilePurposeEnum.TxProfile,
        charging_profile_kind=ChargingProfileKindEnum.Relative,
        charging_schedule=(schedule,),
    )


async def _plugged_in(t: Tester) -> None:
    """An EV waits, and has started a transaction where it can; the CSMS is not asked, where that can be chosen."""
    await states_station.start_at(t, "EVConnected")
    await t.try_set("AuthCtrlr.AuthorizeRemoteStart", "false", step="settings")
    await states.ev_waits(t)


@case(
    "TC_K_38_CS",
    "A charging profile in a remote start is ignored",
    requirements=("F01.FR.12", "F01.FR.13", "F01.FR.25"),
    begin=_plugged_in,
)
async def profile_ignored(t: Tester) -> None:
    """The start is Accepted, names the transaction that runs already, if one does, and energy flows."""
    await states.authorized(t, remote=True, profile=_profile())
    await states.energy_transfer_started(t)
