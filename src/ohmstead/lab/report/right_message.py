"""What a right station would have sent: the frame that came, put right, or the one that was missing."""

import msgspec

from ohmstead.lab.report.json_paths import Path, merged, value_at
from ohmstead.lab.report.wire_lines import CALL, RESULT, WireLine, is_message, nothing_came
from ohmstead.lab.verdict import Finding

LONGEST = 900
"""Characters of a frame; of a longer one only what the step asks for is shown."""
MANY = ("present", "something", "a value", "reported, as it is required")
"""What is wanted of a field that may have any value."""


def right_message(finding: Finding, message: str, field: str, frame: WireLine | None, place: Path | None) -> str:
    """Return a frame as JSON, or a sentence where no frame can say it.

    Args:
        finding: what was wrong.
        message: that it is about.
        field: of the message, in the words of the report.
        frame: that came; None: none did.
        place: of the field in it.
    """
    if finding.wanted.startswith(("none", "not sent")):
        return f"No {message}{_such(finding.wanted)}."
    right = _asked(finding, frame, place)
    if right is not None and frame is not None and frame.kind in (CALL, RESULT):
        payload = merged(frame.payload, right)
        if place and place[-1] == "status" and isinstance(payload, dict):
            # It told of the other status.
            payload.pop("statusInfo", None)
        return _frame(frame, message, payload, right)
    if right is not None and is_message(message):
        whole = msgspec.json.encode(merged({}, right)).decode()
        return f"{message} with at least {whole}"
    if nothing_came(finding):
        return f"{message}{f' {field}' if field else ''}: {finding.wanted}."
    if not field:
        return f"{message}: {_wanted(finding.wanted)}."
    return f"{message}{',' if ' ' in field else ' with'} {field}: {_wanted(finding.wanted)}."


def _such(wanted: str) -> str:
    _, _, rest = wanted.partition(" with ")
    return f" with {rest}" if rest else " at this point"


def _wanted(wanted: str) -> str:
    return "any value" if wanted in MANY else wanted


def _asked(finding: Finding, frame: WireLine | None, place: Path | None) -> object:
    """Return what is asked of the message as nested objects; None where only words say it."""
    if finding.right:
        asked = msgspec.json.decode(finding.right)
        only_words = place is not None and str(value_at(asked, tuple(map(str, place)))).startswith("(")
        return None if only_words else asked
    named = finding.field.replace(":", ".").split(".")[-1]
    if frame is None or not place or place[-1] != named or " " in finding.wanted or finding.wanted in MANY:
        return None
    came = value_at(frame.payload, place)
    value = _value(finding.wanted, came)
    for step in reversed(place):
        value = {str(step): value}
    return value


def _value(wanted: str, came: object) -> object:
    """Return a wanted value with the type that JSON gives it."""
    if wanted == "nothing":
        return None
    if isinstance(came, str):
        return wanted
    try:
        return msgspec.json.decode(wanted)
    except msgspec.DecodeError:
        return wanted


def _frame(frame: WireLine, message: str, payload: object, right: object) -> str:
    name = message.removesuffix("Request")
    whole: list[object] = [2, frame.id, name, payload] if frame.kind == CALL else [3, frame.id, payload]
    text = msgspec.json.encode(whole).decode()
    if len(text) <= LONGEST:
        return text
    return f"{message} with {msgspec.json.encode(merged({}, right)).decode()}, and all else as it came"
