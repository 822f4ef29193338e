"""Block P: DataTransfer for vendors that the station knows (P01); it knows none."""

from ohmstead.blocks.hooks import serves
from ohmstead.wire.messages import DataTransferRequest, DataTransferResponse, DataTransferStatusEnum


class PDataTransfer:
    """Answers messages of vendor extensions."""

    @serves(DataTransferRequest)
    def on_data_transfer(self, _request: DataTransferRequest) -> DataTransferResponse:
        """No vendor's extension is implemented here (P01.FR.05)."""
        return DataTransferResponse(status=DataTransferStatusEnum.UnknownVendorId)
