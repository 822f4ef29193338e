"""Mutants that take a setting, report it, and behave as if it had never been set."""

from ohmstead.model.device import (
    AlignedDataCtrlr,
    AnyVariable,
    AuthCacheCtrlr,
    AuthCtrlr,
    OCPPCommCtrlr,
    SampledDataCtrlr,
    TxCtrlr,
)
from tests.lab.mutation import Mutant
from tests.lab.wrongs import ignored

NEVER = 86_400
"""Seconds: longer than any case."""


def _stuck(variable: AnyVariable, value: object, blocks: str, suffix: str = "") -> Mutant:
    name = f"ignores-{variable.component.name}.{variable.name}{suffix}"
    taken = "empty" if value in ((), "") else ",".join(value) if isinstance(value, tuple) else str(value).lower()
    return Mutant(name, f"{variable.label} counts as {taken}, whatever was set.", ignored(variable, value), blocks)


MUTANTS = (
    # Block B
    _stuck(OCPPCommCtrlr.offline_threshold, 0, "BE", "-0"),
    _stuck(OCPPCommCtrlr.offline_threshold, NEVER, "BE", "-long"),
    _stuck(OCPPCommCtrlr.network_configuration_priority, ("1",), "B"),
    _stuck(OCPPCommCtrlr.network_profile_connection_attempts, 1, "B", "-1"),
    _stuck(OCPPCommCtrlr.network_profile_connection_attempts, 3, "B", "-3"),
    _stuck(OCPPCommCtrlr.retry_back_off_wait_minimum, 1, "BCE", "-short"),
    _stuck(OCPPCommCtrlr.retry_back_off_wait_minimum, 10, "BCE", "-long"),
    _stuck(OCPPCommCtrlr.retry_back_off_repeat_times, 0, "B"),
    _stuck(OCPPCommCtrlr.retry_back_off_random_range, 30, "BCE"),
    # Block C
    _stuck(AuthCtrlr.local_pre_authorize, False, "C", "-false"),
    _stuck(AuthCtrlr.local_pre_authorize, True, "CEF", "-true"),
    _stuck(AuthCtrlr.local_authorize_offline, False, "CE"),
    _stuck(AuthCtrlr.offline_tx_for_unknown_id_enabled, False, "CE"),
    _stuck(AuthCtrlr.enabled, False, "CE"),
    _stuck(AuthCtrlr.master_pass_group_id, "", "C"),
    _stuck(AuthCacheCtrlr.enabled, False, "CE", "-false"),
    _stuck(AuthCacheCtrlr.enabled, True, "CE", "-true"),
    _stuck(AuthCacheCtrlr.life_time, 0, "C"),
    _stuck(TxCtrlr.stop_tx_on_invalid_id, False, "CE", "-false"),
    _stuck(TxCtrlr.stop_tx_on_invalid_id, True, "CE", "-true"),
    _stuck(TxCtrlr.max_energy_on_invalid_id, 0, "C", "-0"),
    _stuck(TxCtrlr.max_energy_on_invalid_id, 100_000, "C", "-large"),
    # Block E
    _stuck(TxCtrlr.ev_connection_time_out, NEVER, "EF"),
    _stuck(OCPPCommCtrlr.message_attempts, 1, "E", "-1"),
    _stuck(OCPPCommCtrlr.message_attempts, 100, "E", "-100"),
    _stuck(OCPPCommCtrlr.message_attempt_interval, 1, "E", "-short"),
    _stuck(OCPPCommCtrlr.message_attempt_interval, NEVER, "E", "-long"),
    # Block F
    _stuck(AuthCtrlr.authorize_remote_start, False, "F", "-false"),
    _stuck(AuthCtrlr.authorize_remote_start, True, "F", "-true"),
    # Block J
    _stuck(AlignedDataCtrlr.interval, 0, "J", "-0"),
    _stuck(AlignedDataCtrlr.interval, 10, "J", "-10"),
    _stuck(AlignedDataCtrlr.tx_ended_interval, 0, "J", "-0"),
    _stuck(AlignedDataCtrlr.send_during_idle, False, "J", "-false"),
    _stuck(AlignedDataCtrlr.send_during_idle, True, "J", "-true"),
    _stuck(AlignedDataCtrlr.measurands, (), "JF", "-empty"),
    _stuck(SampledDataCtrlr.tx_updated_interval, 10, "JE"),
    _stuck(SampledDataCtrlr.tx_ended_interval, 0, "J"),
    _stuck(SampledDataCtrlr.tx_started_measurands, (), "J", "-empty"),
    _stuck(SampledDataCtrlr.tx_updated_measurands, (), "J", "-empty"),
    _stuck(SampledDataCtrlr.tx_ended_measurands, (), "J", "-empty"),
    _stuck(SampledDataCtrlr.tx_ended_measurands, ("Energy.Active.Import.Register",), "J", "-full"),
)
