"""One extension in one run of a station: its messages are answered, and it gets what it may use of the station."""

import inspect
import logging
import math
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TypeVar

import msgspec

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.device import EVSE, ChargingStation, Component, Connector, DeviceModel, Variable
from ohmstead.model.events import LimitAsked
from ohmstead.ports.calls import Answer, CallFailed, CallTimeout, NotSent
from ohmstead.ports.extensions import Installed, NotTransferred, VendorAnswer, VendorMessage, handlers
from ohmstead.ports.hardware import LimitedHardware
from ohmstead.ports.link import LinkLost
from ohmstead.ports.store import StoreFailed, StoreSevered
from ohmstead.wire.base import NO_DATA
from ohmstead.wire.codec import check, encode
from ohmstead.wire.messages import DataTransferRequest, DataTransferResponse, DataTransferStatusEnum, StatusInfo

MOST_CALLS = 8
"""Messages of one extension that may wait for the CSMS; a further one is refused."""

STATES = (ChargingStation, EVSE, Connector)
"""The components whose variables an extension may read."""
T = TypeVar("T")
C = TypeVar("C", bound=Component)
Handler = Callable[[VendorMessage], VendorAnswer]
_log = logging.getLogger(__name__)


class Vendor:
    """Implements `ports.extensions.VendorStation`, and keeps the extension from harming the station.

    Whatever fails in the extension is logged, and what it had begun to do in that unit of work is taken back.
    """

    def __init__(
        self, installed: Installed, work: Work, csms: Csms, device: DeviceModel, settings: Settings, world: World
    ) -> None:
        self._installed = installed
        self._work = work
        self._csms = csms
        self._device = device
        self._settings = settings
        self._world = world
        self._handlers: dict[str | None, Handler] | None = None
        self._online: list[Callable[[], None]] = []
        self._calling = 0
        self._components = {addition.kind for addition in installed.additions}

    # For the station

    def begin(self) -> None:
        """Let the extension begin; one that fails has its messages Rejected until the next boot."""
        kind = self._installed.extension.life

        def begun() -> None:
            life = kind(self)
            self._handlers = {one: getattr(life, name) for one, name in handlers(type(life)).items()}
            self._device.listen([life])

        if not self._guarded("did not begin", begun):
            self._online.clear()

    def tell_online(self) -> None:
        """Tell the extension that messages can be sent."""
        for action in self._online:
            self._guarded("failed when the station came online", action)

    def answer(self, request: DataTransferRequest) -> Answer:
        """Answer a message (P01.FR.06, P02.FR.07); what fails in the extension is Rejected."""
        if self._handlers is None:
            return Answer(_rejected("the extension did not begin"))
        handler = self._handlers.get(request.message_id)
        if handler is None:
            return Answer(DataTransferResponse(status=DataTransferStatusEnum.UnknownMessageId))
        answer = failed = Answer(_rejected("the extension failed"))

        def answered() -> None:
            nonlocal answer
            given = handler(_message(request))
            answer = Answer(_response(given), self._following(given))

        return answer if self._guarded("failed to answer", answered) else failed

    def _following(self, given: VendorAnswer) -> Callable[[], None] | None:
        then = given.then
        return None if then is None else lambda: self._follow(then)

    def _follow(self, then: Callable[[], None]) -> None:
        self._guarded("failed in what follows an answer", then)

    def _guarded(self, what: str, action: Callable[[], None]) -> bool:
        """Do something of the extension in a unit of its own; says whether it went well. Raises what the store does."""
        try:
            with self._work.unit():
                action()
        except (StoreFailed, StoreSevered):
            raise
        except Exception:
            _log.exception("extension %s %s", self._installed.label, what)
            return False
        return True

    # For the extension

    @property
    def identity(self) -> str:
        """The station's."""
        return self._world.identity

    @property
    def online(self) -> bool:
        """Say whether messages can be sent."""
        return self._csms.calls.online

    def now(self) -> datetime:
        """Return the wall time."""
        return self._world.clock.now()

    def component(self, kind: type[C], evse_id: int | None = None) -> C:
        """Return a component of the extension."""
        self._own(kind)
        return self._device.component(kind, evse_id)

    def read(self, variable: Variable[T], evse_id: int | None = None, connector_id: int | None = None) -> T:
        """Return what a variable of the station, an EVSE or a connector is."""
        if variable.component not in STATES:
            raise KeyError(f"{variable.label} is no variable of the station, an EVSE or a connector")
        return self._device.read(variable, evse_id, connector_id)

    def assign(self, variable: Variable[T], value: T, evse_id: int | None = None) -> None:
        """Give a variable a value, which is kept."""
        if not self.component(variable.component, evse_id).trait(variable).writable:
            raise ValueError(f"{variable.label} is read-only: declare it computed, and let `bind` give its value")
        self._settings.assign(variable, value, evse_id)

    def bind(self, variable: Variable[T], provider: Callable[[], T], evse_id: int | None = None) -> None:
        """Let a function give a value; where it fails, or gives what cannot be, there is the default."""
        trait = self.component(variable.component, evse_id).trait(variable)
        if not variable.computed:
            raise ValueError(f"{variable.label} is not declared computed")
        failing = False

        def value() -> T:
            nonlocal failing
            try:
                given = variable.accept(variable.format(provider()), trait)
            except Exception:
                if not failing:
                    _log.exception("extension %s gives no value of %s", self._installed.label, variable.label)
                failing = True
                return trait.default
            failing = False
            return given

        self._device.bind(variable, value, evse_id)

    def limit(self, evse_id: int, *, power_w: float | None = None, current_a: float | None = None) -> bool:
        """Ask for a limit of an EVSE, in the name of the vendor."""
        if evse_id not in {evse.id for evse in self._world.product.evses}:
            raise KeyError(f"there is no EVSE {evse_id}")
        for figure in (power_w, current_a):
            if figure is not None and not (math.isfinite(figure) and figure >= 0):
                raise ValueError(f"{figure} is no limit")
        vendor_id = self._installed.extension.vendor_id
        self._work.announce(LimitAsked(vendor_id, evse_id, power_w, current_a))
        return isinstance(self._world.hardware, LimitedHardware)

    async def transfer(self, message_id: str | None = None, data: object = None) -> VendorAnswer:
        """Send a DataTransfer, and return the answer of the CSMS (P02)."""
        vendor_id = self._installed.extension.vendor_id
        request = DataTransferRequest(vendor_id=vendor_id, message_id=message_id, data=_raw(data))
        check(DataTransferRequest, encode(request))
        if self._calling >= MOST_CALLS:
            raise NotTransferred(f"{MOST_CALLS} messages of this extension wait already")
        self._calling += 1
        try:
            response = await self._csms.calls.call(request)
        except (NotSent, LinkLost, CallTimeout) as failure:
            raise NotTransferred(str(failure)) from None
        except CallFailed as failure:
            raise NotTransferred(f"the CSMS answered {failure}") from None
        finally:
            self._calling -= 1
        return _answer(response)

    def spawn(self, name: str, begin: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run work, once the open unit of work is committed."""
        self._work.after(lambda: self._begin_task(name, begin))

    def _begin_task(self, name: str, begin: Callable[[], Coroutine[object, object, None]]) -> None:
        self._work.spawn(f"{self._installed.name}: {name}", begin)

    def later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action after a time."""
        timer = self._work.later(seconds, action)
        return timer.cancel

    def when_online(self, action: Callable[[], None]) -> None:
        """Run an action whenever messages can be sent again."""
        self._online.append(action)

    def _own(self, kind: type[Component]) -> None:
        if kind not in self._components:
            raise KeyError(f"{kind.name} is no component of {self._installed.label}")


def _message(request: DataTransferRequest) -> VendorMessage:
    raw = bytes(request.data)
    return VendorMessage(request.message_id, msgspec.json.decode(raw) if raw else None, raw)


def _response(given: object) -> DataTransferResponse:
    """Return the answer of an extension as it travels. Raises TypeError or ValueError for what is none."""
    if not isinstance(given, VendorAnswer):
        if inspect.iscoroutine(given):
            given.close()
        raise TypeError(f"a {type(given).__name__} is no VendorAnswer")
    info = None
    if given.reason_code is not None:
        info = StatusInfo(reason_code=given.reason_code, additional_info=given.additional_info)
    response = DataTransferResponse(status=given.status, status_info=info, data=_raw(given.data))
    check(DataTransferResponse, encode(response))
    return response


def _rejected(text: str) -> DataTransferResponse:
    info = StatusInfo(reason_code="InternalError", additional_info=text)
    return DataTransferResponse(status=DataTransferStatusEnum.Rejected, status_info=info)


def _answer(response: DataTransferResponse) -> VendorAnswer:
    raw = bytes(response.data)
    try:
        data: object = msgspec.json.decode(raw) if raw else None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as failure:
        raise NotTransferred(f"the data of the answer cannot be read: {failure}") from None
    info = response.status_info
    if info is None:
        return VendorAnswer(response.status, data)
    return VendorAnswer(response.status, data, info.reason_code, info.additional_info)


def _raw(data: object) -> msgspec.Raw:
    return NO_DATA if data is None else msgspec.Raw(msgspec.json.encode(data))
