"""Reads a scenario from YAML: what is wrong in it is one line with file, line, and what would be right."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ohmstead.ports.hand import HandAction
from ohmstead.product.bounded import read_bounded
from ohmstead.product.suggestion import meant
from ohmstead.scenario.duration import Duration, NoDuration, seconds
from ohmstead.scenario.matching import check_comparison
from ohmstead.scenario.places import line_at, line_of
from ohmstead.scenario.steps import BARE, VERBS, AddFault, Check, Command, Repeat, Sleep, Step, Together, Verb
from ohmstead.wire.actions import ACTIONS

MOST_NODES = 100_000
"""Values in a file, those that an alias repeats counted each time."""
DEEPEST = 40
COMMON = ("station", "name", "within")
"""What a step may say beside its verb."""
MOST_STATIONS = 100

Identity = Annotated[str, Meta(pattern=r"^[A-Za-z0-9*_=+|@.-]{1,48}$")]


class ScenarioError(Exception):
    """A scenario cannot be used; the text names file and line, what is wrong, and what would be right."""


class StationPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One station of a scenario."""

    product: Annotated[str, Meta(description="A shipped product by name, or a product file by path.")] | None = None
    seed: int | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario, read and checked."""

    name: str
    description: str
    stations: Mapping[str, StationPlan]
    """By identity, in the order of the file."""
    seed: int
    timeouts: Mapping[str, Duration]
    csms: Mapping[str, object]
    """Settings of the embedded CSMS, as in csms.toml."""
    steps: tuple[Step, ...]
    source: str
    """File, for messages."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a scenario file has at its top."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=5000)] = ""
    product: Annotated[str, Meta(description="Of each station that names no other.")] = "flagship"
    stations: Annotated[dict[Identity, StationPlan | None], Meta(description="By identity; none: one, OHM-0001.")] = (
        msgspec.field(default_factory=dict)
    )
    seed: Annotated[int, Meta(description="Of cars, ids and jitter.")] = 1
    timeouts: Annotated[
        dict[str, Duration], Meta(description="Names for times; `message` is that of a step that names none.")
    ] = msgspec.field(default_factory=dict)
    csms: Annotated[
        dict[str, Annotated[object, Meta(extra_json_schema={"description": "As in csms.toml."})]],
        Meta(description="Settings of the embedded CSMS, as in csms.toml: tokens, heartbeat_interval ..."),
    ] = msgspec.field(default_factory=dict)
    steps: Annotated[list[dict[str, object]], Meta(min_length=1)]


KindT = TypeVar("KindT")

MESSAGE_TIMEOUT = 60.0
"""Seconds in which a message that is expected comes, where nothing else is said."""


def read_scenario(path: Path) -> Scenario:
    """Read a file. Raises ScenarioError."""
    try:
        content = read_bounded(path)
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: is no text in UTF-8") from None
    return parse_scenario(text, str(path))


def parse_scenario(text: str, source: str) -> Scenario:
    """Return the scenario that a text of YAML is. Raises ScenarioError."""
    return _Reader(source).scenario(text)


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._nodes = 0
        self._timeouts: Mapping[str, Duration] = {}
        self._stations: tuple[str, ...] = ()

    def scenario(self, text: str) -> Scenario:
        document = self._load(text)
        head = self._convert(document, Head, document)
        plans = {name: plan or StationPlan() for name, plan in head.stations.items()} or {"OHM-0001": StationPlan()}
        if len(plans) > MOST_STATIONS:
            raise self._wrong(line_of(document, "stations"), f"{len(plans)} stations; at most {MOST_STATIONS} would do")
        self._stations = tuple(plans)
        self._timeouts = head.timeouts
        for name in head.timeouts:
            self._seconds(head.timeouts[name], line_of(document["timeouts"], name))
        steps = document["steps"]
        return Scenario(
            name=head.name,
            description=head.description,
            stations={
                name: StationPlan(product=plan.product or head.product, seed=plan.seed) for name, plan in plans.items()
            },
            seed=head.seed,
            timeouts={"message": MESSAGE_TIMEOUT, **head.timeouts},
            csms=head.csms,
            steps=self._steps(steps, None),
            source=self._source,
        )

    def _load(self, text: str) -> CommentedMap:
        try:
            document = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._wrong(mark.line + 1 if mark else 1, f"no YAML: {error.problem or error.context}") from None
        except (YAMLError, ValueError, RecursionError) as error:
            raise self._wrong(1, f"no YAML: {' '.join(str(error).split())[:200]}") from None
        if not isinstance(document, CommentedMap):
            raise self._wrong(1, "no mapping; right would be `name: ...` and `steps: ...`")
        return document

    def _steps(self, given: object, station: str | None) -> tuple[Step, ...]:
        if not isinstance(given, CommentedSeq):
            raise self._wrong(line_of(given), "no list of steps; right would be `- plug: {evse_id: 1}`")
        return tuple(self._step(one, line_of(given, index), station) for index, one in enumerate(given))

    def _step(self, given: object, line: int, station: str | None) -> Step:
        if not isinstance(given, CommentedMap):
            raise self._wrong(line, "no step; right would be `- plug: {evse_id: 1}`")
        words = [str(key) for key in given if key not in COMMON]
        if len(words) != 1:
            told = f"a step with {', '.join(words)}" if words else "a step without a verb"
            raise self._wrong(line, f"{told}; right would be exactly one, such as plug, present, expect")
        word = words[0]
        if word not in VERBS:
            raise self._wrong(line_of(given, word), f"no step {word!r}{meant(word, VERBS)}")
        common = self._convert(
            CommentedMap({key: given[key] for key in given if key in COMMON}), _Common, given, above=line
        )
        station = common.station or station or self._stations[0]
        if station not in self._stations:
            raise self._wrong(line_of(given, "station"), f"no station {station!r}{meant(station, self._stations)}")
        if common.within is not None:
            self._seconds(common.within, line_of(given, "within"))
        does = self._does(word, given, station)
        return Step(does=does, line=line, station=station, name=common.name, within=common.within)

    def _does(self, word: str, given: CommentedMap, station: str) -> Verb | HandAction:
        arguments, line = given[word], line_of(given, word)
        if word == Repeat.verb:
            plan = self._arguments(arguments, line, ("times", "steps"))
            times = self._convert(CommentedMap({"times": plan["times"]}), _Times, plan, above=line).times
            return Repeat(times=times, steps=self._steps(plan["steps"], station))
        if word == Together.verb:
            if not isinstance(arguments, CommentedSeq):
                raise self._wrong(line, "no lanes; right would be a list of lists of steps")
            return Together(lanes=tuple(self._steps(lane, station) for lane in arguments))
        kind = VERBS[word]
        bare = BARE.get(word)
        plain = {bare: arguments} if bare is not None else arguments if arguments is not None else {}
        does = self._convert(plain, kind, arguments, above=line, bare=bare)
        self._check(does, line)
        return does

    def _arguments(self, arguments: object, line: int, names: tuple[str, ...]) -> CommentedMap:
        if not isinstance(arguments, CommentedMap) or set(arguments) != set(names):
            raise self._wrong(line, f"right would be {{{', '.join(f'{name}: ...' for name in names)}}}")
        return arguments

    def _check(self, does: object, line: int) -> None:
        if isinstance(does, Sleep):
            self._seconds(does.seconds, line)
        action = getattr(does, "action", None) if isinstance(does, Verb) else None
        if isinstance(does, AddFault):
            action = does.fault.action
        if action is not None and action not in ACTIONS:
            raise self._wrong(line, f"no action {action!r} of OCPP 2.0.1{meant(action, ACTIONS)}")
        wanted = does.answer if isinstance(does, Command) else getattr(does, "fields", {})
        for want in wanted.values() if isinstance(does, Check | Command | Verb) else ():
            try:
                check_comparison(want)
            except ValueError as error:
                raise self._wrong(line, str(error)) from None

    def _seconds(self, given: Duration, line: int) -> float:
        try:
            return seconds(given, self._timeouts)
        except NoDuration as error:
            raise self._wrong(line, str(error)) from None

    def _convert(
        self, given: object, kind: type[KindT], place: object, *, above: int = 1, bare: str | None = None
    ) -> KindT:
        try:
            return msgspec.convert(self._plain(given), kind)
        except msgspec.ValidationError as error:
            text, _, path = str(error).partition(" - at `$")
            path = path.rstrip("`").removeprefix(f".{bare}" if bare else "")
            hint = "; write it in quotes" if text.startswith("Expected `str`") else ""
            where = path.removeprefix(".")
            raise self._wrong(line_at(place, path, above), f"{where + ': ' if where else ''}{text}{hint}") from None

    def _plain(self, value: object, depth: int = 0) -> object:
        """Return what YAML has read as plain dictionaries and lists."""
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > DEEPEST:
            raise self._wrong(1, f"more than {MOST_NODES} values, or {DEEPEST} of them one in another")
        if isinstance(value, Mapping):
            return {str(key): self._plain(field, depth + 1) for key, field in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(item, depth + 1) for item in value]
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        for kind in (bool, int, float, str):
            if isinstance(value, kind):
                return kind(value)
        return None if value is None else str(value)

    def _wrong(self, line: int, reason: str) -> ScenarioError:
        return ScenarioError(f"{self._source}:{line}: {reason}")


class _Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    station: str | None = None
    name: Annotated[str, Meta(max_length=200)] = ""
    within: Duration | None = None


class _Times(msgspec.Struct, frozen=True, kw_only=True):
    times: Annotated[int, Meta(ge=1, le=100_000)]
