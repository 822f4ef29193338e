"""What the CSMS knows of one station, and when it may speak to it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from ohmstead.csms.ledger import Ledger
from ohmstead.csms.reports import Reports
from ohmstead.csms.settings import CsmsSettings, KnownStation
from ohmstead.csms.wallet import Wallet
from ohmstead.ports.bench import CsmsStation
from ohmstead.ports.link import Handshake, Link
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
    TriggerMessageRequest,
)

Job = Callable[[], Awaitable[None]]
"""Work that follows a response; it may call the station."""

SignCsr = Callable[[str], str]
"""Takes a PKCS #10 request (PEM), returns the signed chain (PEM, leaf first). Raises ValueError if it will not."""

_TRIGGERS = {
    MessageTriggerEnum.SignChargingStationCertificate: "SignCertificate",
    MessageTriggerEnum.SignV2GCertificate: "SignCertificate",
    MessageTriggerEnum.SignCombinedCertificate: "SignCertificate",
}


class Desk:
    """One station, connected or not. It lives as long as the CSMS; nothing of it is written down.

    Attributes:
        boot_status: the last answer to a BootNotification; None: none came since the CSMS started, so the station is
            taken for one that was accepted before.
        notices: the newest security events, firmware and log states and the like, one line each.
    """

    def __init__(
        self,
        known: KnownStation,
        settings: CsmsSettings,
        wallet: Wallet,
        now: Callable[[], datetime],
        sign_csr: SignCsr | None,
    ) -> None:
        self.known = known
        self.settings = settings
        self.wallet = wallet
        self.now = now
        self.sign_csr = sign_csr
        self.ledger = Ledger()
        self.reports = Reports()
        self.notices: deque[str] = deque(maxlen=500)
        self.boot_status: RegistrationStatusEnum | None = None
        self.charging_station: ChargingStation | None = None
        self.connectors: dict[tuple[int, int], str] = {}
        self.last_seen: datetime | None = None
        self.security_profile: int | None = None
        self.link: Link | None = None
        self.connection: RpcConnection | None = None
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
        self.boot_status = status
        self.configured = False
        self._asked.clear()
        return status

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


def profile_of(handshake: Handshake) -> int:
    """Return the security profile that a handshake shows: 1 without TLS, 3 with a client certificate, else 2."""
    if handshake.tls is None:
        return 1
    return 2 if handshake.tls.client_certificate_subject is None else 3
