"""The file of a firmware update: fetched, read in chunks, and written beside what runs (L01)."""

import asyncio
from collections.abc import AsyncIterator

from ohmstead.blocks.context import Access, World
from ohmstead.blocks.standstill import Standstill
from ohmstead.model.device import DeviceModel
from ohmstead.model.firmware import FirmwareJob
from ohmstead.ports.files import TransferTerms
from ohmstead.ports.firmware import Image, ImageBroken, opened
from ohmstead.product.feature_table import Feature

FILE = "firmware.image"
INSTALL = 5.0
"""Seconds that it takes to write an image into its slot."""


class FirmwareFile:
    """The one file that an update has on the station."""

    def __init__(self, device: DeviceModel, access: Access, world: World, standstill: Standstill) -> None:
        self._device = device
        self._access = access
        self._world = world
        self._standstill = standstill

    def discard(self) -> None:
        """Throw it away, if it is there."""
        self._world.files.discard(FILE)

    async def fetched(self, job: FirmwareJob) -> bool:
        """Return whether the whole file is here; a transaction interrupts it where the product cannot do both."""
        terms = TransferTerms(
            protocols=self._device.ocpp_comm.file_transfer_protocols,
            roots=self._access.trust.csms_roots(fallback=False),
        )
        download = self._world.files.download(job.location, FILE, terms)
        if self._world.product.has(Feature.FIRMWARE_DOWNLOADED_DURING_TRANSACTION):
            await download
            return True
        transfer, over = asyncio.ensure_future(download), asyncio.ensure_future(self._standstill.over())
        try:
            await asyncio.wait({transfer, over}, return_when=asyncio.FIRST_COMPLETED)
            if transfer.done():
                await transfer
            return transfer.done()
        finally:
            transfer.cancel()
            over.cancel()

    async def staged(self) -> Image:
        """Return what is in the file, once it lies beside what runs.

        Raises ImageBroken, NotInstalled, TransferFailed.
        """
        if self._world.firmware is not None:
            return await self._world.firmware.stage(self.chunks())
        await asyncio.sleep(INSTALL)
        image = await opened(self.chunks())
        self._check(image)
        return image

    async def chunks(self) -> AsyncIterator[bytes]:
        """The downloaded file in chunks; whatever else is due comes between two of them. Raises TransferFailed."""
        for chunk in self._world.files.read(FILE):
            yield chunk
            await asyncio.sleep(0)

    def _check(self, image: Image) -> None:
        """Say whether an image is for this product. Raises ImageBroken."""
        identity = self._world.product.identity
        if (image.vendor, image.model) != (identity.vendor_name, identity.model):
            raise ImageBroken(f"it is for {image.vendor} {image.model}")
