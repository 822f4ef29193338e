"""What the CSMS knows of one station, and when it may speak to it."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from ohmstead.csms.file_jobs import FileJobs
from ohmstead.csms.limits import Limits
from ohmstead.csms.reports import Reports
from ohmstead.csms.settings import CsmsSettings, KnownStation
from ohmstead.csms.token_registry import TokenRegistry
from ohmstead.csms.transaction_log import TransactionLog
from ohmstead.ports.bench import CsmsStation
from ohmstead.ports.link import Handshake, Link
from ohmstead.ports.store import Delete, Put, Store, StoreFailed
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import (
    ChargingStation,
    GetBaseReportRequest,
    GetReportRequest,
    MessageTriggerEnum,
    RegistrationStatusEnum,
    SetVariablesRequest,
    TriggerMessageRequest,
)

Job = Callable[[], Awaitable[None]]
"""Work that follows a response; it may call the station."""

SignCsr = Callable[[str], str]
"""Takes a PKCS #10 request (PEM), returns the signed chain (PEM, leaf first). Raises ValueError if it will not."""

KIND = "csms-station"
"""Kind of the rows in the store that hold a station's boot status; the key is the identity."""

MAX_CONNECTORS = 500
"""Connectors of one station whose status is kept."""

_log = logging.getLogger(__name__)

_TRIGGERS = {
    MessageTriggerEnum.SignChargingStationCertificate: "SignCertificate",
    MessageTriggerEnum.SignV2GCertificate: "SignCertificate",
    MessageTriggerEnum.SignCombinedCertificate: "SignCertificate",
}


class StationSession:
    """One station, connected or not. It lives as long as the CSMS; transactions and boot status are written down.

    Attributes:
        boot_status: the last answer to a BootNotification; None: none is known of, so the station is taken for one
            that was accepted before.
        limits: what it takes in one message.
        ledgers: the ledgers of every station of the CSMS.
        passwords: message id -> the SetVariables with a password in it whose response is not here.
        retire: ends the serving of its present link.
        notices: the newest security events, firmware and log states and the like, one line each.
    """

    def __init__(
        self,
        known: KnownStation,
        settings: CsmsSettings,
        wallet: TokenRegistry,
        now: Callable[[], datetime],
        sign_csr: SignCsr | None,
        *,
        store: Store | None = None,
        number: Callable[[], int] | None = None,
    ) -> None:
        self.known = known
        self.settings = settings
        self.wallet = wallet
        self.now = now
        self.sign_csr = sign_csr
        self._store = store
        self.ledger = TransactionLog(known.identity, store, number)
        self.ledgers: Callable[[], Iterable[TransactionLog]] = lambda: (self.ledger,)
        self.limits = Limits()
        self.passwords: OrderedDict[str, SetVariablesRequest] = OrderedDict()
        self.reports = Reports()
        self.file_jobs = FileJobs(known.identity)
        self.notices: deque[str] = deque(maxlen=500)
        self.boot_status = _boot_status(known.identity, store)
        self.charging_station: ChargingStation | None = None
        self.connectors: dict[tuple[int, int], str] = {}
        self.last_seen: datetime | None = None
        self.security_profile: int | None = None
        self.link: Link | None = None
        self.connection: RpcConnection | None = None
        self.retire: Callable[[], object] | None = None
        self.jobs: asyncio.Queue[Job] = asyncio.Queue()
        self.configured = False
        self._boots = 0
        self._asked: set[str] = set()

    @property
    def identity(self) -> str:
        """The station's identity."""
        return self.known.identity

    @property
    def serial_number(self) -> str:
        """What the common name of its client certificate must be (A00.FR.405)."""
        return self.known.serial_number or self.known.identity

    @property
    def evses(self) -> frozenset[int]:
        """The EVSEs whose connectors it told of since the CSMS started."""
        return frozenset(evse for evse, _ in self.connectors)

    def connector(self, evse_id: int, connector_id: int, status: str) -> None:
        """Keep a connector's status (G01)."""
        if (evse_id, connector_id) in self.connectors or len(self.connectors) < MAX_CONNECTORS:
            self.connectors[evse_id, connector_id] = status

    def snapshot(self) -> CsmsStation:
        """Return the frozen view of it."""
        about = self.charging_station
        return CsmsStation(
            identity=self.identity,
            connected=self.connection is not None,
            vendor=about.vendor_name if about else "",
            model=about.model if about else "",
            firmware=(about.firmware_version if about else None) or "",
            boot_status=self.boot_status,
            security_profile=self.security_profile,
            last_seen=self.last_seen,
            connectors={f"{evse}.{connector}": status for (evse, connector), status in sorted(self.connectors.items())},
        )

    def boot(self, charging_station: ChargingStation) -> RegistrationStatusEnum:
        """Register a boot and return the answer to it, first those of `first_boot_answers` (B01, B02, B03)."""
        answers = self.settings.first_boot_answers
        status = answers[self._boots] if self._boots < len(answers) else RegistrationStatusEnum.Accepted
        self._boots = min(self._boots + 1, len(answers))
        self.charging_station = charging_station
        self._register(status)
        self.configured = False
        self.limits = Limits()
        self._asked.clear()
        return status

    def forget(self) -> None:
        """Know of it what is configured, and nothing that it has told."""
        self.ledger.clear()
        self.limits, self.reports = Limits(), Reports()
        self.passwords.clear()
        self.notices.clear()
        self.file_jobs.clear()
        self.connectors.clear()
        self._asked.clear()
        self.charging_station = self.last_seen = self.security_profile = None
        self.configured, self._boots = False, 0
        self.boot_status = None
        if self._store is not None:
            try:
                self._store.commit([Delete(KIND, self.identity)])
            except StoreFailed as error:
                _log.error("%s: its boot status is not forgotten: %s", self.identity, error)

    def refuse(self) -> None:
        """Note that its BootNotification was answered Rejected for a reason of its own (B01.FR.12)."""
        self._register(RegistrationStatusEnum.Rejected)

    def _register(self, status: RegistrationStatusEnum) -> None:
        changed, self.boot_status = status is not self.boot_status, status
        if not changed or self._store is None:
            return
        try:
            self._store.commit([Put(KIND, self.identity, status.encode())])
        except StoreFailed as error:
            _log.error("%s: boot status %s is not written down: %s", self.identity, status, error)

    def check_may_send(self, action: str) -> None:
        """Raise CallError for what a station that is not accepted may not send (B01.FR.10, B02.FR.09, B03.FR.07)."""
        if self.boot_status in (None, RegistrationStatusEnum.Accepted) or action == "BootNotification":
            return
        if self.boot_status is RegistrationStatusEnum.Pending and action in self._asked:
            return
        raise CallError(ErrorCode.SecurityError, f"{action} is not allowed, for the station is {self.boot_status}")

    def asked(self, request: Request[Response]) -> None:
        """Remember what a command invites the station to send while it is Pending."""
        if isinstance(request, TriggerMessageRequest):
            self._asked.add(_TRIGGERS.get(request.requested_message, str(request.requested_message)))
        elif isinstance(request, GetBaseReportRequest | GetReportRequest):
            self._asked.add("NotifyReport")

    def note(self, request: Request[Response], text: str) -> None:
        """Keep one line of what the station told."""
        self.notices.append(f"{ACTION_OF[type(request)]}: {text}")


def _boot_status(identity: str, store: Store | None) -> RegistrationStatusEnum | None:
    kept = store.get(KIND, identity) if store is not None else None
    waiting = (RegistrationStatusEnum.Pending, RegistrationStatusEnum.Rejected)
    return next((status for status in waiting if kept == status.encode()), None)


def profile_of(handshake: Handshake) -> int:
    """Return the security profile that a handshake shows: 1 without TLS, 3 with a client certificate, else 2."""
    if handshake.tls is None:
        return 1
    return 2 if handshake.tls.client_certificate_subject is None else 3
