"""The clerk: a CSMS that changes what a station has to keep, and looks again and again whether it has kept it.

Of each thing it knows the values that are possible: one, or two while a change was asked for and no answer came. An
accepted change leaves one; so does a look.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random

from ohmstead.edge.authority import Authority
from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.ports.link import Handshake
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.torture.office import Office

FIRST = "came-with-the-station"
VARIABLES = (
    ("TxCtrlr", "EVConnectionTimeOut"),
    ("OCPPCommCtrlr", "OfflineThreshold"),
    ("SampledDataCtrlr", "TxEndedInterval"),
)
CARDS = tuple(f"04CARD{number}" for number in range(4))
EVSE = 2
"""The one that is made Inoperative and Operative; cards are let in at the other."""
TIME = 60.0
"""Seconds for what takes one, on a machine that is busy."""
NOTHING = "No data"
STATUS = {wire.ConnectorStatusEnum.Unavailable: "Inoperative", wire.ConnectorStatusEnum.Available: "Operative"}


class Known:
    """What may be true of each thing."""

    def __init__(self) -> None:
        self._possible: dict[str, set[str]] = {}
        self.faults: list[str] = []

    def possible(self, what: str) -> set[str]:
        """Return the values that are possible; none: nothing is known."""
        return self._possible.get(what, set())

    def asked(self, what: str, value: str) -> None:
        """A change was asked for."""
        self._possible.setdefault(what, set()).add(value)

    def sure(self, what: str, value: str) -> None:
        """A change was accepted."""
        self._possible[what] = {value}

    def seen(self, what: str, value: str) -> None:
        """Look: it is one of what is possible, and then that."""
        if (possible := self.possible(what)) and value not in possible:
            self.faults.append(f"{what} is {value}, possible was {sorted(possible)}")
        self.sure(what, value)

    def unsure(self, what: str) -> None:
        """Nothing is known of it any more."""
        self._possible.pop(what, None)


class Clerk(Office):
    """Runs one errand after the other.

    Attributes:
        known: what has to be true.
        counts: how often each errand was run to its end.
    """

    def __init__(self, random: Random, files: HttpFileServer) -> None:
        super().__init__()
        self.known = Known()
        self.known.sure("password", FIRST)
        self.counts: dict[str, int] = {}
        self._errand = self._awaited = ""
        self._random = random
        self._files = files
        self._number = 0
        self._statuses: dict[int, wire.ConnectorStatusEnum] = {}
        self._logs: dict[int, str] = {}
        self._log = self._asked_log = 0
        self._told: dict[int, tuple[bool, str]] = {}
        self._heard = asyncio.Event()
        self._roots = [Authority.generate(f"Root {number}").root for number in range(3)]

    def born(self) -> None:
        """A new process has told nothing yet."""
        super().born()
        self._statuses.clear()
        self._errand, self._awaited = "looking", ""

    def admit(self, handshake: Handshake) -> int:
        """Let in whoever shows a password that is possible."""
        shown = handshake.password or ""
        if shown not in self.known.possible("password"):
            self.known.faults.append(f"life {self.life}: {shown} is no password that the station may use")
            return 401
        self.known.sure("password", shown)
        return 101

    async def errands(self, rpc: RpcConnection) -> None:
        """See that everything is as it was, then change one thing after the other."""
        await self._look(rpc)
        if self.enough:
            self.done.set()
            return
        every = (self._set, self._password, self._availability, self._get_log, self._card, self._forget, self._install)
        while True:
            errand: Callable[[RpcConnection], Coroutine[object, object, None]] = self._random.choice(every)
            self._errand, self._awaited = errand.__name__, ""
            await errand(rpc)
            self.counts[errand.__name__] = self.counts.get(errand.__name__, 0) + 1
            self._note()

    def hear(self, request: Request[Response]) -> Response | None:
        """Write down what is told."""
        response: Response | None = None
        match request:
            case wire.StatusNotificationRequest():
                self._statuses[request.evse_id] = request.connector_status
            case wire.LogStatusNotificationRequest():
                assert request.request_id is not None
                self._logs[request.request_id] = request.status.value
                response = wire.LogStatusNotificationResponse()
            case wire.NotifyCustomerInformationRequest():
                before = "" if request.seq_no == 0 else self._told[request.request_id][1]
                self._told[request.request_id] = (not request.tbc, before + request.data)
                response = wire.NotifyCustomerInformationResponse()
            case wire.AuthorizeRequest():
                accepted = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted)
                response = wire.AuthorizeResponse(id_token_info=accepted)
            case wire.TransactionEventRequest():
                response = wire.TransactionEventResponse()
        self._heard.set()
        return response

    def check(self) -> None:
        """Nothing was found to be other than it had to be."""
        assert not self.known.faults, self.known.faults

    # To look

    async def _look(self, rpc: RpcConnection) -> None:
        data = tuple(wire.GetVariableData(component=_component(c), variable=_variable(v)) for c, v in VARIABLES)
        answer = await rpc.call(wire.GetVariablesRequest(get_variable_data=data))
        for (_, name), result in zip(VARIABLES, answer.get_variable_result, strict=True):
            self.known.seen(name, result.attribute_value or "")
        installed = await rpc.call(wire.GetInstalledCertificateIdsRequest())
        self.known.seen("roots", str(len(installed.certificate_hash_data_chain or ())))
        await self._until(lambda: EVSE in self._statuses, "a status")
        if self._log:
            await self._until(lambda: self._logs.get(self._log) == "Uploaded", f"log {self._log} is Uploaded")
            self._log = 0
        wanted = self.known.possible("availability")
        if len(wanted) == 1:
            await self._until(lambda: STATUS[self._statuses[EVSE]] in wanted, f"EVSE {EVSE} is {wanted}")
        self.known.seen("availability", STATUS[self._statuses[EVSE]])
        for card in CARDS:
            await self._look_for(rpc, card)

    async def _look_for(self, rpc: RpcConnection, card: str) -> None:
        """Whether a card is in the cache."""
        self._number += 1
        request = wire.CustomerInformationRequest(
            request_id=self._number, report=True, clear=False, id_token=_token(card)
        )
        if (await rpc.call(request)).status != "Accepted":
            return
        told = await self._report()
        if "session" not in told.lower():
            self.known.seen(card, "unknown" if told.startswith(NOTHING) else "cached")

    # To change

    async def _set(self, rpc: RpcConnection) -> None:
        """Several variables in one request."""
        self._number += 1
        values = {name: str(1000 + self._number + offset) for offset, (_, name) in enumerate(VARIABLES)}
        for name, value in values.items():
            self.known.asked(name, value)
        data = tuple(
            wire.SetVariableData(attribute_value=values[v], component=_component(c), variable=_variable(v))
            for c, v in VARIABLES
        )
        answer = await rpc.call(wire.SetVariablesRequest(set_variable_data=data))
        for (_, name), result in zip(VARIABLES, answer.set_variable_result, strict=True):
            assert result.attribute_status == "Accepted", result
            self.known.sure(name, values[name])

    async def _password(self, rpc: RpcConnection) -> None:
        """Another password; the station comes back with it."""
        self._number += 1
        password = f"the-password-number-{self._number:04d}"
        self.known.asked("password", password)
        data = wire.SetVariableData(
            attribute_value=password, component=_component("SecurityCtrlr"), variable=_variable("BasicAuthPassword")
        )
        answer = await rpc.call(wire.SetVariablesRequest(set_variable_data=(data,)))
        assert answer.set_variable_result[0].attribute_status == "Accepted", answer
        self.known.sure("password", password)
        self._note()
        await asyncio.Event().wait()  # the station comes back with it

    async def _availability(self, rpc: RpcConnection) -> None:
        """An EVSE without a session: at once."""
        wanted = self._random.choice(list(wire.OperationalStatusEnum))
        self.known.asked("availability", wanted.value)
        request = wire.ChangeAvailabilityRequest(operational_status=wanted, evse=wire.EVSE(id=EVSE))
        answer = await rpc.call(request)
        assert answer.status == "Accepted", answer
        self.known.sure("availability", wanted.value)
        self._note()
        await self._until(lambda: STATUS[self._statuses[EVSE]] == wanted, f"EVSE {EVSE} is {wanted.value}")

    async def _get_log(self, rpc: RpcConnection) -> None:
        """A log: what was accepted is Uploaded, by whichever process."""
        self._number += 1
        request = wire.GetLogRequest(
            log=wire.LogParameters(remote_location=self._files.place(f"logs-{self._number}")),
            log_type=self._random.choice(list(wire.LogEnum)),
            request_id=self._number,
            retries=100,
            retry_interval=1,
        )
        number = self._number
        before, self._asked_log = self._asked_log, number
        answer = await rpc.call(request)
        if answer.status == "Rejected" and before:
            # It was killed with that log accepted and no answer sent: the log goes on, and is the one that runs.
            await self._until(lambda: self._logs.get(before) == "Uploaded", f"log {before} is Uploaded")
            answer = await rpc.call(request)
        assert answer.status == "Accepted", answer
        self._log, self._asked_log = number, 0
        self._note()
        await self._until(lambda: self._logs.get(number) is not None, f"log {number} is begun")
        self._note()
        await self._until(lambda: self._logs.get(number) == "Uploaded", f"log {number} is Uploaded")
        self._log = 0

    async def _card(self, rpc: RpcConnection) -> None:
        """Let a card in, which comes into the cache; its session ends for want of a car, or is stopped by the next."""
        card = self._random.choice(CARDS)
        self.known.unsure(card)
        self._number += 1
        request = wire.RequestStartTransactionRequest(id_token=_token(card), remote_start_id=self._number, evse_id=1)
        await rpc.call(request)
        await self._look_for(rpc, card)

    async def _forget(self, rpc: RpcConnection) -> None:
        """Clear one customer, or the whole cache."""
        if self._random.random() < 0.5:
            for card in CARDS:
                self.known.asked(card, "unknown")
            if (await rpc.call(wire.ClearCacheRequest())).status == "Accepted":
                for card in CARDS:
                    self.known.sure(card, "unknown")
            return
        card = self._random.choice(CARDS)
        self._number += 1
        self.known.asked(card, "unknown")
        request = wire.CustomerInformationRequest(
            request_id=self._number, report=True, clear=True, id_token=_token(card)
        )
        if (await rpc.call(request)).status == "Accepted":
            self.known.sure(card, "unknown")
            self._note()
            await self._report()

    async def _install(self, rpc: RpcConnection) -> None:
        """Roots of the manufacturer: one more, or one that is there already."""
        self.known.unsure("roots")
        use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
        root = self._random.choice(self._roots)
        answer = await rpc.call(wire.InstallCertificateRequest(certificate_type=use, certificate=root))
        assert answer.status == "Accepted", answer
        installed = await rpc.call(wire.GetInstalledCertificateIdsRequest())
        self.known.sure("roots", str(len(installed.certificate_hash_data_chain or ())))

    async def _report(self) -> str:
        """Return the report with the latest number, which whichever process tells to its end."""
        number = self._number
        await self._until(lambda: self._told.get(number, (False, ""))[0], f"report {number} is whole")
        return self._told[number][1]

    def waits(self) -> list[str]:
        """What was not so in time, and the last errand."""
        return [*self.known.faults, f"errand {self._errand}, until {self._awaited}"]

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        self._awaited = what
        with suppress(TimeoutError):
            async with asyncio.timeout(TIME):
                while not condition():
                    self._heard.clear()
                    await self._heard.wait()
                return
        self.known.faults.append(f"life {self.life}: not so: {what}")
        self.done.set()
        await asyncio.Event().wait()


def _component(name: str) -> wire.Component:
    return wire.Component(name=name)


def _variable(name: str) -> wire.Variable:
    return wire.Variable(name=name)


def _token(card: str) -> wire.IdToken:
    return wire.IdToken(id_token=card, type=wire.IdTokenEnum.ISO14443)
