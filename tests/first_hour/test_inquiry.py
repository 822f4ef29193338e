"""Stations that tell little, or oddly, are described all the same; and what they lack is known before a campaign."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.describe.claims import asked_keys
from ohmstead.lab.describe.description import Description, describe, known_keys
from ohmstead.lab.describe.hardware import StationReply
from ohmstead.lab.describe.inquiry import Inquiry, StationFound
from ohmstead.lab.describe.outlook import outlook
from ohmstead.lab.describe.preflight import Outcome, Trial
from ohmstead.lab.describe.questions import StationQuestion
from ohmstead.lab.rig import PersistentStation, Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.unknown_station import NobodyThere, anybody
from ohmstead.product.check import problems
from ohmstead.product.load import load
from tests.first_hour.station import UnknownStation
from tests.peers.stranger import Stranger

PASSWORD = "a-password-of-its-own"
UNKNOWN = load(Path(__file__).with_name("unknown.toml"))
Runs = Callable[[str], Coroutine[None, None, None]]


def _usual(question: StationQuestion) -> StationReply:
    return StationReply(question.read(question.usual), "assumed")


async def _found(folder: Path, run: Runs) -> StationFound:
    place, provisioning = ListenAddress.parse("ws://127.0.0.1:0"), Provisioning(security_profile=1)
    rig = ExternalRig(anybody(), place, NobodyThere(), provisioning, folder, tolerance=0.6, patience=3.0)
    await rig.listen()
    task = asyncio.create_task(run(rig.url))
    try:
        inquiry = Inquiry(rig, anybody(), lambda _text: None)
        assert await inquiry.meet(60)
        await inquiry.read_inventory()
        if not inquiry.found.complete:
            await inquiry.read_variables([*known_keys(), *asked_keys()])
        await inquiry.try_triggers()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await rig.close()
    return inquiry.found


def _described(folder: Path, *makes: Callable[[], Runs]) -> list[tuple[StationFound, Description]]:
    async def all_of_them() -> list[StationFound]:
        runs = [make() for make in makes]
        return await asyncio.gather(*(_found(folder / str(at), run) for at, run in enumerate(runs)))

    found = asyncio.run(all_of_them())
    descriptions = [describe(one, _usual) for one in found]
    assert [list(problems(one.product)) for one in descriptions] == [[]] * len(makes)
    return list(zip(found, descriptions, strict=True))


def test_little_and_odd_reports(tmp_path: Path) -> None:
    """One has no report at all, one never ends its report, one tells instants that break the schema."""
    bare, endless, local = _described(
        tmp_path,
        lambda: Stranger(PASSWORD).run,
        lambda: UnknownStation(PASSWORD, bugs=frozenset({"report-without-end"})).run,
        lambda: UnknownStation(PASSWORD, bugs=frozenset({"local-time"})).run,
    )
    found, description = bare
    assert found.missing == {"GetBaseReport": "CALLERROR NotImplemented"}
    assert description.product.start_points == ("PowerPathClosed",)
    assert description.sources["features.C-09.4"] == "seen: TxCtrlr.TxStartPoint has it"
    assert "whether it can be set was not told" in description.sources["features.C-58"]
    for found, description in (endless, local):
        assert len(found.variables) == 57
        assert description.product.identity.model == "Unknown One"
        assert [one.type for evse in description.product.evses for one in evse.connectors] == ["cType2"]
        assert description.sources["evses[0].connectors"] == "seen: Connector.ConnectorType"
    assert not endless[0].complete
    assert local[0].complete


def test_what_is_missing_is_one_reason_for_many_cases() -> None:
    station = PersistentStation(number=0, provisioning=Provisioning(security_profile=1), attended=True)
    trials = [
        Trial(name="SetVariables", outcome=Outcome.No, told="is answered CALLERROR NotImplemented"),
        Trial(name="Reset", outcome=Outcome.Unclear, told="Rejected"),
    ]
    seen = outlook(load_cases().values(), UNKNOWN, station, trials)
    reasons = {(lack.reason.partition(" ")[0], lack.fails): lack.cases for lack in seen.lacks}
    assert "TC_B_09_CS" in reasons["SetVariables", True]
    assert "TC_E_03_CS" in reasons["SetVariables", False]
    assert "TC_P_01_CS" in seen.testable
    assert not any("Reset" in lack.reason for lack in seen.lacks)


def test_a_hand_that_is_missing_is_one_reason_too() -> None:
    station = PersistentStation(number=0, provisioning=Provisioning(security_profile=1), attended=True)
    trials = [
        Trial(name=name, outcome=Outcome.No, told="nobody can do it", hand=True) for name in ("plug", "cut-power")
    ]
    seen = outlook(load_cases().values(), UNKNOWN, station, trials)
    reasons = {lack.reason: lack.cases for lack in seen.lacks}
    assert "TC_G_01_CS" in reasons["plug: nobody can do it"]
    assert reasons["cut-power: nobody can do it"] == ("TC_B_01_CS", "TC_B_02_CS", "TC_B_03_CS", "TC_B_30_CS")


@pytest.mark.parametrize("attended", [True, False])
def test_everything_there_leaves_what_cannot_be_undone(attended: bool) -> None:
    station = PersistentStation(number=0, provisioning=Provisioning(security_profile=1), attended=attended)
    seen = outlook(load_cases().values(), UNKNOWN, station, [])
    assert len(seen.testable) + sum(len(lack.cases) for lack in seen.lacks) + seen.inapplicable == len(load_cases())
    assert any("cannot be undone" in lack.reason for lack in seen.lacks) is not attended
