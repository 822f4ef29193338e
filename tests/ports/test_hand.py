"""The actions of the hand: one type each, which everybody who does, sends, writes down or asks for it shares."""

import inspect

import msgspec
import pytest

from ohmstead.ports.hand import (
    KINDS,
    Action,
    Clear,
    CutNetwork,
    CutPower,
    EmergencyStop,
    Fault,
    HandAction,
    Plug,
    RestoreNetwork,
    RestorePower,
    Unplug,
    WrongAction,
    as_json,
    from_json,
)
from ohmstead.ports.hand_methods import HandMethods
from tests.ports.actions import every_action, every_short_action

TRAVELS = {
    "plug": ('{"evse_id":2,"connector_id":2,"ev":"[red]04"}', '[2,2,"[red]04"]', "plug(2, 2)"),
    "unplug": ('{"evse_id":2}', "[2]", "unplug(2,)"),
    "insert-cable": ('{"evse_id":2,"connector_id":2,"rating":13}', "[2,2,13]", "insert_cable(2, 2)"),
    "remove-cable": ('{"evse_id":2}', "[2]", "remove_cable(2,)"),
    "connect-ev": ('{"evse_id":2,"connector_id":2,"ev":"[red]04"}', '[2,2,"[red]04"]', "connect_ev(2, 2)"),
    "disconnect-ev": ('{"evse_id":2}', "[2]", "disconnect_ev(2,)"),
    "present": (
        '{"id_token":"[red]04","type":"[red]04","evse_id":2}',
        '["[red]04","[red]04",2]',
        "present('[red]04', '[red]04', 2)",
    ),
    "choose": ('{"option":"[red]04"}', '["[red]04"]', "choose('[red]04',)"),
    "arrive": ('{"evse_id":2}', "[2]", "arrive(2,)"),
    "leave": ('{"evse_id":2}', "[2]", "leave(2,)"),
    "suspend": ('{"evse_id":2}', "[2]", "suspend(2,)"),
    "resume": ('{"evse_id":2}', "[2]", "resume(2,)"),
    "stop-by-ev": ('{"evse_id":2}', "[2]", "stop_by_ev(2,)"),
    "fault": ('{"evse_id":2,"connector_id":2,"code":"[red]04"}', '[2,2,"[red]04"]', "fault(2, 2, '[red]04')"),
    "clear": ('{"evse_id":2,"connector_id":2}', "[2,2]", "clear(2, 2)"),
    "emergency-stop": ('{"pressed":true}', "[true]", "emergency_stop(True,)"),
    "remove-certificate": ("{}", "[]", "remove_certificate()"),
    "cut-power": ("{}", "[]", "cut_power()"),
    "restore-power": ("{}", "[]", "restore_power()"),
    "reboot": ("{}", "[]", "reboot()"),
    "cut-network": ('{"interface":"[red]04"}', '["[red]04"]', "cut_network('[red]04',)"),
    "restore-network": ('{"interface":"[red]04"}', '["[red]04"]', "restore_network('[red]04',)"),
}
"""Word -> JSON of API and adapter, arguments in the evidence, line of the log: formats, which others read."""


class Told(HandMethods[None]):
    """Keeps what it is told to do."""

    def __init__(self) -> None:
        self.done: list[Action] = []

    def perform(self, action: Action) -> None:
        """Keep it."""
        self.done.append(action)


@pytest.mark.parametrize("action", [*every_action(), *every_short_action()], ids=repr)
def test_an_action_goes_round_by_its_name_and_its_arguments(action: Action) -> None:
    assert from_json(action.name, as_json(action)) == action
    assert from_json(action.path(), as_json(action)) == action
    assert action.arguments() == tuple(msgspec.structs.asdict(action).values())


def test_no_format_has_changed() -> None:
    """A kind that is new adds a line to the table, and changes none."""
    now = {
        action.path(): (
            as_json(action).decode(),
            msgspec.json.encode(action.arguments()).decode(),
            f"{action.name}{action.logged()}",
        )
        for action in every_action()
    }
    assert now == TRAVELS


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("wave", "{}", "there is no action 'wave', but plug, unplug, "),
        ("", "{}", "there is no action ''"),
        ("plug", '{"evse_id":1,"cable":1}', "plug: Object contains unknown field `cable`"),
        ("cut-power", '{"evse_id":1}', "cut-power: Object contains unknown field `evse_id`"),
        ("plug", "{}", "plug: Object missing required field `evse_id`"),
        ("stop_by_ev", '{"evse_id":"1"}', "stop-by-ev: Expected `int`, got `str` - at `$.evse_id`"),
        ("plug", '{"evse_id":0}', "Expected `int` >= 1 - at `$.evse_id`"),
        ("present", f'{{"id_token":"{"0" * 37}"}}', "Expected `str` of length <= 36 - at `$.id_token`"),
        ("reboot", "[]", "reboot: Expected `object`, got `array`"),
        ("reboot", "{", "reboot: Input data was truncated"),
        ("reboot", b'{"\xff":1}', "reboot: "),
    ],
)
def test_what_is_no_action_says_why(name: str, arguments: str | bytes, words: str) -> None:
    with pytest.raises(WrongAction) as caught:
        from_json(name, arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_kind_is_a_method_of_the_same_name_and_arguments() -> None:
    methods = {
        name: method
        for name, method in inspect.getmembers(HandMethods, inspect.isfunction)
        if not name.startswith("_") and name != "perform"
    }
    assert methods.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        taken = list(inspect.signature(methods[name]).parameters.values())[1:]
        fields = msgspec.structs.fields(kind)
        assert [one.name for one in taken] == [field.name for field in fields]
        left_out = [msgspec.NODEFAULT if one.default is one.empty else one.default for one in taken]
        assert left_out == [field.default for field in fields], name


@pytest.mark.parametrize("action", [*every_action(), *every_short_action()], ids=repr)
def test_a_method_performs_its_kind(action: Action) -> None:
    hand = Told()
    getattr(hand, action.name)(**msgspec.structs.asdict(action))
    assert hand.done == [action]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_says_what_it_is(kind: type[Action]) -> None:
    """For the control API a heading and a sentence, for a person what to do; and no docstring is that of all."""
    assert kind.summary
    assert kind.ask.endswith(".")
    assert kind.__doc__
    assert kind.__doc__ != HandAction.__doc__
    assert kind.undone_by in ("", *KINDS)


@pytest.mark.parametrize(
    ("done", "back"),
    [
        (Plug(2, 1, "sedan-77"), Unplug(2)),
        (Unplug(2), None),
        (Fault(2, 0, "GroundFailure"), Clear(2, 0)),
        (EmergencyStop(True), EmergencyStop(False)),
        (EmergencyStop(False), None),
        (CutPower(), RestorePower()),
        (RestorePower(), None),
        (CutNetwork("Wired0"), RestoreNetwork("Wired0")),
    ],
    ids=repr,
)
def test_what_undoes_an_action_happens_at_the_same_place(done: Action, back: Action | None) -> None:
    assert done.undo() == back


@pytest.mark.parametrize("action", every_action(), ids=repr)
def test_what_undoes_an_action_can_be_made_of_it(action: Action) -> None:
    back = action.undo()
    assert (back is not None) == bool(action.undone_by)
    assert back is None or back.name == action.undone_by
