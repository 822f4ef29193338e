"""Block P."""

from ohmstead.blocks.p_data_transfer import PDataTransfer
from ohmstead.lab.readings.p_data_transfer import UNKNOWN_VENDOR
from ohmstead.wire.messages import DataTransferStatusEnum
from tests.lab.shown import Shown
from tests.lab.wrongs import answered

SHOWN = tuple(
    Shown(
        reading=UNKNOWN_VENDOR,
        case="TC_P_01_CS",
        mutate=answered(PDataTransfer, "on_data_transfer", status=status),
        fails="specification",
    )
    for status in (DataTransferStatusEnum.Rejected, DataTransferStatusEnum.UnknownMessageId)
)
