"""Changes of a password whose outcome is uncertain: whatever the station has done, it is not locked out (A01)."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
import pytest

from ohmstead.csms.station_passwords import KIND, MAX_CANDIDATES
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.bench import CommandRefused
from ohmstead.ports.store import Put, StoreFailed, Write
from ohmstead.wire import messages as m
from tests.csms.office import PASSWORD, World, results, run, wire
from tests.csms.test_csms_admission import shown

FIRST, SECOND = "first-new-password", "second-new-password"
OTHER = {
    "setVariableData": [
        {
            "attributeValue": "60",
            "component": {"name": "OCPPCommCtrlr"},
            "variable": {"name": "HeartbeatInterval"},
        }
    ]
}
ERROR = ("InternalError", "the disk is full")


def change(password: str, component: str = "SecurityCtrlr", variable: str = "BasicAuthPassword") -> dict[str, object]:
    data = {"attributeValue": password, "component": {"name": component}, "variable": {"name": variable}}
    return {"setVariableData": [data]}


def admitted(world: World, password: str) -> bool:
    """Say whether an office that starts anew on the same rows would admit a password; showing it to this one counts."""
    twin = MemoryStore()
    assert world.store is not None
    twin.commit([Put(KIND, key, row) for key, row in world.store.rows(KIND)])
    return World(store=twin).csms.admit(shown(password=password)) == 101


def valid(world: World) -> list[bool]:
    return [admitted(world, password) for password in (PASSWORD, FIRST, SECOND)]


def is_change(payload: Mapping[str, object]) -> bool:
    return b"password" in msgspec.json.encode(payload).lower()


@pytest.mark.parametrize(
    "answer",
    [None, ERROR, ("NotSupported", ""), *("Accepted", "Rejected", "RebootRequired", "UnknownVariable"), "nonsense"],
    ids=str,
)
@pytest.mark.parametrize("component", ["SecurityCtrlr", "securityctrlr"])
def test_what_is_answered_to_something_else_settles_no_password(answer: object, component: str) -> None:
    def script(_: str, payload: Mapping[str, object]) -> object:
        if is_change(payload):
            return None
        return results(payload, answer) if isinstance(answer, str) else answer

    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, script):
            result = await world.csms.send("CP1", "SetVariables", change(FIRST, component))
            assert result.kind == "Timeout"
            await world.csms.send("CP1", "SetVariables", OTHER)
            await world.csms.send("CP1", "ClearCache", {})
        assert valid(world) == [True, True, False]

    run(main)


@pytest.mark.parametrize(
    ("answer", "old", "new"),
    [
        ("Accepted", False, True),
        ("Rejected", True, False),
        ("UnknownComponent", True, False),
        ("NotSupportedAttributeType", True, False),
        ("RebootRequired", True, True),
        (ERROR, True, True),
        ({"setVariableResult": []}, True, True),
        ({"nonsense": 1}, True, True),
        (None, True, True),
    ],
    ids=str,
)
def test_what_is_answered_to_a_change_decides_what_is_valid(answer: object, old: bool, new: bool) -> None:
    def script(_: str, payload: Mapping[str, object]) -> object:
        return results(payload, answer) if isinstance(answer, str) else answer

    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, script):
            await world.csms.send("CP1", "SetVariables", change(FIRST))
        assert valid(world) == [old, new, False]

    run(main)


@pytest.mark.parametrize(
    ("status", "expected"), [("Accepted", [False, True, False]), ("Rejected", [True, False, False])]
)
def test_an_answer_that_comes_late_counts(status: str, expected: list[bool]) -> None:
    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, lambda *_: None) as station:
            await world.csms.send("CP1", "SetVariables", change(FIRST))
            (message_id, _), *_ = station.calls
            await station.answer(message_id, results(change(FIRST), status))
            await asyncio.sleep(1)
        assert valid(world) == expected

    run(main)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(None, [True, True, True]), ("Rejected", [True, True, False]), ("Accepted", [False, False, True])],
)
def test_two_changes_are_two_questions(answer: str | None, expected: list[bool]) -> None:
    def script(_: str, payload: Mapping[str, object]) -> object:
        second = SECOND.encode() in msgspec.json.encode(payload)
        return results(payload, answer) if second and answer else None

    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, script):
            for password in (FIRST, SECOND):
                await world.csms.send("CP1", "SetVariables", change(password))
        assert valid(world) == expected

    run(main)


@pytest.mark.parametrize("used", [PASSWORD, FIRST, SECOND])
def test_the_one_that_is_shown_is_the_only_one_from_then_on(used: str) -> None:
    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, lambda *_: None):
            for password in (FIRST, SECOND):
                await world.csms.send("CP1", "SetVariables", change(password))
        async with wire(world, lambda *_: None, password=used):
            pass
        assert valid(world) == [password == used for password in (PASSWORD, FIRST, SECOND)]

    run(main)


@pytest.mark.parametrize(
    "password",
    ["abc", "", "x" * 15, "x" * 41, "correct horse battery", "pässword-of-sixteen", "semicolon;semicolon", "a" * 1000],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize(
    ("component", "variable"), [("SecurityCtrlr", "BasicAuthPassword"), ("SECURITYCTRLR", "basicauthpassword")]
)
def test_what_is_no_password_string_is_not_sent(password: str, component: str, variable: str) -> None:
    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, lambda _, payload: results(payload, "Accepted")) as station:
            with pytest.raises(CommandRefused, match=r"A00\.FR\.205") as refused:
                await world.csms.send("CP1", "SetVariables", change(password, component, variable))
            assert len(password) < 4 or password not in str(refused.value)
            both = {"setVariableData": [*OTHER["setVariableData"], *change(password)["setVariableData"]]}  # type: ignore[misc]
            with pytest.raises(CommandRefused, match=r"A00\.FR\.205"):
                await world.csms.send("CP1", "SetVariables", both)
            assert "SetVariables" not in [action for _, action in station.calls]
        assert admitted(world, PASSWORD)

    run(main)


@pytest.mark.parametrize(
    ("reported", "length", "goes"), [(64, 64, True), (48, 49, False), (1000, 65, False), (8, 40, True)]
)
def test_a_station_that_takes_longer_ones_may_get_them(reported: float, length: int, goes: bool) -> None:
    """Its maxLimit is 40 to 64 (erratum to A00.FR.205)."""

    async def main() -> None:
        world = World(store=MemoryStore())
        async with world.station() as station:
            await station.boot()
            about = m.VariableCharacteristics(
                data_type=m.DataEnum.string, max_limit=reported, supports_monitoring=False
            )
            entry = m.ReportData(
                component=m.Component(name="SecurityCtrlr"),
                variable=m.Variable(name="BasicAuthPassword"),
                variable_attribute=(m.VariableAttribute(mutability=m.MutabilityEnum.WriteOnly),),
                variable_characteristics=about,
            )
            await station.call(
                m.NotifyReportRequest(request_id=1, generated_at=world.clock.now(), seq_no=0, report_data=(entry,))
            )
            if goes:
                assert (await world.csms.send("CP1", "SetVariables", change("x" * length))).kind == "CALLRESULT"
            else:
                with pytest.raises(CommandRefused, match=r"A00\.FR\.205"):
                    await world.csms.send("CP1", "SetVariables", change("x" * length))

    run(main)


def test_so_many_unanswered_changes_are_enough() -> None:
    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, lambda *_: ERROR):
            for number in range(MAX_CANDIDATES):
                await world.csms.send("CP1", "SetVariables", change(f"password-number-{number}"))
            with pytest.raises(CommandRefused, match="unanswered"):
                await world.csms.send("CP1", "SetVariables", change(FIRST))
        assert [admitted(world, f"password-number-{number}") for number in (0, MAX_CANDIDATES - 1)] == [True, True]
        assert admitted(world, PASSWORD)

    run(main)


class Full(MemoryStore):
    """A disk that is full."""

    def commit(self, writes: Sequence[Write]) -> None:  # noqa: ARG002
        raise StoreFailed("disk full")


def test_a_change_that_cannot_be_written_down_is_not_asked_for() -> None:
    """After a restart nobody would know the password that the station then has."""

    async def main() -> None:
        world = World(store=Full())
        async with wire(world, lambda _, payload: results(payload, "Accepted")) as station:
            with pytest.raises(CommandRefused, match="disk full"):
                await world.csms.send("CP1", "SetVariables", change(FIRST))
            assert "SetVariables" not in [action for _, action in station.calls]

    run(main)


def test_a_row_of_yesterday_with_an_open_change_keeps_both() -> None:
    async def main() -> None:
        world = World(store=MemoryStore())
        async with wire(world, lambda *_: None):
            await world.csms.send("CP1", "SetVariables", change(FIRST))
        assert world.store is not None
        ((key, row),) = world.store.rows(KIND)
        fields = msgspec.json.decode(row, type=dict[str, object])
        (fields["candidate"],) = fields.pop("candidates")  # type: ignore[misc]
        world.store.commit([Put(KIND, key, msgspec.json.encode(fields))])
        assert valid(world) == [True, True, False]

    run(main)
