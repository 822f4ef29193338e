"""A site whose station shows a certificate of its own (security profile 3), and an authority that vouches for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Validity
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Severable
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import START, URL, Site, site

OLD = "Manufacturer"
"""The organization in the certificate that the station came with."""
OWNER = "Charge Ltd"
NAME = "SecurityCtrlr.OrganizationName"
YEAR = timedelta(days=365)
AUTHORITY = Authority.generate("Owner Root", OWNER, validity=Validity(START - YEAR, 20 * YEAR))
STRANGER = Authority.generate("Owner Root", OWNER, validity=Validity(START - YEAR, 20 * YEAR))
VALID = Validity(START - timedelta(hours=1), YEAR)


def config(left: timedelta = YEAR) -> StationConfig:
    """The provisioning, with a certificate that has so much time left."""
    came_with = AUTHORITY.issue_client("CS-001", OLD, validity=Validity(START - YEAR, YEAR + left))
    return StationConfig(
        identity="CS-001",
        csms_url=URL,
        security_profile=3,
        client_certificate=came_with.chain,
        client_key=came_with.key,
        roots=(AUTHORITY.root,),
    )


class Owner:
    """The CSMS side of a renewal."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.taken = wire.GenericStatusEnum.Accepted
        here.csms.answers[wire.SignCertificateRequest] = self._answer

    def _answer(self, _request: Request[Response]) -> Response:
        return wire.SignCertificateResponse(status=self.taken)

    @property
    def requests(self) -> list[str]:
        """The signing requests that came."""
        return [request.csr for request in self.here.csms.of(wire.SignCertificateRequest)]

    @property
    def shown(self) -> str:
        """The subject of the certificate with which the present link was opened."""
        link = self.here.listener.links[-1]
        assert link.handshake.tls is not None
        return link.handshake.tls.client_certificate_subject or ""

    def security_events(self, kind: str) -> int:
        """Count the security events of one kind."""
        return sum(it.type == kind for it in self.here.csms.of(wire.SecurityEventNotificationRequest))

    async def trigger(self) -> wire.TriggerMessageStatusEnum:
        """Ask for a signing request."""
        trigger = wire.MessageTriggerEnum.SignChargingStationCertificate
        response = await self.here.csms.call(wire.TriggerMessageRequest(requested_message=trigger))
        return response.status

    async def ask(self) -> str:
        """Ask for a signing request, and wait for it."""
        before = len(self.requests)
        assert await self.trigger() == "Accepted"
        await self.here.csms.until(lambda: len(self.requests) > before)
        return self.requests[-1]

    async def deliver(self, chain: str) -> wire.CertificateSignedStatusEnum:
        """Send a signed certificate."""
        request = wire.CertificateSignedRequest(
            certificate_chain=chain, certificate_type=wire.CertificateSigningUseEnum.ChargingStationCertificate
        )
        return (await self.here.csms.call(request)).status


@asynccontextmanager
async def owned(
    *, store: Severable | None = None, left: timedelta = YEAR, product: Product | None = None
) -> AsyncIterator[Owner]:
    """Run a site in security profile 3; its organization is the owner's."""
    made = product or load("sec1000-240y")
    setting = msgspec.structs.replace(made, variables={**made.variables, NAME: VariableSetting(value=OWNER)})
    async with site(product=setting, config=config(left), store=store) as here:
        yield Owner(here)
