"""The lab's CSMS for a test of a station that blocks."""

from types import TracebackType
from typing import Self, TypeVar, overload

from ohmstead.lab.cases.answers import Given
from ohmstead.testing.blocking import BlockingWire
from ohmstead.testing.csms import CONNECTED_WITHIN, AsyncCsms, CsmsSetup
from ohmstead.testing.loop_thread import LoopThread
from ohmstead.testing.wire import WireMessage
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import AuthorizationStatusEnum

Q = TypeVar("Q", bound=Request[Response])
R = TypeVar("R", bound=Response)


class BlockingCsms:
    """A CSMS that waits for one station (`AsyncCsms`), in a thread.

    Attributes:
        setup: where it listens, and for whom.
        wire: every frame.
    """

    def __init__(self, setup: CsmsSetup | None = None) -> None:
        """Make one that does not listen yet."""
        self._csms = AsyncCsms(setup)
        self.setup = self._csms.setup
        self._thread = LoopThread(f"csms for {self.setup.identity}")
        self.wire = BlockingWire(self._csms.wire, self._thread)

    def start(self) -> Self:
        """Listen. Raises PlaceError for a `listen` that is none, OSError where the port cannot be had."""
        self._thread.call(self._csms.start())
        return self

    @property
    def url(self) -> str:
        """What the station has to dial, without its identity."""
        return self._csms.url

    @property
    def root(self) -> str | None:
        """PEM root certificate that the station has to trust; None without TLS."""
        return self._csms.root

    def connected(self, within: float = CONNECTED_WITHIN) -> Self:
        """Wait until the station has connected. Raises AssertionError with why the last attempt was not let in."""
        __tracebackhide__ = True
        self._thread.call(self._csms.connected(within))
        return self

    @overload
    def expect(self, message: type[Q], /, *, within: float | None = None, **fields: object) -> Q: ...

    @overload
    def expect(self, message: str, /, *, within: float | None = None, **fields: object) -> WireMessage: ...

    def expect(self, message: str | type[Q], /, *, within: float | None = None, **fields: object) -> WireMessage | Q:
        """Return the next CALL of the station with these fields (`AsyncCsms.expect`)."""
        __tracebackhide__ = True
        if isinstance(message, str):
            return self._thread.call(self._csms.expect(message, within=within, **fields))
        return self._thread.call(self._csms.expect(message, within=within, **fields))

    def call(self, request: Request[R], /, *, within: float = 30.0, **fields: object) -> R:
        """Ask the station and return its response. Raises AssertionError for a CALLERROR, silence, or other fields."""
        __tracebackhide__ = True
        return self._thread.call(self._csms.call(request, within=within, **fields))

    def answer(self, kind: type[Q], answer: Given[Q], *, times: int | None = None) -> None:
        """Answer a kind of request with a response, a CallError, what a function of the request returns; None: not."""
        self._csms.answer(kind, answer, times=times)

    def know(
        self, id_token: str, status: AuthorizationStatusEnum | str = "Accepted", *, group: str | None = None
    ) -> None:
        """Answer for a token with a status and a group from now on."""
        self._csms.know(id_token, status, group=group)

    def disconnect(self) -> None:
        """Close the connection, and refuse every other until `reconnect`."""
        self._thread.call(self._csms.disconnect())

    def reconnect(self, within: float = 900.0) -> None:
        """Let the station in again, and wait for it. Raises AssertionError."""
        __tracebackhide__ = True
        self._thread.call(self._csms.reconnect(within))

    def check(self) -> None:
        """Raise AssertionError for whatever the station has done so far that OCPP forbids at all times."""
        __tracebackhide__ = True
        self._csms.check()

    def close(self) -> None:
        """End every connection, and listen no more."""
        try:
            self._thread.call(self._csms.close())
        finally:
            self._thread.close()

    def __enter__(self) -> Self:
        """Listen."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
