"""The manufacturer: a CSMS that updates firmware again and again, and a witness of what the station says of it."""

import asyncio
from datetime import timedelta

import msgspec

from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.ports.firmware import Image, packed
from ohmstead.rpc.connection import RpcConnection
from ohmstead.runtime.slots import MOST_BOOTS
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.torture.office import PRODUCT, Office

WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
FELL_BACK = [*WHOLE[:-1], "InstallationFailed"]
"""What is told when a firmware had its three starts, and each was cut off before the CSMS had accepted it."""


class Told(msgspec.Struct, frozen=True):
    """Something heard from the station: a status of an update, or the version in a BootNotification."""

    life: int
    request_id: int
    """The update that was the latest one; of a status: the one it was about."""
    status: str | None = None
    version: str | None = None


class Manufacturer(Office):
    """Updates the firmware again and again."""

    statuses_of_interest = (*WHOLE, "InstallRebooting")

    def __init__(self, files: HttpFileServer) -> None:
        super().__init__()
        self._files = files
        self._keys = FirmwareKeys.generate()
        self._installed = False
        self._request_id = 0
        self._known = True
        """The station has the latest request, as far as can be known."""
        self._asked_in: set[int] = set()
        self._over = asyncio.Event()
        self._over.set()
        self.heard: list[Told] = []

    async def errands(self, rpc: RpcConnection) -> None:
        """Install the root, then ask for one update after the other."""
        if not self._installed:
            use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
            request = wire.InstallCertificateRequest(certificate_type=use, certificate=self._keys.root)
            assert (await rpc.call(request)).status is wire.InstallCertificateStatusEnum.Accepted
            self._installed = True
        while True:
            if not self._known:
                await self._ask(rpc)
            await self._over.wait()
            if self.enough and self.last[1] == WHOLE:
                self.done.set()
                return
            self._request_id += 1
            self._asked_in.clear()
            self._known = False
            self._over.clear()

    async def _ask(self, rpc: RpcConnection) -> None:
        identity = PRODUCT.identity
        image = Image(vendor=identity.vendor_name, model=identity.model, version=version(self._request_id))
        content = packed(image, bytes(200_000))
        firmware = wire.Firmware(
            location=self._files.offer(f"{self._request_id}.bin", content),
            # The station's clock may be a second behind: at once is in the past.
            retrieve_date_time=self._clock.now() - timedelta(minutes=1),
            signing_certificate=self._keys.certificate,
            signature=self._keys.sign(content),
        )
        before = bool(self._asked_in)
        self._asked_in.add(self.life)
        request = wire.UpdateFirmwareRequest(request_id=self._request_id, firmware=firmware, retries=100)
        response = await rpc.call(request)
        # C-60: busy with the same update, whose acceptance was cut off on its way here
        taken = response.status is wire.UpdateFirmwareStatusEnum.Accepted or (before and _busy(response))
        assert taken or self._known, f"update {self._request_id}: {response}"
        self._known = True
        self._note()

    def hear(self, request: Request[Response]) -> Response | None:
        """Write versions and statuses down."""
        match request:
            case wire.BootNotificationRequest():
                found = request.charging_station.firmware_version
                self.heard.append(Told(self.life, self._request_id, version=found))
            case wire.FirmwareStatusNotificationRequest():
                assert request.request_id is not None
                self.heard.append(Told(self.life, request.request_id, status=request.status.value))
                self._note(request.status.value)
                if request.request_id == self._request_id:
                    self._known = True
                    if request.status.value in (WHOLE[-1], FELL_BACK[-1]):
                        self._over.set()
                return wire.FirmwareStatusNotificationResponse()
        return None

    def statuses(self, request_id: int) -> list[str]:
        """Return the statuses of an update; one may be told again by the next process, for want of an answer."""
        found: list[Told] = []
        for told in self.heard:
            if told.status is None or told.request_id != request_id:
                continue
            if found and found[-1].status == told.status:
                assert found[-1].life != told.life, f"update {request_id}: {told.status} twice without a reason"
            else:
                found.append(told)
        return [told.status or "" for told in found]

    def check(self) -> None:
        """Statuses are told in their order, without a gap, and the version is the one that they speak of."""
        proven, told, ended = PRODUCT.identity.firmware_version, "", ""
        current, running, begun = 0, proven, 0
        for heard in self.heard:
            if heard.status is not None and heard.request_id == current - 1:
                assert heard.status == ended, f"update {current - 1} goes on"
                continue
            if heard.request_id != current:
                assert heard.request_id == current + 1, "an update that nobody has asked for"
                assert current == 0 or told in (WHOLE[-1], FELL_BACK[-1]), f"update {current} never ended"
                current, told, ended = heard.request_id, "", told
            if heard.version is not None:
                running = heard.version
                assert running in (proven, version(current)), f"an unknown version: {running}"
                if told == "Installed":
                    assert running == version(current), "the old firmware came back after it was Installed"
            else:
                before, told = told, heard.status or ""
                if told == "Installing" and before != told:
                    begun = heard.life
                elif told == "Installed":
                    assert running == version(current), "Installed, but the old firmware runs"
                    proven = version(current)
                elif told == "InstallationFailed":
                    assert running == proven, "it failed, but it runs"
                    assert heard.life - begun >= MOST_BOOTS, "it failed without having had its starts"
        for request_id in range(1, current + 1):
            statuses = self.statuses(request_id)
            assert statuses in (WHOLE[: len(statuses)], FELL_BACK), f"update {request_id}: {statuses}"

    @property
    def last(self) -> tuple[str, list[str]]:
        """The version in the last BootNotification, and the statuses of the last update."""
        versions = [told.version for told in self.heard if told.version is not None]
        return versions[-1], self.statuses(self._request_id)

    @property
    def updates(self) -> int:
        """How many updates were asked for."""
        return self._request_id


def version(request_id: int) -> str:
    """Return the version that an update brings."""
    return f"update-{request_id}" if request_id else PRODUCT.identity.firmware_version or ""


def _busy(response: wire.UpdateFirmwareResponse) -> bool:
    return response.status_info is not None and response.status_info.reason_code == "FwUpdateInProgress"
