"""Tapes of cases on a station that was there before them: what the lab could not do, gave up, or found out later."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases import tester
from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.persistent import afterwards, on_persistent_station
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.evidence.judge import is_misfit, judge_tape, judgment
from ohmstead.lab.evidence.tape import ASK, INTERRUPTED, LEFT, Kind, TapeEntry, after
from ohmstead.lab.rig import FirmwareImage, FirmwareKind, PersistentStation, Provisioning
from ohmstead.lab.rigs.hand import HandMissing
from ohmstead.lab.verdict import Inconclusive, Result, Verdict
from ohmstead.ports.hand import Action, Hand, Reboot
from ohmstead.ports.link import Admit, Link, LinkLost, Serve
from ohmstead.product.load import load
from tests.lab.stranger import NoHands, StrangeEndpoint, StrangeRig

PRODUCT, CONFIG = load("sec1000-240y"), LabConfig()


class SlowHand(NoHands):
    """It plugs in after an hour, and cannot press anything."""

    async def perform(self, action: Action) -> None:
        """Do nothing, slowly."""
        if isinstance(action, Reboot):
            raise HandMissing("the adapter cannot do reboot, and nobody is there to be asked")
        await asyncio.sleep(3600)


class StandingRig(StrangeRig):
    """A station that is connected already, and says nothing unless its script does."""

    def __init__(self, script: Callable[[Link], Awaitable[None]], guest: PersistentStation) -> None:
        super().__init__(script)
        self.persistent = guest

    @property
    def hand(self) -> Hand:
        """A slow one."""
        return SlowHand()

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> StrangeEndpoint:
        """Open the endpoint; a second one cannot be had."""
        if number > 1:
            raise Inconclusive("endpoint 2 cannot be had: the port is taken")
        return await super().open(number, admit, serve, own_root=own_root)

    async def lend(self) -> None:
        """Hand over the connection."""
        await self.start(self.persistent.provisioning)

    def is_calm(self) -> bool:
        """It is."""
        return True

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """There is none."""
        raise Inconclusive(f"a firmware image ({kind.value}) that this station understands is needed")


async def _answers(link: Link) -> None:
    """Answer everything with what is not there."""
    while True:
        try:
            asked = msgspec.json.decode(await link.receive(), type=list[object])
        except LinkLost:
            return
        data = msgspec.convert(asked[3], dict[str, list[dict[str, object]]])["setVariableData"]
        results = [{**one, "attributeStatus": "UnknownVariable"} for one in data]
        for one in results:
            del one["attributeValue"]
        await link.send(msgspec.json.encode([3, asked[1], {"setVariableResult": results}]).decode())


def a_case(body: Callable[[tester.Tester], Awaitable[None]], *, limit: float = 100.0, last: bool = False) -> Case:
    """Return a case of nobody's list."""
    return Case(id="TC_X_00_CS", title="", body=body, limit=limit, last=last)


def live(case: Case, guest: PersistentStation | None = None) -> Result:
    """Run it on a persistent station, with its evidence."""
    standing = guest or PersistentStation(number=7, provisioning=Provisioning())

    async def on_the_rig() -> Result:
        rig = StandingRig(_answers, standing)
        return await run_case(on_persistent_station(case, standing), rig, PRODUCT, CONFIG, record=True)

    return run(on_the_rig(), limit=10_000)


async def _nothing(_t: tester.Tester) -> None:
    """Look at nothing."""


async def _plugs(t: tester.Tester) -> None:
    await t.hand.plug(1)


async def _reboots(t: tester.Tester) -> None:
    await t.hand.reboot()


async def _firmware(t: tester.Tester) -> None:
    t.firmware(FirmwareKind.Good)


async def _second(t: tester.Tester) -> None:
    await t.open(2)


def _entry_after(what: str, value: object) -> TapeEntry:
    async def now() -> TapeEntry:
        return after(what, value=value)

    return run(now(), start=5000.0, limit=6000)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (a_case(_plugs), "not over after 100 s"),
        (a_case(_reboots), "hand: reboot: the adapter cannot do reboot, and nobody is there to be asked"),
        (a_case(_firmware), "a firmware image (Good) that this station understands is needed"),
        (a_case(_second), "endpoint 2 cannot be had: the port is taken"),
        (a_case(_nothing, last=True), "it cannot be undone, and nobody is there to provision the station again"),
    ],
    ids=["given up", "no hand", "no firmware", "no endpoint", "not begun"],
)
def test_what_cannot_be_done_is_on_the_tape(case: Case, reason: str) -> None:
    """INCONCLUSIVE, and judged again with the same reason."""
    result = live(case)
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, reason)
    assert judgment(judge_tape(result.evidence, case, PRODUCT, CONFIG)).encoded() == judgment(result).encoded()


def test_what_became_of_the_station_is_on_the_tape() -> None:
    """Notes and an interruption come after the end of the case, and count."""
    case = a_case(_nothing)
    result = live(case)
    assert result.verdict is Verdict.PASS
    said = afterwards(
        result, [_entry_after(INTERRUPTED, "the emergency stop"), _entry_after(LEFT, ["EVSE 1 is broken"])]
    )
    said = afterwards(said, [_entry_after(ASK, None)])
    again = judge_tape(said.evidence, case, PRODUCT, CONFIG)
    assert (again.verdict, again.reason) == (Verdict.INCONCLUSIVE, "the emergency stop")
    assert again.notes[-1] == "not as it was found: EVSE 1 is broken"
    assert judgment(again).encoded() == judgment(said).encoded()


@pytest.mark.parametrize("kind", [Kind.Action, Kind.Message, Kind.End])
def test_nothing_else_comes_after_the_end(kind: Kind) -> None:
    case = a_case(_nothing)
    entry = msgspec.structs.replace(_entry_after(LEFT, []), kind=kind)
    assert is_misfit(judge_tape(afterwards(live(case), [entry]).evidence, case, PRODUCT, CONFIG))


def test_ids_begin_with_the_number_of_the_case() -> None:
    """They share a connection with those of the cases before."""
    assert '[2,\\"lab-7-1\\",' in live(a_case(_nothing)).evidence
