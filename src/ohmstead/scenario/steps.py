"""What a scenario can do: each step is one verb with its arguments; every action of the hand is one of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ohmstead.ports.hand import KINDS, HandAction
from ohmstead.ports.protocol_faults import ProtocolFault
from ohmstead.scenario.duration import Duration

AnyValue = Annotated[object, Meta(extra_json_schema={"description": "JSON of any kind, or one comparison."})]
Fields = Annotated[
    dict[str, AnyValue],
    Meta(
        description="Path -> value: `evse.id`, `meterValue[0].timestamp`. A value may be a comparison: {one_of: [..]}, "
        "{at_least: 5}, {at_most: 5}, {matches: regex}, {present: false}."
    ),
]
ActionWord = Annotated[str, Meta(pattern="^[A-Za-z]{1,50}$", description="An action of OCPP.")]
Times = Annotated[int, Meta(ge=1, le=100_000)]


class Verb(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all verbs of a scenario have in common, beside those of the hand."""

    verb: ClassVar[str]


class _Message(Verb, frozen=True, kw_only=True):
    action: ActionWord
    sender: Literal["station", "csms"] = "station"
    kind: Literal["CALL", "CALLRESULT", "CALLERROR"] = "CALL"
    fields: Fields = msgspec.field(default_factory=dict)


class Expect(_Message, frozen=True, kw_only=True):
    """The next message of that action has these fields; another one of it is a failure."""

    verb = "expect"


class WaitFor(_Message, frozen=True, kw_only=True):
    """A message with these fields comes; others of the same action may come before it."""

    verb = "wait_for"


class ExpectNone(_Message, frozen=True, kw_only=True):
    """No message with these fields comes within the time."""

    verb = "expect_none"


class Check(Verb, frozen=True, kw_only=True):
    """The snapshot of the station (`GET /api/v1/station`) has these values, now or within the time."""

    verb = "check"

    fields: Fields


class Command(Verb, frozen=True, kw_only=True):
    """The embedded CSMS sends a CALL; its answer has these fields."""

    verb = "command"

    action: ActionWord
    payload: Annotated[dict[str, AnyValue], Meta(description="The request.")] = msgspec.field(default_factory=dict)
    answer: Fields = msgspec.field(default_factory=dict)


class SetVariable(Verb, frozen=True, kw_only=True):
    """The local operator sets a variable of the device model."""

    verb = "set_variable"

    component: str
    variable: str
    value: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None


class Reset(Verb, frozen=True, kw_only=True):
    """The station begins anew with an empty memory."""

    verb = "reset"

    discard: Annotated[bool, Meta(description="Also transactions and messages that wait.")] = False


class AddFault(Verb, frozen=True, kw_only=True):
    """A fault of the protocol is active from now on."""

    verb = "protocol_fault"

    fault: ProtocolFault


class ClearFaults(Verb, frozen=True, kw_only=True):
    """No fault of the protocol is active any more."""

    verb = "clear_protocol_faults"


class Sleep(Verb, frozen=True, kw_only=True):
    """Time goes on."""

    verb = "sleep"

    seconds: Duration


class Repeat(Verb, frozen=True, kw_only=True):
    """The steps are done again and again."""

    verb = "repeat"

    times: Times
    steps: tuple["Step", ...]


class Together(Verb, frozen=True, kw_only=True):
    """Lists of steps that are done side by side."""

    verb = "together"

    lanes: tuple[tuple["Step", ...], ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a scenario, read and checked."""

    does: Verb | HandAction
    line: int
    """In its file, counted from 1."""
    station: str
    name: str = ""
    """For people; empty: it is named by what it does."""
    within: Duration | None = None

    @property
    def title(self) -> str:
        """Return the step in a few words."""
        return self.name or f"{self.word} {_words(self.does)}".strip()

    @property
    def word(self) -> str:
        """Return its verb."""
        return self.does.name if isinstance(self.does, HandAction) else self.does.verb


BARE: Mapping[str, str] = MappingProxyType({"sleep": "seconds", "check": "fields", "protocol_fault": "fault"})
"""Verb -> the only field of it, which stands in its place: `sleep: 5 min`."""
NESTED = ("repeat", "together")
VERBS: Mapping[str, type[Verb] | type[HandAction]] = MappingProxyType(
    {
        **KINDS,
        **{
            kind.verb: kind
            for kind in (Expect, WaitFor, ExpectNone, Check, Command, SetVariable, Reset, AddFault, ClearFaults, Sleep)
        },
        Repeat.verb: Repeat,
        Together.verb: Together,
    }
)
"""Everything that a step can do."""


def _words(does: Verb | HandAction) -> str:
    if isinstance(does, Repeat):
        return f"{does.times} times"
    if isinstance(does, Together):
        return f"{len(does.lanes)} lanes"
    if isinstance(does, AddFault):
        return f"{does.fault.__struct_config__.tag} {does.fault.action or 'every action'}"
    given: dict[str, object] = msgspec.to_builtins(does) if isinstance(does, Verb) else _fields(does)
    fields = given.pop("fields", None)
    if isinstance(fields, dict):
        given.update(fields)
    shown = [str(given.pop("action"))] if "action" in given else []
    usual = {"sender": "station", "kind": "CALL", "payload": {}, "answer": {}}
    shown += [f"{name}={value}" for name, value in given.items() if value not in (None, usual.get(name))]
    return " ".join(shown)


def _fields(action: HandAction) -> dict[str, object]:
    names = type(action).__struct_fields__
    return dict(zip(names, action.logged(), strict=False))
