"""CSMSs over real TLS with client certificates: one updates firmware, one renews certificates; both are witnesses."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

import msgspec

from ohmstead.cli.lab_file_server import HttpFileServer
from ohmstead.edge.authority import Authority
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import listen
from ohmstead.ports.firmware import Image, packed
from ohmstead.ports.link import Handshake, Link, LinkLost
from ohmstead.product.load import load
from ohmstead.rpc.connection import RpcConnection
from ohmstead.runtime.slots import MOST_BOOTS
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

PRODUCT = load("sec1000-240y")
WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
FELL_BACK = [*WHOLE[:-1], "InstallationFailed"]
"""What is told when a firmware had its three starts, and each was cut off before the CSMS had accepted it."""


class Office:
    """A CSMS that accepts everything and has errands at the station.

    Attributes:
        statuses_of_interest: each is a moment to be killed at.
        life: the process that runs, counted from 1.
        enough: begin nothing new any more.
        done: nothing is open any more; set only after `enough`.
    """

    statuses_of_interest: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.life = 0
        self.enough = False
        self.done = asyncio.Event()
        self._clock = LoopClock()
        self._ids = count(1)
        self._registered = asyncio.Event()
        self._moved = asyncio.Event()
        self._latest = ""

    def born(self) -> None:
        """A new process begins."""
        self.life += 1
        self._registered.clear()
        self.done.clear()

    async def moved(self, status: str | None = None) -> None:
        """Wait for the next thing that happens on the way, or for a status."""
        while True:
            self._moved.clear()
            await self._moved.wait()
            if status in (None, self._latest):
                return

    async def registered(self) -> None:
        """Wait until this process has been accepted."""
        await self._registered.wait()

    def _note(self, status: str = "") -> None:
        self._latest = status
        self._moved.set()

    async def serve(self, link: Link) -> None:
        """Serve one connection."""
        self.connected(link.handshake)
        rpc = RpcConnection(
            link, handler=self._answer, new_id=lambda: f"c{next(self._ids)}", message_timeout=lambda: 30.0
        )
        errands = asyncio.create_task(self._go(rpc))
        try:
            await rpc.run()
        finally:
            errands.cancel()

    async def _go(self, rpc: RpcConnection) -> None:
        await self._registered.wait()
        await asyncio.sleep(0.05)  # the answer to BootNotification goes first
        with suppress(LinkLost):
            await self.errands(rpc)

    def connected(self, handshake: Handshake) -> None:
        """Look at the handshake of a new connection."""

    async def errands(self, rpc: RpcConnection) -> None:
        """Do what there is to do on a connection."""
        raise NotImplementedError

    def hear(self, request: Request[Response]) -> Response | None:
        """Answer what is of interest."""
        raise NotImplementedError

    async def _answer(self, request: Request[Response]) -> Response:
        now = self._clock.now()
        heard = self.hear(request)
        match request:
            case wire.BootNotificationRequest():
                self._registered.set()
                self._note()
                accepted = wire.RegistrationStatusEnum.Accepted
                return wire.BootNotificationResponse(current_time=now, interval=300, status=accepted)
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.StatusNotificationRequest():
                return wire.StatusNotificationResponse()
            case wire.SecurityEventNotificationRequest():
                return wire.SecurityEventNotificationResponse()
        assert heard is not None, f"not expected: {request!r}"
        return heard


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
            retrieve_date_time=self._clock.now(),
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


class Owner(Office):
    """Renews the station's certificate again and again.

    Attributes:
        shown: of each connection, the number of the certificate; 0 is the one that the station came with.
    """

    def __init__(self, authority: Authority, came_with: str) -> None:
        super().__init__()
        self._authority = authority
        self._certificates = [_der(came_with)]
        self._pending = ""
        self._offered = False
        """The pending certificate was sent, and the answer is not known."""
        self._triggered = False
        self._unsure = False
        self._asked = asyncio.Event()
        self._accepted = 0
        """The newest certificate that the station has accepted."""
        self.shown: list[int] = []
        self.faults: list[str] = []
        self._signed: dict[str, str] = {}

    def connected(self, handshake: Handshake) -> None:
        """See which certificate was shown; never an older one than before, nor than one that was accepted."""
        shown = _der(handshake.tls.client_certificate or "") if handshake.tls is not None else b""
        number = self._certificates.index(shown) if shown in self._certificates else -1
        if number < max(self._accepted, *self.shown, 0):
            self.faults.append(f"certificate {number} after {self.shown}, accepted was {self._accepted}")
        self.shown.append(number)
        self._note()

    async def errands(self, rpc: RpcConnection) -> None:
        """Go on with the renewal that is open, or begin one."""
        while True:
            if self._pending:
                await self._deliver(rpc)
            elif self._triggered or self._unsure:
                await self._await_request()
            elif self.enough and self.newest:
                self.done.set()
                return
            else:
                trigger = wire.MessageTriggerEnum.SignChargingStationCertificate
                self._unsure = True
                response = await rpc.call(wire.TriggerMessageRequest(requested_message=trigger))
                assert response.status is wire.TriggerMessageStatusEnum.Accepted
                self._triggered = not self._pending
                self._note()

    async def _await_request(self) -> None:
        """What was accepted is carried out by whichever process runs; what was not answered may be lost."""
        try:
            async with asyncio.timeout(30 if self._triggered else 6):
                while not self._pending:
                    self._asked.clear()
                    await self._asked.wait()
        except TimeoutError:
            if self._triggered:
                self.faults.append(f"life {self.life}: an accepted renewal was forgotten")
                self.done.set()
        self._triggered = self._unsure = False

    async def _deliver(self, rpc: RpcConnection) -> None:
        chain, before = self._pending, self._offered
        self._offered = True
        use = wire.CertificateSigningUseEnum.ChargingStationCertificate
        response = await rpc.call(wire.CertificateSignedRequest(certificate_chain=chain, certificate_type=use))
        if self._pending == chain:
            self._pending = ""
        if response.status is wire.CertificateSignedStatusEnum.Accepted:
            self._accepted = self._certificates.index(_der(chain))
            self._note()
            await asyncio.Event().wait()  # the station comes back with it
        elif not before:
            self.faults.append(f"life {self.life}: {response.status_info}")

    def hear(self, request: Request[Response]) -> Response | None:
        """Sign what is to be signed."""
        if not isinstance(request, wire.SignCertificateRequest):
            return None
        if request.csr not in self._signed:
            self._signed[request.csr] = self._authority.sign_csr(request.csr)
            self._certificates.append(_der(self._signed[request.csr]))
            self._offered = False
        chain = self._signed[request.csr]
        if self._certificates.index(_der(chain)) > self._accepted:
            self._pending = chain
        self._triggered = self._unsure = False
        self._asked.set()
        self._note()
        return wire.SignCertificateResponse(status=wire.GenericStatusEnum.Accepted)

    def check(self) -> None:
        """Every connection was made with the newest certificate that had proven itself, or with a newer one."""
        assert not self.faults, self.faults

    @property
    def newest(self) -> int:
        """The number of the newest certificate that the station is known to have."""
        return max(self._accepted, *self.shown, 0)


def _der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem.strip() + "\n") if pem else b""


@asynccontextmanager
async def open_office(office: Office, authority: Authority) -> AsyncIterator[str]:
    """Listen with TLS on loopback, for clients with a certificate only (security profile 3); yields the URL."""
    server = authority.issue_server(["localhost"], ["127.0.0.1"])
    context = server_context(
        server.chain,
        server.key,
        cipher_suites=PRODUCT.security.cipher_suites,
        client_roots=(authority.root,),
        client_required=True,
    )
    listener = await listen(
        "127.0.0.1", 0, admit=lambda _: 101, serve=office.serve, ssl_context=context, path="/ocpp", name="localhost"
    )
    try:
        yield listener.url
    finally:
        await listener.close()
