"""The owner: a CSMS that renews certificates again and again, and a witness of what the station shows."""

import asyncio
import ssl

from ohmstead.edge.authority import Authority
from ohmstead.ports.link import Handshake
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.torture.office import Office


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
            async with asyncio.timeout(60 if self._triggered else 6):
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
