"""The embedded CSMS: admits stations, serves them, and lets an operator command them.

Transactions, reports and trace are kept in memory and bounded; a restart forgets them. Only credentials are stored.
"""

import asyncio
import hmac
import logging
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from ohmstead.csms.answers import SERVED, answer
from ohmstead.csms.certificates import common_name
from ohmstead.csms.changes import Changes
from ohmstead.csms.commands import request_of, schemas
from ohmstead.csms.desk import Desk, SignCsr, profile_of
from ohmstead.csms.jobs import configure, watch, work
from ohmstead.csms.keyring import Keyring
from ohmstead.csms.reports import Report
from ohmstead.csms.settings import CsmsSettings
from ohmstead.csms.wallet import Wallet
from ohmstead.ports.bench import (
    Card,
    CommandRefused,
    CommandResult,
    CsmsStation,
    CsmsTransaction,
    TraceLine,
    UnknownStation,
)
from ohmstead.ports.clock import Clock, Sources
from ohmstead.ports.link import Handshake, Link, LinkLost
from ohmstead.ports.store import Store
from ohmstead.rpc import Answer, CallFailed, CallTimeout, Direction, RpcConnection
from ohmstead.rpc.trace import Direction as Way
from ohmstead.rpc.trace import Trace, error_payload
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import encode
from ohmstead.wire.errors import CallError
from ohmstead.wire.frames import CallErrorFrame
from ohmstead.wire.messages import (
    RegistrationStatusEnum,
    SetVariablesRequest,
    SetVariablesResponse,
    SetVariableStatusEnum,
)

_log = logging.getLogger(__name__)

FRAME_LIMIT = 1 << 20
"""Bytes of the largest frame that is read: a report may come in one."""


class Csms:
    """The back office (`Backoffice` of the bench port). `admit` and `serve` are what a listener is given."""

    def __init__(
        self,
        settings: CsmsSettings,
        *,
        clock: Clock,
        sources: Sources,
        sign_csr: SignCsr | None = None,
        store: Store | None = None,
    ) -> None:
        """Open the office; stations may come as soon as a listener is there.

        Args:
            settings: checked ones (`load_settings`, `check`).
            clock: tells stations the time.
            sources: message ids, and the salt of password hashes.
            sign_csr: signs station certificates; None: SignCertificate is Rejected.
            store: keeps changed passwords; None: they are forgotten with the process.
        """
        self._clock = clock
        self._sources = sources
        self._settings = settings
        self._url = ""
        self._wallet = Wallet(settings, clock.now)
        self._keyring = Keyring(settings.stations, sources.random, store)
        self._desks = {
            known.identity: Desk(known, settings, self._wallet, clock.now, sign_csr)
            for known in sorted(settings.stations, key=lambda known: known.identity)
        }
        self._trace = Trace(limit=FRAME_LIMIT)
        self._changes = Changes()

    @property
    def url(self) -> str:
        """The URL that a station dials, without an identity."""
        return self._url

    def listens_at(self, url: str) -> None:
        """Tell the office the URL of its listener."""
        self._url = url

    def admit(self, handshake: Handshake) -> int:
        """Return the HTTP status for a connection attempt: 101, 401 for wrong credentials, 404 for a stranger.

        Profiles 1 and 2 need user and password (A00.FR.207, A00.FR.324), profile 3 the station's name in its client
        certificate (A00.FR.405); a profile below the one that the station has proven is refused (A05.FR.07).
        """
        identity = identity_of(handshake)
        desk = self._desks.get(identity)
        if desk is None:
            _log.warning("connection attempt of %r, which is no known station", identity)
            return 404
        profile = profile_of(handshake)
        if profile < self._keyring.lowest_profile(identity):
            _log.warning("%s: security profile %d is too low", identity, profile)
            return 401
        if not (self._certified(desk, handshake) if profile == 3 else self._password_right(identity, handshake)):
            _log.warning("%s: wrong credentials (security profile %d)", identity, profile)
            return 401
        return 101

    async def serve(self, link: Link) -> None:
        """Serve one admitted station until its link ends; an older link of the same station is closed."""
        desk = self._desks.get(identity_of(link.handshake))
        if desk is None:
            return
        if desk.link is not None:
            await desk.link.close(1000, "the station connected again")
        connection = self._connect(desk, link)
        try:
            async with asyncio.TaskGroup() as tasks:
                own = [tasks.create_task(work(desk)), tasks.create_task(watch(link, self._settings.ping_interval))]
                reason = await connection.run()
                for task in own:
                    task.cancel()
            _log.info("%s: %s", desk.identity, reason)
        finally:
            if desk.connection is connection:
                desk.link = desk.connection = None
            self._changes.touch()

    def stations(self) -> tuple[CsmsStation, ...]:
        """Return the stations it knows, by identity."""
        return tuple(desk.snapshot() for desk in self._desks.values())

    def tokens(self) -> tuple[Card, ...]:
        """Return the cards it knows, in the order of the settings."""
        return self._wallet.cards()

    def transactions(self) -> tuple[CsmsTransaction, ...]:
        """Return the transactions it was told of, newest first."""
        tariff = self._settings.tariff
        found = [
            (record.since, record.snapshot(desk.identity, tariff))
            for desk in self._desks.values()
            for record in desk.ledger.records()
        ]
        found.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(transaction for _, transaction in found)

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames still kept whose number is greater than `since`, oldest first."""
        return self._trace.since(since)

    def notices(self, station: str) -> tuple[str, ...]:
        """Return what a station told beside transactions and status, oldest first. Raises UnknownStation."""
        return tuple(self._desk(station).notices)

    def report(self, station: str, request_id: int) -> Report | None:
        """Return a device model report that a station sent, while it is kept. Raises UnknownStation."""
        return self._desk(station).reports.get(request_id)

    def commands(self) -> Mapping[str, Mapping[str, object]]:
        """Return for each action that a CSMS may send the JSON schema of its request, with an example."""
        return schemas()

    async def wait_changed(self, version: int) -> int:
        """Return the present version (stations, transactions or trace) once it is greater than the given one."""
        return await self._changes.wait(version)

    async def send(self, station: str, action: str, payload: Mapping[str, object]) -> CommandResult:
        """Send a command and return what came back. Raises UnknownStation and CommandRefused."""
        desk = self._desk(station)
        request = request_of(action, payload)
        connection = desk.connection
        if connection is None:
            raise UnknownStation(f"{station} is not connected")
        if desk.boot_status is RegistrationStatusEnum.Rejected:
            raise CommandRefused(
                f"{station} was answered Rejected; until it is not, no message may be sent (B03.FR.03)"
            )
        desk.asked(request)
        self._before(desk, request)
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            response = await connection.call(request)
        except CallFailed as failed:
            self._failed(desk, request)
            return CommandResult(
                kind="CALLERROR", payload=self._shown(_error(failed.error)), latency=loop.time() - started
            )
        except CallTimeout:
            return CommandResult(kind="Timeout", latency=None)
        except LinkLost:
            return CommandResult(kind="LinkLost", latency=None)
        self._after(desk, request, response)
        return CommandResult(
            kind="CALLRESULT", payload=self._shown(encode(response).decode()), latency=loop.time() - started
        )

    def _shown(self, payload: str) -> str:
        return self._trace.redactor.payload(payload)

    def _connect(self, desk: Desk, link: Link) -> RpcConnection:
        connection = RpcConnection(
            link,
            handler=lambda request: self._answer(desk, request),
            new_id=self._sources.new_id,
            message_timeout=lambda: self._settings.call_timeout,
            supported=SERVED.__contains__,
            on_frame=lambda direction, text: self._seen(desk, direction, text),
            limit=FRAME_LIMIT,
        )
        desk.link, desk.connection = link, connection
        desk.jobs = asyncio.Queue()
        desk.security_profile = profile_of(link.handshake)
        if desk.boot_status is RegistrationStatusEnum.Accepted:
            desk.jobs.put_nowait(lambda: configure(desk))
        self._changes.touch()
        return connection

    def _answer(self, desk: Desk, request: Request[Response]) -> Response | Answer:
        desk.check_may_send(ACTION_OF[type(request)])
        response = answer(request, desk)
        if desk.boot_status is RegistrationStatusEnum.Accepted and desk.security_profile is not None:
            self._keyring.proven(desk.identity, desk.security_profile)
        self._changes.touch()
        return response

    def _seen(self, desk: Desk, direction: Direction, text: str) -> None:
        at = self._clock.now()
        if direction is Direction.Received:
            desk.last_seen = at
        way: Way = "sent" if direction is Direction.Sent else "received"
        self._trace.add(desk.identity, way, text, at, asyncio.get_running_loop().time())
        self._changes.touch()

    def _before(self, desk: Desk, request: Request[Response]) -> None:
        if isinstance(request, SetVariablesRequest):
            for data in request.set_variable_data:
                if _is_password(data.component.name, data.variable.name):
                    self._keyring.propose(desk.identity, data.attribute_value)

    def _failed(self, desk: Desk, request: Request[Response]) -> None:
        """Keep the old password after an error (A01.FR.04); without any answer both stay valid."""
        if isinstance(request, SetVariablesRequest):
            self._keyring.settle(desk.identity, accepted=False)

    def _after(self, desk: Desk, request: Request[Response], response: Response) -> None:
        """Take over a password that the station accepted (A01.FR.03)."""
        if isinstance(request, SetVariablesRequest) and isinstance(response, SetVariablesResponse):
            for result in response.set_variable_result:
                if _is_password(result.component.name, result.variable.name):
                    accepted = result.attribute_status is SetVariableStatusEnum.Accepted
                    self._keyring.settle(desk.identity, accepted=accepted)

    def _password_right(self, identity: str, handshake: Handshake) -> bool:
        if not handshake.user or not handshake.password:
            return False
        same = hmac.compare_digest(handshake.user.encode(), identity.encode())
        return self._keyring.verify(identity, handshake.password) and same

    def _certified(self, desk: Desk, handshake: Handshake) -> bool:
        subject = handshake.tls.client_certificate_subject if handshake.tls else None
        return subject is not None and common_name(subject) in (desk.identity, desk.serial_number)

    def _desk(self, station: str) -> Desk:
        desk = self._desks.get(station)
        if desk is None:
            raise UnknownStation(f"{station} is no station of this CSMS")
        return desk


def identity_of(handshake: Handshake) -> str:
    """Return the identity in the last segment of the URL's path (Part 4, 3.1.1)."""
    return unquote(urlsplit(handshake.url).path.rpartition("/")[2])


def _is_password(component: str, variable: str) -> bool:
    return component.lower() == "securityctrlr" and variable.lower() == "basicauthpassword"


def _error(error: CallError) -> str:
    return error_payload(CallErrorFrame("", error.code, error.description, dict(error.details)))
