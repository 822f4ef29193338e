"""Sources of the time of day beside the CSMS: NTP servers in their order, and the machine's clock (2.1.25 to 30)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from ohmstead.edge.virtual_time import run
from ohmstead.ports.network_time import NoTime
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire import messages as wire
from tests.runtime.site import START, Site, site

HOUR = timedelta(hours=1)
FIRST, SECOND = "ntp.example", "other.example:1123"


class Servers:
    """NTP servers of the test: name -> how far their time is from the right one; a name that is not there is silent."""

    def __init__(self, **_: object) -> None:
        self.ahead: dict[str, timedelta] = {}
        self.asked: list[str] = []

    def offered(self) -> tuple[str, ...]:
        return ("offered.example",)

    async def ask(self, server: str) -> datetime:
        self.asked.append(server)
        if server not in self.ahead:
            raise NoTime(f"{server}: nobody there")
        return START + timedelta(seconds=asyncio.get_running_loop().time()) + self.ahead[server]


def with_sources(*sources: str, servers: tuple[str, ...] = (FIRST, SECOND)) -> Product:
    product = load("sec1000-240y")
    settings = {"ClockCtrlr.TimeSource": VariableSetting(value=",".join(sources), values=sources)}
    if "NTP" in sources:
        settings |= {
            f"ClockCtrlr.NtpServerUri[{number}]": VariableSetting(value=server)
            for number, server in enumerate(servers, start=1)
        }
    return replace(product, variables={**product.variables, **settings})


def at(here: Site) -> timedelta:
    """Return how far the station's clock is from the right time."""
    return here.clock.now() - START - timedelta(seconds=asyncio.get_running_loop().time())


def near(one: timedelta, other: timedelta) -> bool:
    return abs(one - other) < timedelta(seconds=2)


def in_virtual_time(scene: Callable[[Servers], Awaitable[None]]) -> None:
    async def played() -> None:
        await scene(Servers())

    run(played(), limit=100_000)


def tell(here: Site, ahead: timedelta) -> None:
    """Let the CSMS tell another time."""
    here.csms.answers[wire.HeartbeatRequest] = lambda _request: wire.HeartbeatResponse(
        current_time=START + timedelta(seconds=asyncio.get_running_loop().time()) + ahead
    )


async def beat(here: Site) -> None:
    """Let the station ask the CSMS for the time."""
    trigger = wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.Heartbeat)
    await here.csms.call(trigger)
    await asyncio.sleep(5)


def test_the_first_server_that_answers_is_taken_and_the_next_one_in_its_place() -> None:
    async def scene(servers: Servers) -> None:
        servers.ahead = {FIRST: HOUR, SECOND: 2 * HOUR}
        async with site(product=with_sources("NTP"), network_time=servers) as here:
            assert near(at(here), HOUR) and SECOND not in servers.asked
            del servers.ahead[FIRST]
            await asyncio.sleep(1100)
            assert near(at(here), 2 * HOUR)

    in_virtual_time(scene)


def test_the_csms_is_listened_to_only_while_no_server_answers() -> None:
    """`NTP,Heartbeat`: use NTP, but the CSMS where none of the servers responds."""

    async def scene(servers: Servers) -> None:
        async with site(product=with_sources("NTP", "Heartbeat"), network_time=servers) as here:
            tell(here, HOUR)
            await beat(here)
            assert near(at(here), HOUR)
            servers.ahead = {SECOND: timedelta()}
            await asyncio.sleep(70)
            assert near(at(here), timedelta())
            await beat(here)
            assert near(at(here), timedelta())

    in_virtual_time(scene)


def test_a_server_is_asked_in_the_place_of_a_csms_that_is_away() -> None:
    async def scene(servers: Servers) -> None:
        servers.ahead = {FIRST: 2 * HOUR}
        async with site(product=with_sources("Heartbeat", "NTP"), network_time=servers) as here:
            tell(here, HOUR)
            await beat(here)
            await asyncio.sleep(1100)
            assert near(at(here), HOUR)
            await here.hand.cut_network()
            await asyncio.sleep(2200)
            assert near(at(here), 2 * HOUR)

    in_virtual_time(scene)


@pytest.mark.parametrize("source", ["RealTimeClock", "MobileNetwork", "GPS", "RadioTimeTransmitter"])
def test_a_clock_that_the_machine_keeps_is_not_corrected_by_the_csms(source: str) -> None:
    """Until somebody puts the CSMS first; and back to the machine's time after that."""

    async def scene(_servers: Servers) -> None:
        async with site(product=with_sources(source, "Heartbeat")) as here:
            tell(here, HOUR)
            await beat(here)
            assert near(at(here), timedelta())
            assert await here.set("ClockCtrlr", "TimeSource", f"Heartbeat,{source}") == "Accepted"
            await beat(here)
            assert near(at(here), HOUR)
            assert await here.set("ClockCtrlr", "TimeSource", source) == "Accepted"
            await asyncio.sleep(1)
            assert near(at(here), timedelta())

    in_virtual_time(scene)


def test_another_server_is_asked_at_once() -> None:
    async def scene(servers: Servers) -> None:
        servers.ahead = {"mine.example": HOUR}
        async with site(product=with_sources("NTP", servers=()), network_time=servers) as here:
            assert servers.asked == []
            data = wire.SetVariableData(
                attribute_value="mine.example",
                component=wire.Component(name="ClockCtrlr"),
                variable=wire.Variable(name="NtpServerUri", instance="1"),
            )
            response = await here.csms.call(wire.SetVariablesRequest(set_variable_data=(data,)))
            assert response.set_variable_result[0].attribute_status == "Accepted"
            await asyncio.sleep(1)
            assert servers.asked == ["mine.example"] and near(at(here), HOUR)

    in_virtual_time(scene)


def test_the_server_that_the_network_offers_is_asked_where_dhcp_is_chosen() -> None:
    async def scene(servers: Servers) -> None:
        servers.ahead = {"offered.example": HOUR}
        async with site(product=with_sources("NTP"), network_time=servers) as here:
            assert await here.set("ClockCtrlr", "NtpSource", "DHCP") == "Accepted"
            await asyncio.sleep(1)
            assert servers.asked[-1] == "offered.example" and near(at(here), HOUR)

    in_virtual_time(scene)


def test_a_product_without_ntp_has_no_servers_to_set() -> None:
    assert not [name for name in variables(with_sources("Heartbeat")) if name.startswith("Ntp")]
    assert [name for name in variables(with_sources("Heartbeat", "NTP")) if name.startswith("Ntp")] == [
        "NtpServerUri",
        "NtpServerUri",
        "NtpSource",
    ]


def variables(product: Product) -> list[str]:
    from ohmstead.model.device import DeviceModel

    return [variable.name for variable in DeviceModel(product, ()).clock.variables]
