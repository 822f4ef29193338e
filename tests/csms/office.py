"""A back office on a network in memory, and a station that speaks to it in plain wire messages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec

from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, KnownStation
from ohmstead.csms.station_session import SignCsr
from ohmstead.edge import virtual_time
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.memory_link import MemoryLink
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.sources import seeded
from ohmstead.ports.link import Credentials, LinkLost, Target
from ohmstead.ports.store import Store
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response

PASSWORD = "correct-horse-battery"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "wss://csms.example:443/ocpp"
CP1 = KnownStation(identity="CP1", password=PASSWORD)
SETTINGS = CsmsSettings(stations=(CP1, KnownStation(identity="CP2", password=PASSWORD)))

Script = Callable[[Request[Response]], Response]
WireScript = Callable[[str, Mapping[str, object]], object]


def refuse(request: Request[Response]) -> Response:
    """Answer as a station does that has no AuthCtrlr.MasterPassGroupId and expects nothing else."""
    assert isinstance(request, m.SetVariablesRequest), request
    return set_variables(request, m.SetVariableStatusEnum.UnknownVariable)


def set_variables(request: m.SetVariablesRequest, status: m.SetVariableStatusEnum) -> m.SetVariablesResponse:
    """Answer every part of a SetVariables with one status."""
    return m.SetVariablesResponse(
        set_variable_result=tuple(
            m.SetVariableResult(attribute_status=status, component=data.component, variable=data.variable)
            for data in request.set_variable_data
        )
    )


class Station:
    """The other side: `call` as a station would, `asked` has what the CSMS wanted, `script` answers it."""

    def __init__(self, link: MemoryLink, script: Script) -> None:
        self.link = link
        self.script = script
        self.asked: list[Request[Response]] = []
        ids = iter(range(1, 1_000_000))
        self.connection = RpcConnection(
            link, handler=self._serve, new_id=lambda: f"s{next(ids)}", message_timeout=lambda: 30.0
        )
        self.call = self.connection.call

    async def boot(self, serial_number: str | None = None) -> m.BootNotificationResponse:
        """Send a BootNotification."""
        about = m.ChargingStation(
            model="Model", vendor_name="Vendor", firmware_version="1.0", serial_number=serial_number
        )
        return await self.call(m.BootNotificationRequest(charging_station=about, reason=m.BootReasonEnum.PowerUp))

    def _serve(self, request: Request[Response]) -> Response:
        self.asked.append(request)
        return self.script(request)


class World:
    """A back office, the network, and the clock that it tells the time from."""

    def __init__(
        self, settings: CsmsSettings = SETTINGS, *, store: Store | None = None, sign_csr: SignCsr | None = None
    ) -> None:
        self.clock = LoopClock(START)
        self.store = store
        self.network = MemoryNetwork()
        self.csms = EmbeddedCsms(settings, clock=self.clock, sources=seeded(1, 1), store=store, sign_csr=sign_csr)
        self.listener = self.network.listen(URL, self.csms.admit, self.csms.serve)
        self.csms.listens_at(self.listener.url)

    async def dial(
        self, identity: str = "CP1", password: str | None = PASSWORD, *, certificate: str | None = None
    ) -> MemoryLink:
        """Connect with profile 2, or 3 if there is a certificate. Raises LinkRefused."""
        target = Target(
            url=URL,
            identity=identity,
            security_profile=3 if certificate else 2,
            credentials=Credentials(password=password, client_certificate=certificate),
        )
        return await self.network.dialer().dial(target)

    @asynccontextmanager
    async def station(
        self,
        identity: str = "CP1",
        password: str = PASSWORD,
        *,
        script: Script = refuse,
        certificate: str | None = None,
    ) -> AsyncIterator[Station]:
        """Connect a station for the length of the block."""
        station = Station(await self.dial(identity, password, certificate=certificate), script)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(station.connection.run())
            yield station
            await station.link.close()


class Wire:
    """A station of frames only: its answer to a CALL is a function of action and payload.

    An answer is a payload, or code and description of a CALLERROR; None leaves the CALL unanswered.
    """

    def __init__(self, link: MemoryLink, script: WireScript) -> None:
        self.link = link
        self.script = script
        self.calls: list[tuple[str, str]] = []
        """Message ids and actions of what came."""

    async def run(self) -> None:
        """Answer until the link is lost."""
        with suppress(LinkLost):
            while True:
                kind, message_id, *rest = msgspec.json.decode(await self.link.receive())
                if kind == 2:
                    self.calls.append((message_id, rest[0]))
                    await self.answer(message_id, self.script(rest[0], rest[1]))

    async def answer(self, message_id: str, answer: object) -> None:
        """Answer one CALL."""
        if isinstance(answer, tuple):
            await self.link.send(msgspec.json.encode([4, message_id, *answer, {}]).decode())
        elif answer is not None:
            await self.link.send(msgspec.json.encode([3, message_id, answer]).decode())


@asynccontextmanager
async def wire(
    world: World, script: WireScript, identity: str = "CP1", password: str = PASSWORD
) -> AsyncIterator[Wire]:
    """Connect a station of frames for the length of the block."""
    station = Wire(await world.dial(identity, password), script)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(station.run())
        yield station
        await station.link.close()


def results(payload: Mapping[str, object], status: str) -> dict[str, object]:
    """Return a SetVariablesResponse with one status, to a request."""
    return {
        "setVariableResult": [
            {"attributeStatus": status, "component": each["component"], "variable": each["variable"]}
            for each in cast(list[dict[str, object]], payload.get("setVariableData", []))
        ]
    }


def run(main: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a test's coroutine in virtual time, an hour at most."""
    virtual_time.run(main(), limit=3600.0)


def token(id_token: str, type: m.IdTokenEnum = m.IdTokenEnum.ISO14443) -> m.IdToken:
    """Return a token."""
    return m.IdToken(id_token=id_token, type=type)


def register(wh: float) -> tuple[m.MeterValue, ...]:
    """Return one reading of the import register."""
    return metered(m.SampledValue(value=wh))


def metered(*samples: m.SampledValue, after: float = 0.0) -> tuple[m.MeterValue, ...]:
    """Return one meter value with these samples, taken so many seconds after the start."""
    return (m.MeterValue(sampled_value=samples, timestamp=START + timedelta(seconds=after)),)


def event(
    seq_no: int,
    kind: m.TransactionEventEnum = m.TransactionEventEnum.Updated,
    *,
    transaction_id: str = "tx-1",
    id_token: m.IdToken | None = None,
    wh: float | None = None,
    meter: tuple[m.MeterValue, ...] = (),
) -> m.TransactionEventRequest:
    """Return a TransactionEvent as a station might send it."""
    return m.TransactionEventRequest(
        event_type=kind,
        timestamp=START,
        trigger_reason=m.TriggerReasonEnum.ChargingStateChanged,
        seq_no=seq_no,
        transaction_info=m.Transaction(transaction_id=transaction_id, charging_state=m.ChargingStateEnum.Charging),
        evse=m.EVSE(id=1, connector_id=1),
        id_token=id_token,
        meter_value=(meter or None) if wh is None else register(wh),
    )


def with_settings(**changes: object) -> CsmsSettings:
    """Return the settings of most tests, changed."""
    return msgspec.structs.replace(SETTINGS, **changes)
