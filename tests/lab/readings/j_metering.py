"""Block J."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ohmstead.blocks import j_metering
from ohmstead.blocks.b_variables import BVariables
from ohmstead.lab.readings.j_metering import ALIGNED_EVERYWHERE, BEGIN_VALUES, FROM_MIDNIGHT, MEASURED_ELSEWHERE
from ohmstead.model.device import AlignedDataCtrlr
from ohmstead.model.session import TransactionStep
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import ChargingStateEnum, GetVariablesResponse
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import ignored

WITH_SOC = ("Energy.Active.Import.Register", "SoC")


def _from_now(_right: object, now: datetime, interval: int) -> datetime:
    """An interval from now, whatever the clock says: three seconds past a multiple of four, for one."""
    odd = (now.second + 1) % interval
    return now.replace(microsecond=0) + timedelta(seconds=interval - odd or interval)


def _first_evse(
    right: Callable[..., object], device: object, world: object, evse_id: int, *arguments: object
) -> object:
    return None if evse_id > 1 else right(device, world, evse_id, *arguments)


def _tells_soc(right: Callable[..., GetVariablesResponse], *arguments: object) -> GetVariablesResponse:
    response = right(*arguments)
    results = tuple(
        msgspec.structs.replace(one, attribute_value=",".join(WITH_SOC))
        if (one.component.name, one.variable.name) == ("AlignedDataCtrlr", "Measurands")
        else one
        for one in response.get_variable_result
    )
    return msgspec.structs.replace(response, get_variable_result=results)


@contextmanager
def _soc_of_an_ev() -> Iterator[None]:
    """SoC is configured, and told by those that have it: EVSEs with an EV."""
    with (
        replaced(BVariables, "on_get_variables", _tells_soc),
        ignored(AlignedDataCtrlr.measurands, WITH_SOC)(),
    ):
        yield


@contextmanager
def _begins_with_energy() -> Iterator[None]:
    """The values of the begin come when energy flows."""
    waiting: set[str] = set()

    def samples(right: Callable[..., Any], self: TransactionEvents, step: TransactionStep, at: datetime) -> object:
        charges = step.charging_state is ChargingStateEnum.Charging
        if step.begins and not charges:
            waiting.add(step.transaction.id)
            step = msgspec.structs.replace(step, begins=False)
        elif charges and step.transaction.id in waiting:
            waiting.remove(step.transaction.id)
            step = msgspec.structs.replace(step, begins=True)
        return right(self, step, at)

    with replaced(TransactionEvents, "_samples", samples):
        yield


SHOWN = (
    *(
        Shown(
            reading=FROM_MIDNIGHT,
            case=case,
            mutate=lambda: replaced(j_metering, "next_instant", _from_now),
            fails="specification",
        )
        for case in ("TC_J_01_CS", "TC_J_02_CS", "TC_J_03_CS")
    ),
    *(
        Shown(
            reading=ALIGNED_EVERYWHERE,
            case=case,
            mutate=lambda: replaced(j_metering, "aligned_values", _first_evse),
            fails="specification",
        )
        for case in ("TC_J_01_CS", "TC_J_02_CS", "TC_J_06_CS")
    ),
    *(
        Shown(reading=MEASURED_ELSEWHERE, case=case, mutate=_soc_of_an_ev, fails="tool")
        for case in ("TC_J_01_CS", "TC_J_02_CS", "TC_J_06_CS")
    ),
    Shown(reading=BEGIN_VALUES, case="TC_J_08_CS", mutate=_begins_with_energy, fails="tool"),
)
