"""A limit of power and current reaches the machine, with who asked for it, and the lowest of all counts."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.extensions import Extension, Installed, VendorAnswer, VendorMessage, VendorStation, answers
from ohmstead.ports.hardware import Limit, Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site

CARD = "04A1"


class Noting(Simulator):
    """A machine that notes what it is told."""

    def __init__(self, product: Product, *, random: Random) -> None:
        super().__init__(product, random=random)
        self.told: list[tuple[int, Limit]] = []

    def limit(self, evse_id: int, limit: Limit) -> None:
        """Note it, and do it."""
        self.told.append((evse_id, limit))
        super().limit(evse_id, limit)


class Ceiling:
    """An extension that limits what it is told to, and fails if it is told so."""

    def __init__(self, station: VendorStation) -> None:
        self.station = station

    @answers("limit")
    def limit(self, message: VendorMessage) -> VendorAnswer:
        """Take evseId, W, A, and whether to fail afterwards."""
        assert isinstance(message.data, list)
        evse_id, power_w, current_a, fail = message.data
        can = self.station.limit(evse_id, power_w=power_w, current_a=current_a)
        if fail:
            raise RuntimeError("afterwards")
        return VendorAnswer(data=can)


def _installed(*vendors: str) -> tuple[Installed, ...]:
    return tuple(
        Installed(vendor.rpartition(".")[2], "ceiling 1.0", Extension(vendor_id=vendor, life=Ceiling))
        for vendor in vendors
    )


async def _ask(here: Site, vendor: str, *arguments: object) -> tuple[str, str]:
    data = msgspec.Raw(msgspec.json.encode(arguments))
    request = wire.DataTransferRequest(vendor_id=vendor, message_id="limit", data=data)
    response = await here.csms.call(request)
    return response.status.value, bytes(response.data).decode()


def _ac(phases: int = 3) -> Product:
    product = load("sec1000-240y")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            current="AC",
            phases=phases,
            max_power_w=22_080.0,
            connectors=tuple(msgspec.structs.replace(one, type="cType2") for one in evse.connectors),
        )
        for evse in product.evses
    )
    return msgspec.structs.replace(product, evses=evses)


def _alive(
    body: Callable[[Site], Awaitable[None]],
    product: Product | None = None,
    vendors: tuple[str, ...] = ("com.volt",),
    machine: type[Simulator] = Noting,
) -> None:
    async def live() -> None:
        async with site(product=product, machine=machine, extensions=_installed(*vendors)) as here:
            await body(here)

    run(live(), limit=7200)


async def _charge(here: Site) -> None:
    await here.hand.plug(1, 1, "suv-100@20")
    await here.hand.present(CARD)
    await asyncio.sleep(120)
    assert here.simulator.state(1).supply is Supply.Delivering


def test_the_most_of_each_evse_is_told_at_every_boot() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        each = [(evse.id, Limit(power_w=240_000.0, asked_by=("product",))) for evse in here.host.product.evses]
        assert here.simulator.told == each
        await here.hand.cut_power()
        await here.hand.restore_power()
        await asyncio.sleep(30)
        assert here.simulator.told == each * 2

    _alive(body)


def test_what_an_extension_asks_for_holds_until_it_takes_it_back() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        await _charge(here)
        free = here.simulator.read(1).power_w
        assert free > 50_000
        assert await _ask(here, "com.volt", 1, 30_000, None, False) == ("Accepted", "true")
        await asyncio.sleep(30)
        assert here.simulator.told[-1] == (1, Limit(power_w=30_000.0, asked_by=("com.volt",)))
        assert here.simulator.read(1).power_w == pytest.approx(30_000)
        assert here.simulator.read(1).offered_w == 30_000
        assert here.simulator.read(2).offered_w == 0
        await _ask(here, "com.volt", 1, None, None, False)
        await asyncio.sleep(60)
        assert here.simulator.read(1).power_w == pytest.approx(free, rel=0.1)
        assert here.simulator.told[-1] == (1, Limit(power_w=240_000.0, asked_by=("product",)))

    _alive(body)


def test_the_lowest_of_all_who_ask_counts_for_power_and_for_current() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        await _ask(here, "com.volt", 1, 50_000, 100, False)
        await _ask(here, "com.ampere", 1, 20_000, 200, False)
        assert here.simulator.told[-1] == (
            1,
            Limit(power_w=20_000.0, current_a=100.0, asked_by=("com.ampere", "com.volt")),
        )
        before = len(here.simulator.told)
        await _ask(here, "com.ampere", 1, 20_000, 300, False)
        assert len(here.simulator.told) == before  # nothing is new for the machine

    _alive(body, vendors=("com.volt", "com.ampere"))


def test_nobody_asks_for_more_than_the_product_gives() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        before = list(here.simulator.told)
        await _ask(here, "com.volt", 1, 1_000_000, None, False)
        assert here.simulator.told == before

    _alive(body)


@pytest.mark.parametrize(
    ("limit", "flows"),
    [
        ((None, 16.0), 16 * 230 * 3),
        ((None, 6.0), 6 * 230 * 3),
        ((None, 5.9), 0),
        ((11_040.0, None), 11_040),
        ((4_000.0, None), 0),
        ((0.0, None), 0),
        ((11_040.0, 10.0), 6_900),
    ],
)
def test_an_ac_evse_keeps_both_and_gives_nothing_below_6_a(
    limit: tuple[float | None, float | None], flows: float
) -> None:
    async def body(here: Site) -> None:
        await _charge(here)
        assert here.simulator.read(1).current_a == pytest.approx(32)
        await _ask(here, "com.volt", 1, *limit, False)
        await asyncio.sleep(60)
        assert here.simulator.read(1).power_w == pytest.approx(flows)
        suspended = here.csms.events[-1].transaction_info.charging_state is wire.ChargingStateEnum.SuspendedEVSE
        assert suspended is (flows == 0)
        await _ask(here, "com.volt", 1, None, None, False)
        await asyncio.sleep(60)
        assert here.simulator.read(1).current_a == pytest.approx(32)

    _alive(body, product=_ac())


@pytest.mark.parametrize("limit", [(0.0, None), (None, 0.0)])
def test_zero_holds_a_dc_evse_back(limit: tuple[float | None, float | None]) -> None:
    async def body(here: Site) -> None:
        await _charge(here)
        await _ask(here, "com.volt", 1, *limit, False)
        await asyncio.sleep(60)
        assert here.simulator.state(1).supply is Supply.SuspendedEVSE
        assert here.simulator.read(1).offered_w == 0

    _alive(body)


def test_a_handler_that_fails_has_not_limited_anything() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        before = list(here.simulator.told)
        assert (await _ask(here, "com.volt", 1, 10_000, None, True))[0] == "Rejected"
        assert here.simulator.told == before
        await _ask(here, "com.volt", 1, None, 50, False)
        assert here.simulator.told[-1] == (
            1,
            Limit(power_w=240_000.0, current_a=50.0, asked_by=("com.volt", "product")),
        )

    _alive(body)


@pytest.mark.parametrize("arguments", [(9, 1000, None), (0, 1000, None), (1, -1, None), (1, None, -1), (1, "x", None)])
def test_what_is_no_limit_is_refused(arguments: tuple[object, ...]) -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        before = list(here.simulator.told)
        assert (await _ask(here, "com.volt", *arguments, False))[0] == "Rejected"
        assert here.simulator.told == before

    _alive(body)


def test_a_reboot_forgets_what_extensions_asked_for() -> None:
    async def body(here: Site) -> None:
        assert isinstance(here.simulator, Noting)
        await _ask(here, "com.volt", 1, 10_000, None, False)
        await here.hand.reboot()
        await asyncio.sleep(30)
        assert [told for told in here.simulator.told if told[0] == 1][-1][1].power_w == 240_000.0

    _alive(body)


class Unlimited(Simulator):
    """A machine that gives what it has."""

    limit = None  # type: ignore[assignment]  # a machine without the method


def test_an_extension_hears_that_the_machine_cannot_be_limited() -> None:
    async def body(here: Site) -> None:
        await _charge(here)
        assert await _ask(here, "com.volt", 1, 10_000, None, False) == ("Accepted", "false")
        await asyncio.sleep(30)
        assert here.simulator.read(1).power_w > 50_000

    _alive(body, machine=Unlimited)


class AtOnce:
    """An extension that limits an EVSE at every boot, and the more the longer it runs."""

    def __init__(self, station: VendorStation) -> None:
        station.limit(1, power_w=9_000)
        station.later(60, partial(self._lower, station))

    def _lower(self, station: VendorStation) -> None:
        station.limit(1, power_w=8_000)


def test_an_extension_may_ask_from_the_beginning_and_by_itself() -> None:
    async def live() -> None:
        extension = Extension(vendor_id="com.volt", life=AtOnce)
        async with site(machine=Noting, extensions=(Installed("volt", "volt 1.0", extension),)) as here:
            assert isinstance(here.simulator, Noting)
            await here.hand.reboot()
            await asyncio.sleep(30)
            assert [limit.power_w for evse_id, limit in here.simulator.told if evse_id == 1][-1] == 9_000
            await asyncio.sleep(60)
            assert here.simulator.told[-1] == (1, Limit(power_w=8_000.0, asked_by=("com.volt",)))

    run(live(), limit=7200)
