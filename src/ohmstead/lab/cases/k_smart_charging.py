"""Block K, for stations without Smart Charging: a profile that comes with a remote start is ignored."""

from ohmstead.lab.cases import states
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted
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


def _same(text: str) -> Wanted:
    """Tokens compare case-insensitively."""
    return Wanted(text, lambda value: isinstance(value, str) and value.lower() == text.lower())


@case(
    "TC_K_38_CS",
    "A charging profile in a remote start is ignored",
    requirements=("F01.FR.12", "F01.FR.13", "F01.FR.25"),
    settings={"TxCtrlr.TxStartPoint": "EVConnected", "AuthCtrlr.AuthorizeRemoteStart": "false"},
    begin=states.ev_connected_pre_session,
)
async def profile_ignored(t: Tester) -> None:
    """The start is Accepted, names the transaction that runs already, and energy flows."""
    outlet = t.outlet()
    remote_start_id = t.next_id()
    request = wire.RequestStartTransactionRequest(
        id_token=t.config.valid.wire,
        remote_start_id=remote_start_id,
        evse_id=outlet.evse_id,
        charging_profile=_profile(),
    )
    await t.call(request, step=2, status="Accepted", transaction_id=outlet.transaction_id)
    outlet.authorized = outlet.remote = True
    await t.event(
        5,
        event_type="Updated",
        trigger_reason="RemoteStart",
        transaction_info__remote_start_id=remote_start_id,
        id_token__id_token=_same(t.config.valid.id_token),
    )
    await states.energy_transfer_started(t)
