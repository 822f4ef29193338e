"""Why a case failed, for somebody who knows OCPP and not this program: one text, which pages, files and terminal show.

`explain` makes it of a result: the step in words, what was wanted and what came, what a right station would have sent,
the requirements in our own words, the reading behind it where there is one, and the frames around it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ohmstead.lab.cases.rules import FRAMES
from ohmstead.lab.cases.rules import STEP as GENERAL
from ohmstead.lab.reading import Reading, readings
from ohmstead.lab.report.json_paths import Path, ShownLine, json_lines, one_line
from ohmstead.lab.report.right_message import right_message
from ohmstead.lab.report.state_requirements import STATE_REQUIREMENTS
from ohmstead.lab.report.wire_lines import (
    CALL,
    WireLine,
    field_of,
    frame_of,
    is_message,
    message_of,
    nothing_came,
    place_in,
    wire_lines,
)
from ohmstead.lab.requirement_words import requirement_words
from ohmstead.lab.verdict import Finding, Result, Verdict

BACK_OFF = "Part 4, 5.3"
"""Where it says how long the station waits before it tries to connect again."""
ALSO = "Also wrong in this case; it may follow from what stands above"
"""Over whatever is not the first thing that was wrong."""
BEFORE, AFTER = 6, 2
"""Lines of the wire log around the one that is marked."""
BESIDE = 2
"""Before one that is marked for what else was wrong."""
LONGEST = 220
"""Characters of a frame that is not the marked one."""
HAND = {
    "plug": "plug-in", "unplug": "unplugging", "present": "presenting a token", "choose": "a choice on the display",
    "cut power": "a power cut", "restore power": "the return of power", "cut network": "a network outage",
    "restore network": "the return of the network", "reboot": "a reboot by hand", "arrive": "the arrival of an EV",
    "leave": "the departure of the EV", "remove cable": "removing the cable", "plug cable": "plugging in the cable",
    "connect ev": "connecting the EV", "disconnect ev": "disconnecting the EV",
}  # fmt: skip
"""Action of the hand -> what it is called in a sentence; of any other its name."""


class CitedRequirement(msgspec.Struct, frozen=True):
    """A requirement of the specification."""

    id: str
    text: str
    """What it asks for, in our own words."""


class ShownFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the wire log, as it is shown."""

    at: float
    """Seconds since the case began."""
    way: str
    """`<` from the station, `>` to it, `.` a remark of the lab."""
    title: str
    """The message, or the remark."""
    lines: tuple[ShownLine, ...] = ()
    """Its payload: one line, or indented with the field marked."""
    marked: bool = False


class ExplainedFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was wrong in a case."""

    step: str
    """The step in words: where in the case, what happened before, what the station should do now."""
    message: str
    """`TransactionEventRequest`, or what else was looked at."""
    field: str = ""
    """`transactionInfo.chargingState`; empty: the message as a whole."""
    wanted: str
    got: str
    right: str
    """What a right station would have sent: a frame of JSON, or a sentence."""
    requirements: tuple[CitedRequirement, ...]
    reading: str = ""
    """Where specification and official case do not ask for the same here: both, in our own words."""
    frames: tuple[ShownFrame, ...]
    cause: str
    """One line that cases which fail for the same have in common."""
    after: str = ""
    """What the station did it after, or should have: `plug-in`, `ResetRequest`."""

    @property
    def place(self) -> str:
        """Message and field."""
        return f"{self.message}: {self.field}" if self.field else self.message


class Explanation(ExplainedFinding, frozen=True, kw_only=True, omit_defaults=True):
    """Why a case failed: the first thing that was wrong in it."""

    also: tuple[ExplainedFinding, ...] = ()
    """What else was wrong, in order; it may follow from the first."""


def explain(result: Result) -> Explanation | None:
    """Return why a case failed; None for a case that did not, or that has no finding."""
    finding = result.finding
    if result.verdict is not Verdict.FAIL or finding is None:
        return None
    lines = wire_lines(result.log)
    first = _explained(result, finding, lines, BEFORE, AFTER)
    also = tuple(_explained(result, one, lines, BESIDE, 0) for one in result.also)
    parts = {name: getattr(first, name) for name in first.__struct_fields__}
    return Explanation(**parts, also=also)


def _explained(
    result: Result, finding: Finding, lines: Sequence[WireLine], before: int, after_it: int
) -> ExplainedFinding:
    number = frame_of(finding, lines)
    end = _noted_at(finding, lines) if number is None else number
    place = place_in(finding, lines[number]) if number is not None else None
    message = message_of(finding, lines, number)
    field = field_of(finding, message, place)
    frame = lines[number] if number is not None else None
    after = _trigger(lines, end)
    told = {str(one) for one in (finding, *result.also, result.finding)}
    shown = [line for line in lines[:end] if line.text not in told][-before:]
    rest = [line for line in lines[end + 1 :] if line.text not in told][:after_it] if number is not None else []
    return ExplainedFinding(
        step=f"{_step(result, finding)} {_after(after)}{_asked(finding, message, field)}.",
        message=message,
        field=field,
        wanted=finding.wanted,
        got=finding.got,
        right=right_message(finding, message, field, frame, place),
        requirements=tuple(_cited(result, finding, f"{message} {field} {finding.wanted} {finding.got}")),
        reading=_reading(result, finding),
        frames=(*map(_shown, shown), _marked(frame, shown, place, finding, message), *map(_shown, rest)),
        cause=_cause(finding, message, field),
        after=_done(after) if after is not None else "",
    )


def _noted_at(finding: Finding, lines: Sequence[WireLine]) -> int:
    """Return the line up to which nothing had come that was waited for: the remark that says so, else the end."""
    told = str(finding)
    return next((number for number, line in enumerate(lines) if line.way == "." and line.text == told), len(lines))


def _step(result: Result, finding: Finding) -> str:
    case = f"{result.id}{f' ({result.title})' if result.title else ''}"
    state = re.fullmatch(r"([A-Za-z]\w*)\.(\d+)", finding.step)
    if finding.step == GENERAL:
        return f"A rule that holds in every step of every case was broken in {case}:"
    if state is not None:
        return f"Step {state[2]} of the reusable state {state[1]}, on the way to {case}:"
    if finding.step in ("begin", "maybe", "present", "call", "set", "get"):
        return f"While {case} is being prepared:"
    if finding.step in ("end", "quiet"):
        return f"At the end of {case}, when nothing more should come:"
    if finding.step in ("before", "after"):
        return f"{finding.step.capitalize()} the steps of {case}:"
    if not finding.step[:1].isdigit():
        return f"In {case}, {finding.step}:"
    return f"Step {finding.step} of {case}:"


def _trigger(lines: Sequence[WireLine], end: int) -> WireLine | None:
    """Return the last thing that was done to the station before a line."""
    for line in reversed(lines[:end]):
        if (line.way == ">" and line.kind == CALL) or re.match(r"hand: |the station gets its power", line.text):
            return line
    return None


def _done(line: WireLine) -> str:
    hand = re.match(r"hand: (\w+)", line.text)
    if line.kind == CALL:
        return line.message
    if hand is None:
        return "power-up"
    return HAND.get(name := hand[1].replace("_", " "), name)


def _after(line: WireLine | None) -> str:
    if line is None:
        return ""
    sent = "sent by the lab " if line.kind == CALL else ""
    return f"after {_done(line)} ({sent}at {line.at:.3f} s) "


def _a(message: str) -> str:
    return f"{'an' if message[0] in 'AEIOU' else 'a'} {message}"


def _asked(finding: Finding, message: str, field: str) -> str:
    """Return what the lab waits for, or looks at."""
    if nothing_came(finding) and finding.wanted.startswith("one"):
        verb = "send" if is_message(message) else "make"
        return (
            f"the station has to {verb} {_a(message)}{f' {field}' if field else ''}{finding.wanted.removeprefix('one')}"
        )
    if finding.wanted.startswith("none: "):
        return f"nothing more is due, and {_a(message)} comes that nobody asked for"
    if is_message(message) and re.match(r"none( for | with |$)", finding.wanted):
        return f"the station must not send {_a(message)}{finding.wanted.removeprefix('none')}"
    if not field:
        return f"the lab looks at the {message}"
    return f"the lab looks at the {message}: {field}" if " " in field else f"the lab looks at {field} of {message}"


def _cited(result: Result, finding: Finding, about: str) -> Iterator[CitedRequirement]:
    """Yield the requirements, those that speak of what was looked at first."""
    table = requirement_words()
    readings_of = [one.requirements for one in result.disputed if one.finding == finding]
    waited = (BACK_OFF,) if "wait before the attempt" in finding.field else ()
    own = dict.fromkeys((*finding.requirements, *waited, *(cited for some in readings_of for cited in some)))
    state, _, _ = finding.step.partition(".")
    about_state = STATE_REQUIREMENTS.get(state, ())
    asked = {word.lower() for word in re.findall(r"[A-Za-z]{5,}", about)}

    def speaks(identifier: str) -> int:
        return len(asked & {word.lower() for word in re.findall(r"[A-Za-z]{5,}", table.get(identifier, ""))})

    rest = sorted((one for one in about_state or result.requirements if one not in own), key=speaks, reverse=True)
    if not own and not rest:
        yield CitedRequirement(
            f"Part 6, {result.id}", "The text of the official case asks for it; it cites no requirement."
        )
    for identifier in (*own, *_of_response(about, (*own, *rest)), *rest):
        yield CitedRequirement(identifier, table.get(identifier, ""))


def _of_response(about: str, cited: Sequence[str]) -> list[str]:
    """Return what a response that no cited requirement speaks of is about: a case may need it on its way only."""
    response = re.match(r"(\w+)Response\b", about)
    table = requirement_words()
    if response is None or any(response[1] in table.get(identifier, "") for identifier in cited):
        return []
    return [identifier for identifier, text in table.items() if text.startswith(f"{response[1]} ")][:2]


def _reading(result: Result, finding: Finding) -> str:
    names = [one.reading for one in result.disputed if one.finding == finding]
    known = _readings()
    return " ".join(
        f"{name}: the specification: {known[name].specification} The official case: {known[name].tool}"
        for name in names
        if name in known
    )


def _readings() -> Mapping[str, Reading]:
    return {one.name: one for one in readings()}


def _marked(
    frame: WireLine | None, before: Sequence[WireLine], place: Path | None, finding: Finding, message: str
) -> ShownFrame:
    """Return the frame with its field marked, or a line that says what is missing."""
    if frame is not None:
        payload = json_lines(frame.payload, place)
        return msgspec.structs.replace(_shown(frame), lines=payload, marked=True)
    at = before[-1].at if before else 0.0
    missing = f"no {message} came" if nothing_came(finding) else f"{finding.field}: {finding.got}"
    return ShownFrame(at=at, way=".", title=f"{missing}; wanted: {finding.wanted}", marked=True)


def _shown(line: WireLine) -> ShownFrame:
    if not line.kind:
        text = re.sub(r"^hand: \w+", lambda named: named[0].replace("_", " "), line.text)
        return ShownFrame(at=line.at, way=line.way, title=text[:LONGEST])
    title = line.message or {2: "CALL", 3: "CALLRESULT"}.get(line.kind, "CALLERROR")
    if line.kind not in (2, 3):
        title = f"CALLERROR in place of {title}"
    return ShownFrame(at=line.at, way=line.way, title=title, lines=(ShownLine(one_line(line.payload, LONGEST)),))


def _cause(finding: Finding, message: str, field: str) -> str:
    if FRAMES in finding.requirements and is_message(message) and field:
        return f"{field.rpartition('.')[2]} of a message is not what its schema allows: {finding.got_alone}"
    error = re.match(r"CALLERROR \w+", finding.got)
    if error is not None and finding.wanted.startswith("a CALLRESULT"):
        return f"{message.removesuffix('Response')} is answered {error[0]}"
    what = f"{message}, {field}" if field else message
    if nothing_came(finding):
        wanted = re.sub(r"^one with ", "", re.sub(r",? ?(one )?within .*", "", finding.wanted))
        return f"no {what}{f' with {wanted}' if wanted and wanted != 'one' else ''} comes"
    if finding.wanted.startswith("none"):
        return f"{_a(message)} comes where none should"
    return f"{what} is {'missing' if finding.got == 'nothing' else finding.got}, wanted: {finding.wanted}"
