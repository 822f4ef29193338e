"""Block P: DataTransfer for the vendors whose extensions are installed (P01, P02)."""

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.vendor import Vendor
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import Accepted, Online
from ohmstead.ports.calls import Answer
from ohmstead.wire.messages import DataTransferRequest, DataTransferResponse, DataTransferStatusEnum


class PDataTransfer:
    """Hands messages to the extension of their vendorId."""

    def __init__(self, work: Work, csms: Csms, device: DeviceModel, settings: Settings, world: World) -> None:
        self._work = work
        self._vendors = {
            installed.extension.vendor_id: Vendor(installed, work, csms, device, settings, world)
            for installed in world.extensions
        }

    def start(self) -> None:
        """Let the extensions begin, each in a unit of work of its own."""
        for vendor in self._vendors.values():
            self._work.after(vendor.begin)

    @serves(DataTransferRequest, commits_itself=True)
    def on_data_transfer(self, request: DataTransferRequest) -> Answer:
        """Answer a message, as its extension does; a vendorId that none has is unknown (P01.FR.05, P02.FR.06)."""
        vendor = self._vendors.get(request.vendor_id)
        if vendor is None:
            return Answer(DataTransferResponse(status=DataTransferStatusEnum.UnknownVendorId))
        return vendor.answer(request)

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """From now on messages can be sent."""
        self._tell_online()

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Messages can be sent again."""
        self._tell_online()

    def _tell_online(self) -> None:
        for vendor in self._vendors.values():
            self._work.after(vendor.tell_online)
