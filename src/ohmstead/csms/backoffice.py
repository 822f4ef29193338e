"""The embedded CSMS: admits stations, serves them, and lets an operator command them.

Reports and trace are kept in memory and bounded; a restart forgets them. Credentials, transactions and boot status are
stored.
"""

import asyncio
import hmac
import itertools
import logging
from collections.abc import Awaitable, Mapping
from urllib.parse import unquote, urlsplit

from ohmstead.csms.answers import SERVED, answer
from ohmstead.csms.certificate_signing import common_name, organization
from ohmstead.csms.change_signal import ChangeSignal
from ohmstead.csms.commands import request_of, schemas
from ohmstead.csms.jobs import configure, watch, work
from ohmstead.csms.reports import DeviceModelReport
from ohmstead.csms.sending import send, settle
from ohmstead.csms.settings import CsmsSettings
from ohmstead.csms.station_passwords import StationPasswords
from ohmstead.csms.station_session import SignCsr, StationSession, profile_of
from ohmstead.csms.token_registry import TokenRegistry
from ohmstead.csms.transaction_log import TransactionLog, last_claim
from ohmstead.ports.bench import (
    Card,
    CommandResult,
    CsmsFileJob,
    CsmsStation,
    CsmsTariff,
    CsmsTransaction,
    TraceLine,
    UnknownStation,
)
from ohmstead.ports.clock import Clock, Sources
from ohmstead.ports.link import Handshake, Link
from ohmstead.ports.store import Store
from ohmstead.rpc import Answer, Direction, RpcConnection
from ohmstead.rpc.trace import Direction as Way
from ohmstead.rpc.trace import Trace
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import RegistrationStatusEnum

_log = logging.getLogger(__name__)

FRAME_LIMIT = 1 << 20
"""Bytes of the largest frame that is read: a report may come in one."""


class EmbeddedCsms:
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
            store: keeps changed passwords, transactions and boot status; None: they are forgotten with the process.
        """
        self._clock = clock
        self._sources = sources
        self._settings = settings
        self._url = ""
        self._wallet = TokenRegistry(settings, clock.now)
        self._passwords = StationPasswords(settings.stations, sources.random, store)
        self._claims = itertools.count(1)
        self._sessions = {
            known.identity: StationSession(
                known, settings, self._wallet, clock.now, sign_csr, store=store, number=lambda: next(self._claims)
            )
            for known in sorted(settings.stations, key=lambda known: known.identity)
        }
        self._claims = itertools.count(last_claim(self._ledgers()) + 1)
        for session in self._sessions.values():
            session.ledgers = self._ledgers
        self._trace = Trace(limit=FRAME_LIMIT)
        self._changes = ChangeSignal()

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
        session = self._sessions.get(identity)
        if session is None:
            _log.warning("connection attempt of %r, which is no known station", identity)
            return 404
        profile = profile_of(handshake)
        if profile < self._passwords.lowest_profile(identity):
            _log.warning("%s: security profile %d is too low", identity, profile)
            return 401
        if not (self._certified(session, handshake) if profile == 3 else self._password_right(identity, handshake)):
            _log.warning("%s: wrong credentials (security profile %d)", identity, profile)
            if profile == 3:
                session.notices.append("InvalidChargingStationCertificate: of another station or owner")  # A00.FR.408
            return 401
        return 101

    async def serve(self, link: Link) -> None:
        """Serve one admitted station until its link ends.

        A newer link of the same station is served at once, and this one no longer from that moment, however long its
        closing takes: what is half dead must not keep a station out.
        """
        session = self._sessions.get(identity_of(link.handshake))
        if session is None:
            return
        connection = self._connect(session, link)
        try:
            async with asyncio.TaskGroup() as tasks:
                serving = tasks.create_task(connection.run())
                own = [
                    serving,
                    tasks.create_task(work(session, session.jobs)),
                    tasks.create_task(watch(link, self._settings.ping_interval)),
                ]
                session.retire = serving.cancel
                await asyncio.wait((serving,))
                for task in own:
                    task.cancel()
            if session.connection is connection:
                _log.info("%s: %s", session.identity, "cut off" if serving.cancelled() else serving.result())
            else:
                await link.close(1000, "the station connected again")
        finally:
            if session.connection is connection:
                session.link = session.connection = session.retire = None
            self._changes.touch()

    def stations(self) -> tuple[CsmsStation, ...]:
        """Return the stations it knows, by identity."""
        return tuple(session.snapshot() for session in self._sessions.values())

    def tokens(self) -> tuple[Card, ...]:
        """Return the cards it knows, in the order of the settings."""
        return self._wallet.cards()

    def transactions(self) -> tuple[CsmsTransaction, ...]:
        """Return the transactions it was told of, newest first."""
        tariff = self._settings.tariff
        found = [
            (record.since, record.snapshot(session.identity, tariff))
            for session in self._sessions.values()
            for record in session.ledger.records()
        ]
        found.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(transaction for _, transaction in found)

    def tariff(self) -> CsmsTariff:
        """Return what it asks for a transaction."""
        tariff = self._settings.tariff
        return CsmsTariff(currency=tariff.currency, per_kwh=tariff.per_kwh, session_fee=tariff.session_fee)

    def file_jobs(self) -> tuple[CsmsFileJob, ...]:
        """Return the logs and firmware updates that it asked for, newest first; of many the newest."""
        found = [job for session in self._sessions.values() for job in session.file_jobs.all()]
        found.sort(key=lambda job: job.asked_at)
        return tuple(found[::-1])

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames still kept whose number is greater than `since`, oldest first."""
        return self._trace.since(since)

    def notices(self, station: str) -> tuple[str, ...]:
        """Return what a station told beside transactions and status, oldest first. Raises UnknownStation."""
        return tuple(self._session(station).notices)

    def report(self, station: str, request_id: int) -> DeviceModelReport | None:
        """Return a device model report that a station sent, while it is kept. Raises UnknownStation."""
        return self._session(station).reports.get(request_id)

    def commands(self) -> Mapping[str, Mapping[str, object]]:
        """Return for each action that a CSMS may send the JSON schema of its request, with an example."""
        return schemas()

    async def wait_changed(self, version: int) -> int:
        """Return the present version (stations, transactions or trace) once it is greater than the given one."""
        return await self._changes.wait(version)

    def forget(self, station: str) -> None:
        """Forget what a station told and agreed on, and let it in as it is configured. Raises UnknownStation."""
        self._session(station).forget()
        self._passwords.forget(station)
        self._changes.touch()

    def _ledgers(self) -> tuple[TransactionLog, ...]:
        return tuple(session.ledger for session in self._sessions.values())

    async def send(self, station: str, action: str, payload: Mapping[str, object]) -> CommandResult:
        """Send a command and return what came back. Raises UnknownStation and CommandRefused."""
        session = self._session(station)
        request, message_id = request_of(action, payload), self._sources.new_id()
        try:
            return await send(session, self._passwords, request, message_id, self._trace.redactor.payload)
        finally:
            self._changes.touch()

    def _connect(self, session: StationSession, link: Link) -> RpcConnection:
        if session.retire is not None:
            session.retire()
        connection = RpcConnection(
            link,
            handler=lambda request: self._answer(session, link, request),
            new_id=self._sources.new_id,
            message_timeout=lambda: self._settings.call_timeout,
            supported=SERVED.__contains__,
            on_frame=lambda direction, text: self._seen(session, direction, text),
            on_late=lambda message_id, outcome: settle(session, self._passwords, message_id, outcome),
            limit=FRAME_LIMIT,
        )
        session.link, session.connection, session.retire = link, connection, None
        session.jobs = asyncio.Queue()
        session.passwords.clear()
        session.security_profile = profile_of(link.handshake)
        if session.boot_status is RegistrationStatusEnum.Accepted:
            session.jobs.put_nowait(lambda: configure(session))
        self._changes.touch()
        return connection

    def _answer(
        self, session: StationSession, link: Link, request: Request[Response]
    ) -> Response | Answer | Awaitable[Response | Answer]:
        if session.link is not link:  # a newer link is served: this one is about to be cut off, and waits for that
            return asyncio.get_running_loop().create_future()
        session.check_may_send(ACTION_OF[type(request)])
        response = answer(request, session)
        if session.boot_status is RegistrationStatusEnum.Accepted and session.security_profile is not None:
            self._passwords.proven(session.identity, session.security_profile)
        self._changes.touch()
        return response

    def _seen(self, session: StationSession, direction: Direction, text: str) -> None:
        at = self._clock.now()
        if direction is Direction.Received:
            session.last_seen = at
        way: Way = "sent" if direction is Direction.Sent else "received"
        self._trace.add(session.identity, way, text, at, asyncio.get_running_loop().time())
        self._changes.touch()

    def _password_right(self, identity: str, handshake: Handshake) -> bool:
        if not handshake.user or not handshake.password:
            return False
        same = hmac.compare_digest(handshake.user.encode(), identity.encode())
        return self._passwords.verify(identity, handshake.password) and same

    def _certified(self, session: StationSession, handshake: Handshake) -> bool:
        subject = handshake.tls.client_certificate_subject if handshake.tls else None
        if subject is None or common_name(subject) not in (session.identity, session.serial_number):
            return False
        owners = self._settings.organizations
        return not owners or organization(subject) in owners

    def _session(self, station: str) -> StationSession:
        session = self._sessions.get(station)
        if session is None:
            raise UnknownStation(f"{station} is no station of this CSMS")
        return session


def identity_of(handshake: Handshake) -> str:
    """Return the identity in the last segment of the URL's path (Part 4, 3.1.1)."""
    return unquote(urlsplit(handshake.url).path.rpartition("/")[2])
