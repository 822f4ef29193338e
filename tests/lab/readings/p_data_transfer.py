"""Block P."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.p_data_transfer import PDataTransfer
from ohmstead.lab.readings.p_data_transfer import ASKED_ATTRIBUTE, UNKNOWN_VENDOR
from ohmstead.wire.messages import DataTransferStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import answered


def _attribute_left_out(results: str) -> Callable[..., object]:
    """The results do not say which attribute they are about."""

    def wrong(right: Callable[..., Any], *arguments: object) -> object:
        response = right(*arguments)
        without = tuple(msgspec.structs.replace(one, attribute_type=None) for one in getattr(response, results))
        return msgspec.structs.replace(response, **{results: without})

    return wrong


SHOWN = (
    *(
        Shown(
            reading=UNKNOWN_VENDOR,
            case="TC_P_01_CS",
            mutate=answered(PDataTransfer, "on_data_transfer", status=status),
            fails="specification",
        )
        for status in (DataTransferStatusEnum.Rejected, DataTransferStatusEnum.UnknownMessageId)
    ),
    Shown(
        reading=ASKED_ATTRIBUTE,
        case="TC_P_03_CS",
        mutate=lambda: replaced(BVariables, "on_get_variables", _attribute_left_out("get_variable_result")),
        fails="specification",
    ),
    Shown(
        reading=ASKED_ATTRIBUTE,
        case="TC_P_03_CS",
        mutate=lambda: replaced(BVariables, "on_set_variables", _attribute_left_out("set_variable_result")),
        fails="specification",
    ),
)
