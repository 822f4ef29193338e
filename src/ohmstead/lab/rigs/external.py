"""The external rig: somebody else's station, as it stands, for one case after the other.

It has no fresh store: its connection outlives cases, and after each case what was changed is changed back.
"""

import asyncio
import functools
from pathlib import Path

import msgspec

from ohmstead.edge.authority import Authority, CsrRefused
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.file_servers import can_serve
from ohmstead.lab.cases.answers import Answers
from ohmstead.lab.cases.persistent import calm
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.rig import FirmwareImage, FirmwareKind, PersistentStation, Provisioning, SigningFault
from ohmstead.lab.rigs.admission import Admission
from ohmstead.lab.rigs.authorities import ANOTHER, LabCertificates
from ohmstead.lab.rigs.external_endpoint import ExternalEndpoint
from ohmstead.lab.rigs.file_servers import ServedFiles, file_server
from ohmstead.lab.rigs.firmware_images import authority_of, firmware, image
from ohmstead.lab.rigs.hand import LeasableHand, WatchedHand, needless_for
from ohmstead.lab.rigs.idle import BACK_WITHIN, accepted_at, ask, end, set_back, stop
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.shared_connection import SharedConnection
from ohmstead.lab.verdict import Inconclusive
from ohmstead.lab.waiting.seen_attempt import Awaited
from ohmstead.ports.hand import (
    Clear,
    CutPower,
    EmergencyStop,
    HandRefused,
    Leave,
    RestoreNetwork,
    RestorePower,
    Unplug,
)
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Serve
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire

OFF_FOR = 3.0
"""Seconds without mains before they come back."""
BROKEN_ANYWAY = (FirmwareKind.BadSignature, FirmwareKind.UntrustedSigner)
"""Images that no station gets as far as looking into."""


class ExternalCertificates(LabCertificates):
    """`lab.rig.Certificates` under the root that the station was given."""

    def __init__(self, product: Product, authority: Authority) -> None:
        super().__init__(product)
        self._own = authority

    def _trusted(self) -> Authority:
        return self._own

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request; a good certificate is valid from now on, newer than what the station has."""
        if fault is not None:
            return super().sign(csr, fault)
        try:
            return self._own.sign_csr(csr)
        except CsrRefused as refused:
            raise ValueError(str(refused)) from None


USUAL_PROTOCOLS = ("HTTP", "HTTPS", "FTP", "FTPS", "SFTP")
"""Of file transfers, the plainest first: nobody has to give a stranger's station a root or a key for it."""


class ExternalRig:
    """Somebody else's station (`lab.rig.Rig` and `PersistentRig`), for all cases of a campaign.

    Attributes:
        line: its connection.
        needless: actions of the hand that the product has nothing for.
        provisioning: what it was given.
        attended: somebody can provision it again.
        cases: that have begun so far, in this and earlier parts of the campaign.
        persistent: of the case that runs, or ran last.
        tester: of the case that runs, or ran last.
        admission: who is let in, and what is told of those who try.
    """

    name = "external"

    def __init__(
        self,
        product: Product,
        place: ListenAddress,
        hand: LeasableHand,
        provisioning: Provisioning,
        folder: Path,
        *,
        tolerance: float = 4.0,
        patience: float = 30.0,
        protocol: str = "",
    ) -> None:
        """Make a rig that is not open yet.

        Args:
            product: what the station is.
            place: where the lab listens.
            hand: at the station.
            provisioning: what the station was given.
            folder: keeps the lab's authority and certificate.
            tolerance: seconds by which an instant may be off.
            patience: seconds for which an expected message is waited for.
            protocol: of file transfers; empty: the plainest one that the product has.
        """
        self.clock = LoopClock()
        self.tolerance = tolerance
        self.patience = patience
        hand.leave_out(needless_for(product))
        self.hand = WatchedHand(hand)
        self.needless = hand.needless
        self.line = SharedConnection()
        self.provisioning = provisioning
        self._product = product
        self._place = place
        self._folder = folder
        self._authority = Authority.load_or_create(folder)
        self.certificates = ExternalCertificates(product, self._authority)
        self._protocol = protocol or self._usual_protocol()
        self.files = self._file_server()
        self._first = self._endpoint(place, self._authority)
        self.admission = Admission(self._awaited, lambda: self.line.connected)
        self._first.watch.tell = self.admission.attempted
        self._others: list[ExternalEndpoint] = []
        self._admit: Admit | None = None
        self._serve: Serve | None = None
        self.attended = False
        self.cases = 0
        self.persistent = PersistentStation(number=0, provisioning=provisioning)
        self._made = 0
        self._calm = False
        self.tester: Tester | None = None

    def _usual_protocol(self) -> str:
        """Return the plainest protocol that the product has and this lab can serve."""
        has = self._product.file_protocols
        return next((one for one in USUAL_PROTOCOLS if one in has and can_serve(one)), has[0])

    def _file_server(self) -> ServedFiles:
        place = self._place
        shown = functools.partial(self._authority.server_certificate, self._folder, place.names, place.ips)
        return file_server(self._protocol, place.reachable, shown)

    def _endpoint(self, place: ListenAddress, authority: Authority) -> ExternalEndpoint:
        successor = functools.partial(authority_of, ANOTHER, self._product, own_root=True, trusted=self._authority)
        suites = self._product.security.cipher_suites
        return ExternalEndpoint(place, authority, successor, suites, (self._authority.root,), self._folder)

    async def listen(self) -> None:
        """Open the endpoint that the station dials. Raises OSError when the port cannot be had."""
        decide = self.admission.only_tested(lambda handshake: self._admit(handshake) if self._admit else 101)
        await self._first.open(decide, self.line.serve)

    def _awaited(self) -> Awaited:
        """Return what the lab waits for."""
        place, given = self._place, self.provisioning
        return Awaited(
            tls=place.tls,
            listen=f"{'wss' if place.tls else 'ws'}://{place.address}:{self._first.port}",
            url=self.url,
            path=place.path,
            names=(*place.names, *place.ips),
            identity=given.identity,
            password=given.password,
            security_profile=given.security_profile,
            suites=self._product.security.cipher_suites,
            root=str(self.root or ""),
        )

    @property
    def url(self) -> str:
        """What the station dials."""
        return self._first.url

    @property
    def root(self) -> Path | None:
        """The file with the root certificate that the station has to trust."""
        return self._folder / "root.pem" if self._place.tls else None

    async def wait_connected(self, within: float) -> bool:
        """Wait for the station; say whether it came."""
        self.admission.waiting = True
        try:
            async with asyncio.timeout(within):
                while not self.line.connected:
                    self.line.arrived.clear()
                    await self.line.arrived.wait()
        except TimeoutError:
            pass
        finally:
            self.admission.waiting = False
        return self.line.connected

    # What cases use

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> ExternalEndpoint:
        """Open an endpoint; the first one is open all the time."""
        if number == 1:
            self._admit, self._serve = admit, serve
            self._first.first = self._first.seen
            return self._first
        place = msgspec.structs.replace(self._place, port=self._place.port + number - 1 if self._place.port else 0)
        authority = authority_of(number, self._product, own_root=own_root, trusted=self._authority)
        endpoint = self._endpoint(place, authority)
        try:
            await endpoint.open(self.admission.only_tested(admit), serve)
        except OSError as error:
            raise Inconclusive(f"endpoint {number} cannot be had: {error}") from None
        self._others.append(endpoint)
        return endpoint

    async def start(self, _provisioning: Provisioning) -> None:
        """Take the mains away and give them back; the station starts from its own store, not from an empty one."""
        try:
            await self.hand.perform(CutPower())
            await asyncio.sleep(OFF_FOR)
            await self.line.drop()
            self._lend()
            await self.hand.perform(RestorePower())
        except HandRefused as refused:
            raise Inconclusive(f"hand: {refused}") from None

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """Put an image on the file server; only one that no station gets to look into."""
        if kind not in BROKEN_ANYWAY:
            raise Inconclusive(f"a firmware image ({kind.value}) that this station understands is needed")
        content = image(kind, self._product)
        return firmware(kind, self.files.offer(f"firmware/{kind.value}.bin", content), content)

    async def screens(self) -> tuple[Screen, ...]:
        """Return every option that a case may choose: whoever moves the hand sees what is there."""
        evses = [evse.id for evse in self._product.evses]
        options = ["all", *(f"evse-{each}" for each in evses), *(f"select-{each}" for each in evses)]
        return (Screen(headline="", options=tuple((option, option) for option in options)),)

    # One case

    async def renew(self) -> None:
        """Give the next case a file server without a past."""
        await self.files.close()
        self.files = self._file_server()
        await self.files.open()

    def next_case(self) -> PersistentStation:
        """Return how the next case is run; every case has a number of its own."""
        self.cases += 1
        self.persistent = PersistentStation(number=self.cases, provisioning=self.provisioning, attended=self.attended)
        return self.persistent

    def use_tester(self, t: Tester) -> None:
        """Take note of the tester of the case that begins."""
        self.tester = t

    async def lend(self) -> None:
        """Hand the connection, or the next one, to the case, which sees how it was made, though before its time."""
        opened = self.line.handshake
        if opened is not None and self._admit is not None:
            self._first.first = max(0, self._first.seen - 1)
            self._admit(opened)
        self._made = self.line.made
        self._lend()

    def is_calm(self) -> bool:
        """Say whether the station had nothing more to say after the case before, and has not connected anew since."""
        return self._calm and self._made == self.line.made

    def _lend(self) -> None:
        assert self._serve is not None
        self.line.lend(self._serve, f"lab-{self.persistent.number}")

    # Afterwards

    async def tidy(self) -> list[str]:
        """Bring the station back to idle and to what was found; returns what could not be brought back."""
        t = self.tester
        if t is None:
            return []
        accepted, changes = accepted_at(t), self.line.changes
        t.answers = Answers(t.config, t.clock.now)
        self.files.hold(False)
        self.files.refuse(False)
        self.files.throttle(0)
        t.endpoint().accept()
        for endpoint in self._others:
            await endpoint.close()
        self._others.clear()
        left = await self.hand.put_back(RestorePower, RestoreNetwork, EmergencyStop, Clear)
        if not self.line.lent:
            self._lend()
        connected = await t.endpoint().wait_connected(BACK_WITHIN)
        if not changes.registered:
            left += await self._let_in(t)
        if connected:
            await stop(t)
        left += await self.hand.put_back(Unplug, Leave)
        if connected:
            # An authorization that no cable followed would reach into the next case.
            await end(t, max(accepted, changes.started_at))
            changes.started_at = 0.0
            left += await set_back(t, changes, self.provisioning.password)
            if self._product.has(Feature.AUTH_CACHE):
                await ask(t, wire.ClearCacheRequest())
            await calm(t)
        self._calm = t.endpoint().connected
        self.line.take_back()
        self.part()
        return left

    def part(self) -> None:
        """Forget a case that has gone, or that never had the connection."""
        self._admit = self._serve = self.tester = None

    async def _let_in(self, t: Tester) -> list[str]:
        """Restart a station that was told to wait: until its interval is over it would be silent."""
        try:
            await self.start(self.provisioning)
        except Inconclusive as missing:
            return [f"it waits to be registered ({missing})"]
        await t.endpoint().wait_connected(BACK_WITHIN)
        await calm(t)
        return []

    async def close(self) -> None:
        """End everything that is open."""
        await self.line.drop()
        for endpoint in (self._first, *self._others):
            await endpoint.close()
        await self.files.close()
