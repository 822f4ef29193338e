"""The lab's CSMS for the tests of a station: it listens, answers in the plainest way, and holds every frame to OCPP."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import msgspec

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.private_files import temporary_folder
from ohmstead.lab.cases.answers import Given
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.unknown_station import NobodyThere, anybody
from ohmstead.lab.verdict import Failed
from ohmstead.ports.link import Handshake, Link
from ohmstead.testing.failure import breach
from ohmstead.testing.fields import wanted_fields
from ohmstead.testing.wire import PATIENCE, Sender, Wire, WireMessage
from ohmstead.wire import codec
from ohmstead.wire.actions import RESPONSE_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import AuthorizationStatusEnum

LISTEN = "ws://127.0.0.1:0/ocpp"
CONNECTED_WITHIN = 60.0
END_WITHIN = 2.0
Q = TypeVar("Q", bound=Request[Response])
R = TypeVar("R", bound=Response)


class CsmsSetup(msgspec.Struct, frozen=True, kw_only=True):
    """Where the CSMS listens, and for whom.

    Attributes:
        listen: `ws://` or `wss://`, address, port (0: a free one) and path; others than this machine reach 0.0.0.0.
        identity: of the station; nobody else is let in.
        password: of the station, for HTTP Basic authentication.
        security_profile: None: 1 with `ws://`, 2 with `wss://`.
        names: host names that the certificate has, with `wss://`; none: those of this machine.
        folder: keeps root and certificate; None: they are new each time.
        patience: seconds for which `expect` waits unless told otherwise.
    """

    listen: str = LISTEN
    identity: str = "CS-001"
    password: str = "correct-horse-battery-staple"
    security_profile: int | None = None
    names: tuple[str, ...] = ()
    folder: Path | None = None
    patience: float = PATIENCE

    def __repr__(self) -> str:
        return f"CsmsSetup(listen={self.listen!r}, identity={self.identity!r})"

    @property
    def provisioning(self) -> Provisioning:
        """Return what the station has to be given."""
        profile = self.security_profile or (2 if self.listen.startswith("wss:") else 1)
        return Provisioning(identity=self.identity, password=self.password, security_profile=profile)


class _TappedLink:
    """A link that is listened to."""

    def __init__(self, below: Link, record: Callable[[Sender, str], None]) -> None:
        self._below = below
        self._record = record
        self.ping = below.ping
        self.close = below.close

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        return self._below.handshake

    async def send(self, text: str) -> None:
        """Write one text message."""
        self._record("csms", text)
        await self._below.send(text)

    async def receive(self) -> str | bytes:
        """Return the next message."""
        text = await self._below.receive()
        self._record("station", text if isinstance(text, str) else f"<binary frame of {len(text)} bytes>")
        return text


class _TappedTester(Tester):
    """The tester of the lab, whose wire is listened to."""

    record: Callable[[Sender, str], None]

    async def _serve(self, number: int, link: Link) -> None:
        await super()._serve(number, _TappedLink(link, self.record))


class AsyncCsms:
    """A CSMS that waits for one station.

    Attributes:
        setup: where it listens, and for whom.
        wire: every frame, as with a station of ours.
    """

    def __init__(self, setup: CsmsSetup | None = None) -> None:
        """Make one that does not listen yet."""
        self.setup = setup or CsmsSetup()
        self.wire = Wire(self.setup.identity, self.setup.patience, self._state)
        self._ending = ExitStack()
        self._rig: ExternalRig | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> Self:
        """Listen. Raises PlaceError for a `listen` that is none, OSError where the port cannot be had."""
        place = ListenAddress.parse(self.setup.listen, self.setup.names)
        folder = self.setup.folder or Path(self._ending.enter_context(temporary_folder("testing")))
        product = anybody()
        rig = self._rig = ExternalRig(product, place, NobodyThere(), self.setup.provisioning, folder, tolerance=1.0)
        self._task = asyncio.get_running_loop().create_task(self._live(rig), name="csms")
        await asyncio.sleep(0)  # from now on its end is that of the task
        await rig.listen()
        rig.next_case()
        self._tester = _TappedTester(rig, product, LabConfig(), self.setup.provisioning)
        clock = LoopClock()
        self._tester.record = lambda sender, text: self.wire.record(sender, text, clock.now())
        await self._tester.prepare()
        self._tester.number_from(rig.persistent.number)
        await rig.lend()
        rig.use_tester(self._tester)
        return self

    @property
    def url(self) -> str:
        """What the station has to dial, without its identity."""
        return self._running.url

    @property
    def root(self) -> str | None:
        """PEM root certificate that the station has to trust; None without TLS."""
        file = self._running.root
        return None if file is None else file.read_text("utf-8")

    @property
    def _running(self) -> ExternalRig:
        if self._rig is None:
            raise RuntimeError("the CSMS does not listen yet: start it")
        return self._rig

    async def connected(self, within: float = CONNECTED_WITHIN) -> Self:
        """Wait until the station has connected. Raises AssertionError with why the last attempt was not let in."""
        __tracebackhide__ = True
        if not await self._running.wait_connected(within):
            raise AssertionError(self.wire.not_yet("no station has connected", within))
        return self

    @overload
    async def expect(self, message: type[Q], /, *, within: float | None = None, **fields: object) -> Q: ...

    @overload
    async def expect(self, message: str, /, *, within: float | None = None, **fields: object) -> WireMessage: ...

    async def expect(
        self, message: str | type[Q], /, *, within: float | None = None, **fields: object
    ) -> WireMessage | Q:
        """Return the next CALL of the station with these fields (`Wire.expect`), if it keeps the rules (`check`)."""
        __tracebackhide__ = True
        self.check()
        found: WireMessage | Q
        if isinstance(message, str):
            found = await self.wire.expect(message, within=within, sender="station", **fields)
        else:
            found = await self.wire.expect(message, within=within, sender="station", **fields)
        self.check()
        return found

    async def call(self, request: Request[R], /, *, within: float = 30.0, **fields: object) -> R:
        """Ask the station and return its response. Raises AssertionError for a CALLERROR, silence, or other fields."""
        __tracebackhide__ = True
        try:
            response = await self._tester.ask(request, within=within)
        except Failed as failed:
            raise AssertionError(breach(failed.finding, self.wire.text(12))) from None
        if isinstance(response, CallError):
            raise AssertionError(f"{type(request).__name__}: CALLERROR {response}")
        payload: Any = msgspec.json.decode(codec.encode(response))
        for field in wanted_fields(RESPONSE_OF[type(request)], fields):
            if not field.is_met(payload):
                raise AssertionError(f"{type(response).__name__}: {field.difference(payload)}")
        return response

    def answer(self, kind: type[Q], answer: Given[Q], *, times: int | None = None) -> None:
        """Answer a kind of request with a response, a CallError, what a function of the request returns; None: not."""
        self._tester.rules.disturbed = True
        self._tester.answers.give(kind, answer, None, times)

    def know(
        self, id_token: str, status: AuthorizationStatusEnum | str = "Accepted", *, group: str | None = None
    ) -> None:
        """Answer for a token with a status and a group from now on; tokens that nobody has named are Accepted."""
        self._tester.know(id_token, AuthorizationStatusEnum(status), group=group)

    async def disconnect(self) -> None:
        """Close the connection, and refuse every other until `reconnect`."""
        await self._tester.disconnect()

    async def reconnect(self, within: float = 900.0) -> None:
        """Let the station in again, and wait for it. Raises AssertionError."""
        __tracebackhide__ = True
        try:
            await self._tester.reconnect(within=within)
        except Failed as failed:
            raise AssertionError(breach(failed.finding, self.wire.text(12))) from None

    def check(self) -> None:
        """Raise AssertionError for whatever the station has done so far that OCPP forbids at all times."""
        __tracebackhide__ = True
        if self._tester.rules.findings:
            raise AssertionError(breach(self._tester.rules.findings[0], self.wire.text(12)))

    def _state(self) -> str:
        if self._rig is None:
            return "the CSMS does not listen yet"
        wrong = self._rig.admission.last_wrong
        last = f"; the last that tried was not let in: {wrong}" if wrong else ""
        return f"waiting for {self.setup.identity} at {self._rig.url}{last}"

    async def close(self) -> None:
        """End every connection, and listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None

    async def _live(self, rig: ExternalRig) -> None:
        """Listen until cancelled: a loop that is closed closes it."""
        try:
            await asyncio.Event().wait()
        finally:
            try:
                async with asyncio.timeout(END_WITHIN):
                    await rig.close()
            finally:
                self._ending.close()

    async def __aenter__(self) -> Self:
        """Listen."""
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
