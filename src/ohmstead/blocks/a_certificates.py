"""Block A, the station's own certificate: asked for, checked, tried, kept or dropped (A02, A03)."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from ohmstead.blocks.context import Access, Csms, Send, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Lifetime, Task, Timer, Work
from ohmstead.model.client_certificate import KEY, KIND, Certified, ClientCertificate, Renewal, RenewalStep
from ohmstead.model.device import DeviceModel, SecurityCtrlr
from ohmstead.model.events import (
    Accepted,
    ClockCorrected,
    Connected,
    ConnectionRefused,
    Online,
    SecurityEvent,
    SettingChanged,
)
from ohmstead.model.trust_store import CSMS, fingerprint
from ohmstead.ports.calls import CallFailed, CallTimeout, Cause, NotSent
from ohmstead.ports.certificate_reader import CertificateReader, CertificateRefused
from ohmstead.ports.hardware import CertificateRemoved
from ohmstead.ports.link import LinkLost, Refusal
from ohmstead.ports.store import Put
from ohmstead.wire.messages import (
    EVSE,
    CertificateSignedRequest,
    CertificateSignedResponse,
    CertificateSignedStatusEnum,
    CertificateSigningUseEnum,
    GenericStatusEnum,
    MessageTriggerEnum,
    SignCertificateRequest,
    StatusInfo,
)

CERTIFIED_PROFILE = 3
"""The security profile in which the station shows a certificate."""
RENEWAL_TIME = timedelta(days=30)
"""A certificate with less than this left is renewed (A03.FR.02)."""
DAY = 86400.0
DEEPEST = 4
"""Certificates between the station's and its root that are still followed."""
ROOM_FOR_RSA = 2000
"""Bytes of a chain (MaxCertificateChainSize) below which the station asks for a certificate of an elliptic curve."""
_STATION = CertificateSigningUseEnum.ChargingStationCertificate

_log = logging.getLogger(__name__)


class ACertificates:
    """Looks after the charging station certificate."""

    def __init__(self, work: Work, csms: Csms, device: DeviceModel, access: Access, world: World) -> None:
        self._work = work
        self._csms = csms
        self._device = device
        self._access = access
        self._world = world
        credentials = access.credentials
        chain, self._provisioned_key = credentials.client_certificate, credentials.client_key
        row = world.store.get(KIND, KEY)
        self._own = ClientCertificate.load(row, fingerprint(chain) if chain else "", chain)
        self._shown: Certified | None = None
        self._refusals = 0
        self._task: Task | None = None
        self._cause = Cause.Own
        self._overdue: Timer | None = None
        self._repeats = 0
        if CERTIFIED_PROFILE in world.product.security.profiles:
            csms.triggers[MessageTriggerEnum.SignChargingStationCertificate] = self._trigger

    def start(self) -> None:
        """Show the newest certificate, sweep keys that nothing needs, and go on with what was begun."""
        if self._world.store.get(KIND, KEY) != self._own.row():
            self._work.write(Put(KIND, KEY, self._own.row()))
        self._show(self._own.candidate or self._own.proven)
        self._sweep()
        self._rearm_overdue()
        self._wake()
        self._look_every_day()

    # The way to a new certificate

    def _trigger(self, _evse: EVSE | None) -> Send:
        """The request outlives a power cut: it is committed before it is answered (F06.FR.04, decided case 13)."""
        self._cause = Cause.Asked
        self._adopt(self._own.stepped(RenewalStep.Asked))
        return self._wake

    @hears(ClockCorrected)
    def when_clock_corrected(self, _corrected: ClockCorrected) -> None:
        """The certificate may end sooner than it seemed."""
        self._look_at_expiry()

    def _look_every_day(self) -> None:
        self._work.later(DAY, self._look_every_day)
        self._look_at_expiry()

    def _look_at_expiry(self) -> None:
        """Ask for a new certificate in time, and every day again until there is one (A03.FR.02).

        A request that the CSMS took, and from which nothing came, is sent again as it is: somebody may be signing it.
        """
        own = self._own
        step = self._due_step()
        if own.proven is None or own.candidate is not None or step is None or own.barred:
            return
        try:
            leaf = self._access.certificates.read(_split(own.proven.chain)[0])
        except (CertificateRefused, IndexError) as refused:
            _log.warning("the station's certificate: %s", refused)
            return
        if leaf.not_after - self._world.clock.now() < RENEWAL_TIME:
            self._adopt(own.stepped(step))
            self._work.after(self._wake)

    def _due_step(self) -> RenewalStep | None:
        """Return how a renewal of the station's own begins; None: one is on its way (A03.FR.17, A03.FR.19)."""
        if self._own.renewal is Renewal.Idle:
            return RenewalStep.Asked
        repeats = self._device.security.has(SecurityCtrlr.cert_signing_wait_minimum)
        return RenewalStep.Overdue if self._own.renewal is Renewal.Waiting and not repeats else None

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """What could not be asked before can be asked now."""
        self._work.after(self._wake)

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """What could not be asked meanwhile can be asked now."""
        self._work.after(self._wake)

    def _wake(self) -> None:
        running = self._task is not None and not self._task.done()
        if not running and self._own.renewal in (Renewal.Wanted, Renewal.Requesting):
            self._task = self._work.spawn("certificate renewal", self._renew, Lifetime.Job, self._refused)

    async def _renew(self) -> None:
        while self._own.renewal in (Renewal.Wanted, Renewal.Requesting):
            if self._own.renewal is Renewal.Wanted:
                await self._make_key()
            elif not await self._request():
                return

    def _refused(self) -> None:
        """What could not be asked for counts as refused: the certificate of today stays, and is asked for again."""
        if self._own.takes(RenewalStep.Refused):
            self._adopt(self._own.stepped(RenewalStep.Refused))

    async def _make_key(self) -> None:
        """A fresh key for each request (A02.FR.02), in the name of this station and its organization (A00.FR.511)."""
        keys = self._access.client_keys
        room = self._device.security.max_certificate_chain_size
        key = await keys.make(short=room < ROOM_FOR_RSA)
        name = self._world.product.identity.serial_number or self._world.identity
        request = keys.request(key, name, self._device.security.organization_name)
        with self._work.unit():
            self._adopt(self._own.key_made(key, request))
        self._repeats = 0

    async def _request(self) -> bool:
        """Send the signing request (A02.FR.03, A03.FR.03); returns whether there was an answer to it."""
        asked = self._own
        request = SignCertificateRequest(csr=asked.request, certificate_type=_STATION)
        try:
            response = await self._csms.calls.call(request, self._cause)
            taken = response.status is GenericStatusEnum.Accepted
        except (NotSent, LinkLost):
            return False
        except (CallFailed, CallTimeout) as failure:
            _log.warning("SignCertificate failed: %s", failure)
            taken = False
        if self._own == asked:
            with self._work.unit():
                self._adopt(asked.stepped(RenewalStep.Taken if taken else RenewalStep.Refused))
            self._rearm_overdue()
        return True

    def _rearm_overdue(self) -> None:
        """Where the product can ask again (AS-3), it does after a wait that doubles each time (A02.FR.17/18/19)."""
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
        settings = self._device.security
        if self._own.renewal is not Renewal.Waiting or not settings.has(SecurityCtrlr.cert_signing_wait_minimum):
            return
        if self._repeats <= settings.cert_signing_repeat_times:  # so often the wait is doubled; the first one is not
            delay = settings.cert_signing_wait_minimum * 2**self._repeats
            self._overdue = self._work.later(delay, self._ask_again)

    def _ask_again(self) -> None:
        if self._own.renewal is Renewal.Waiting:
            self._repeats += 1
            self._adopt(self._own.stepped(RenewalStep.Overdue))
            self._work.after(self._wake)

    # The certificate

    @serves(CertificateSignedRequest)
    def on_certificate_signed(self, request: CertificateSignedRequest) -> CertificateSignedResponse:
        """Check what came; a valid one is tried at once, the old one stays until that works.

        A02.FR.06 to A02.FR.08, A02.FR.16, and the same for a renewal of the station's own: A03.FR.06 to A03.FR.08,
        A03.FR.16.
        """
        if request.certificate_type not in (None, _STATION):
            return _rejected("UnsupportedParam", "this station has no V2G certificates")
        size = self._device.security.max_certificate_chain_size
        if len(request.certificate_chain.encode()) > size:
            return _rejected("TooLargeElement", f"the chain is longer than {size} bytes")
        fault = self._fault(request.certificate_chain)
        if fault is not None:
            self._work.announce(SecurityEvent("InvalidChargingStationCertificate", fault[:255]))
            if self._own.takes(RenewalStep.Invalid):
                self._adopt(self._own.stepped(RenewalStep.Invalid))
            return _rejected("InvalidCertificate", fault)
        own = self._own.signed(request.certificate_chain)
        self._adopt(own)
        self._refusals = 0
        self._work.announce(SettingChanged("a new charging station certificate is tried"))
        self._work.after(partial(self._show, own.candidate))
        if self._access.network.active.security_profile == CERTIFIED_PROFILE:
            self._csms.reconnect("new certificate")
        return CertificateSignedResponse(status=CertificateSignedStatusEnum.Accepted)

    def _fault(self, chain: str) -> str | None:
        """Say why a chain is not the certificate that was asked for (A02.FR.06); None: it is."""
        if not self._own.takes(RenewalStep.Signed):
            return "no certificate was asked for"
        certificates = _split(chain)
        if not certificates:
            return "there is no certificate in it"
        fault = self._access.client_keys.fault(certificates[0], self._own.request)
        if fault is not None:
            return fault
        roots = [root.pem for root in self._access.trust.of(CSMS)]
        return path_fault(self._access.certificates, certificates, roots, self._world.clock.now())

    def observe_certificate_removed(self, _removed: CertificateRemoved) -> None:
        """The maker's tool has removed it: none is shown from the next connection on, nor asked for by the station."""
        self._adopt(self._own.removed())
        self._refusals = 0
        self._work.announce(SettingChanged("the charging station certificate is removed"))
        self._work.after(partial(self._show, None))

    # Which one is shown

    @hears(Connected)
    def when_connected(self, _connected: Connected) -> None:
        """The one that worked stays, the other one goes (A02.FR.10/29, A03.FR.10/25)."""
        self._refusals = 0
        shown = self._shown
        if self._own.candidate is None or shown is None or not self._certified():
            return
        if shown != self._own.candidate:
            self._work.announce(SecurityEvent("DiscardedRenewedClientCertificate"))
        self._adopt(self._own.used(shown))

    @hears(ConnectionRefused)
    def when_connection_refused(self, refused: ConnectionRefused) -> None:
        """Once every slot has had its attempts, the other certificate is tried, and so on (A02.FR.28, A03.FR.24).

        Where no server was reached none has refused the certificate: an outage does not count.
        """
        own = self._own
        if own.candidate is None or own.proven is None or refused.refusal == Refusal.Unreachable:
            return
        self._refusals += 1
        settings = self._device.ocpp_comm
        slots = self._access.network.in_order(settings.network_configuration_priority)
        if self._refusals >= settings.network_profile_connection_attempts * max(1, len(slots)):
            self._refusals = 0
            self._show(own.proven if self._shown == own.candidate else own.candidate)

    def _certified(self) -> bool:
        return self._access.network.active.security_profile == CERTIFIED_PROFILE

    def _show(self, certified: Certified | None) -> None:
        """Let the next connection show a certificate; one whose key is lost is none."""
        key = None
        if certified is not None:
            key = self._access.client_keys.key(certified.key) if certified.key else self._provisioned_key
            if key is None:
                _log.error("the private key of %r is lost", certified)
        self._shown = certified
        self._access.credentials.show(None if certified is None else certified.chain, key)

    def _adopt(self, own: ClientCertificate) -> None:
        """Keep a new state of affairs; keys that it does not need go after the commit."""
        before, self._own = self._own, own
        self._work.undo(partial(setattr, self, "_own", before))
        self._work.write(Put(KIND, KEY, own.row()))
        if before.keys - own.keys:
            self._work.after(self._sweep)

    def _sweep(self) -> None:
        """Remove the keys of certificates that are gone, and of renewals that a power cut ended."""
        keys = self._access.client_keys
        for name in keys.names() - self._own.keys:
            keys.discard(name)


def path_fault(reader: CertificateReader, chain: Sequence[str], roots: Sequence[str], now: datetime) -> str | None:
    """Say why no root vouches for the first certificate of a chain at a moment (A02.FR.06); None: one does."""
    current, others = chain[0], list(chain[1:])
    try:
        for _ in range(DEEPEST + 1):
            facts = reader.read(current)
            if not facts.not_before <= now <= facts.not_after:
                return f"a certificate of the chain is not valid at {now:%Y-%m-%d %H:%M}"
            signers = [reader.read(root) for root in roots if reader.signed_by(current, root)]
            if any(root.not_before <= now <= root.not_after for root in signers):
                return None
            if signers:
                return f"its root is not valid at {now:%Y-%m-%d %H:%M}"
            above = [other for other in others if reader.signed_by(current, other) and reader.read(other).is_authority]
            if not above:
                break
            current = above[0]
            others.remove(current)
    except CertificateRefused as refused:
        return str(refused)
    return "no root certificate that is installed vouches for it"


def _split(chain: str) -> list[str]:
    """Return the certificates of a PEM text, one by one."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    parts = (part.partition(end) for part in chain.split(begin)[1:])
    return [f"{begin}{body}{end}\n" for body, found, _ in parts if found]


def _rejected(code: str, text: str) -> CertificateSignedResponse:
    info = StatusInfo(reason_code=code, additional_info=text[:512])
    return CertificateSignedResponse(status=CertificateSignedStatusEnum.Rejected, status_info=info)
