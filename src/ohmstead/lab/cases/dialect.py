"""How the tester speaks: a CSMS may write the same messages in many ways, and answer late, and be right every time.

`speech_of` gives the one seam where frames of the tester are written. A case knows nothing of it: it says what it
always says, and a station that understands only one way of writing fails.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from itertools import count
from typing import TypeVar

import msgspec

from ohmstead.wire import codec, frames
from ohmstead.wire import messages as wire
from ohmstead.wire.base import CustomData, Payload, Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.identifiers import rewritten
from ohmstead.wire.instants import utc


class Dialect(StrEnum):
    """The ways of speaking; `lab.toml` has one as `dialect`."""

    Plain = "Plain"
    """As short as can be, at once."""
    CustomData = "CustomData"
    """customData in every type that may have it (Part 4, 9)."""
    Instants = "Instants"
    """Offsets, one to three decimals, lower-case `t` and `z` (RFC 3339; Part 2, primitive data types)."""
    Notation = "Notation"
    """Escaped slashes and characters, another order of members, blanks, integers as `300.0` and `3e2` (RFC 8259)."""
    Longest = "Longest"
    """Message ids of 36 characters, the largest numbers, every optional explanation, and each as long as may be."""
    Letters = "Letters"
    """Every identifierString in another case than the station's, and in another one by turns (Part 2, data types)."""
    Late = "Late"
    """Every answer after a third of `message_timeout`."""
    LastMoment = "LastMoment"
    """Every answer just before `message_timeout` is over."""


P = TypeVar("P", bound=Payload)


class Speech:
    """The plain way; the other ways are its subclasses.

    Attributes:
        first_number: of the request ids that the tester makes.
    """

    first_number = 1

    def message_id(self, plain: str) -> str:
        """Return the id of a CALL of the tester's."""
        return plain

    def call(self, message_id: str, action: str, request: Request[Response]) -> str:
        """Write a CALL."""
        return frames.call(message_id, action, msgspec.Raw(codec.encode(request)))

    def result(self, message_id: str, response: Response) -> str:
        """Write a CALLRESULT."""
        return frames.call_result(message_id, msgspec.Raw(codec.encode(response)))

    def error(self, message_id: str, error: CallError) -> str:
        """Write a CALLERROR."""
        return frames.call_error(message_id, error)

    def delay(self, message_timeout: float) -> float:
        """Return the seconds that pass before an answer, when the station waits `message_timeout` for it."""
        return 0 * message_timeout


class _Letters(Speech):
    CASES: tuple[Callable[[str], str], ...] = (str.swapcase, str.upper, str.lower)

    def __init__(self) -> None:
        self._turn = count()

    def call(self, message_id: str, action: str, request: Request[Response]) -> str:
        return super().call(message_id, action, rewritten(request, self._case()))

    def result(self, message_id: str, response: Response) -> str:
        return super().result(message_id, rewritten(response, self._case()))

    def _case(self) -> Callable[[str], str]:
        return self.CASES[next(self._turn) % len(self.CASES)]


class _Late(Speech):
    def delay(self, message_timeout: float) -> float:
        return message_timeout / 3


class _LastMoment(Speech):
    MARGIN = 0.25
    """Seconds: more than the way to the station takes."""

    def delay(self, message_timeout: float) -> float:
        return message_timeout - self.MARGIN


# What is said beside the plain message


class _Fuller(Speech):
    """Says more in every type."""

    def call(self, message_id: str, action: str, request: Request[Response]) -> str:
        return super().call(message_id, action, self._fill(request))

    def result(self, message_id: str, response: Response) -> str:
        return super().result(message_id, self._fill(response))

    def more(self, payload: Payload) -> dict[str, object]:
        """Return the fields that a type is given beside its own."""
        raise NotImplementedError

    def _fill(self, payload: P) -> P:
        fields = {name: self._filled(getattr(payload, name)) for name in payload.__struct_fields__}
        return msgspec.structs.replace(payload, **{**self.more(payload), **_present(fields)})

    def _filled(self, value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(self._filled, value))
        return self._fill(value) if isinstance(value, Payload) else value


def _present(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


class _WithCustomData(_Fuller):
    EXTENSION = CustomData(
        {
            "vendorId": "com.example/extension",
            "id": "status",
            "status": None,
            "idToken": {"idToken": "OTHER", "customData": {"vendorId": ""}},
            "list": [1, 2.5, True, None, "null", {"currentTime": "never"}],
        }
    )
    """Names and values that mean something elsewhere, and nothing here."""

    def more(self, payload: Payload) -> dict[str, object]:
        return {"custom_data": self.EXTENSION} if "custom_data" in payload.__struct_fields__ else {}


def _long(length: int) -> str:
    """Return a text of this length, with characters outside ASCII where there is room for a sentence."""
    words = "Déjà vu: Ölstraße 5/7, 電気 \u2028 \U0001f50c; " if length > 50 else "Longest-"
    return (words * (length // len(words) + 1))[:length]


class _Longest(_Fuller):
    first_number = 2**31 - 2_000_000

    INFO = wire.StatusInfo(reason_code=_long(20), additional_info=_long(512))
    MESSAGE = wire.MessageContent(format=wire.MessageFormatEnum.UTF8, language="de-CH-19", content=_long(512))
    ALSO = (wire.AdditionalInfo(additional_id_token=_long(36), type=_long(50)),)

    def message_id(self, plain: str) -> str:
        return f"{plain}{'-_.:~' * frames.MESSAGE_ID_LENGTH}"[: frames.MESSAGE_ID_LENGTH]

    def error(self, message_id: str, error: CallError) -> str:
        details = {"why": _long(3000), **error.details}
        return super().error(message_id, CallError(error.code, _long(255), details))

    def more(self, payload: Payload) -> dict[str, object]:
        if isinstance(payload, wire.IdTokenInfo):
            return {"personal_message": self.MESSAGE, "language1": "de-CH-19", "language2": "rm-CH-20"}
        if isinstance(payload, wire.IdToken):
            return {"additional_info": self.ALSO}
        if isinstance(payload, wire.TransactionEventResponse):
            return {"updated_personal_message": self.MESSAGE}
        return {"status_info": self.INFO} if "status_info" in payload.__struct_fields__ else {}


# How it is written


class _Written(Speech):
    """Writes JSON of its own."""

    def call(self, message_id: str, action: str, request: Request[Response]) -> str:
        return self.frame(2, message_id, action, request)

    def result(self, message_id: str, response: Response) -> str:
        return self.frame(3, message_id, response)

    def error(self, message_id: str, error: CallError) -> str:
        return self.frame(4, message_id, error.code, error.description, dict(error.details))

    def frame(self, number: int, *elements: object) -> str:
        """Write a frame; the message type number stands as everybody writes it."""
        return self.join("[", [str(number), *map(self.value, elements)], "]")

    def value(self, value: object) -> str:
        """Write anything that a message holds."""
        match value:
            case Enum():
                return self.text(str(value.value))
            case bool() | None | float():
                return msgspec.json.encode(value).decode()
            case int():
                return self.integer(value)
            case str():
                return self.text(value)
            case datetime():
                return self.text(self.instant(value))
            case msgspec.Raw():
                return bytes(value).decode()
            case CustomData():
                return self.members(value.fields.items())
            case Payload():
                return self.members(_members(value))
            case Mapping():
                return self.members(value.items())
            case list() | tuple():
                return self.join("[", map(self.value, value), "]")
        raise TypeError(f"{type(value).__name__} does not travel")

    def members(self, members: Iterable[tuple[str, object]]) -> str:
        """Write an object."""
        return self.join("{", (f"{self.text(name)}:{self.value(value)}" for name, value in members), "}")

    def join(self, opening: str, parts: Iterable[str], closing: str) -> str:
        """Write an array or an object, whose parts are written."""
        return f"{opening}{','.join(parts)}{closing}"

    def text(self, text: str) -> str:
        """Write a string."""
        return msgspec.json.encode(text).decode()

    def integer(self, number: int) -> str:
        """Write an integer."""
        return str(number)

    def instant(self, moment: datetime) -> str:
        """Return an instant as text."""
        return utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _members(payload: Payload) -> Iterable[tuple[str, object]]:
    for field in msgspec.structs.fields(payload):
        value = getattr(payload, field.name)
        if value != field.default:
            yield field.encode_name, value


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)")


class _Instants(_Written):
    OFFSETS = (330, -480, 0, 840, -720, 60, -210)
    """Minutes."""

    def __init__(self) -> None:
        self._turn = count()

    def text(self, text: str) -> str:
        """Write a string; what SetVariables says of an instant is one too."""
        if _INSTANT.fullmatch(text):
            text = self._in_turn(datetime.fromisoformat(text))
        return super().text(text)

    def instant(self, moment: datetime) -> str:
        return self._in_turn(moment)

    def _in_turn(self, moment: datetime) -> str:
        turn = next(self._turn)
        offset = self.OFFSETS[turn % len(self.OFFSETS)]
        thousandths = f"{moment.microsecond // 1000:03}"
        decimals = ("", f".{thousandths[:1]}", f".{thousandths[:2]}", f".{thousandths}")[turn % 4]
        local, ending = utc(moment), "z" if turn % 2 else "Z"
        if turn % 3:
            local, ending = local + timedelta(minutes=offset), _offset(offset)
        between = "t" if turn % 5 in (0, 3) else "T"
        return f"{local:%Y-%m-%d}{between}{local:%H:%M:%S}{decimals}{ending}"


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    # RFC 3339, 4.3: minus nought says UTC, and that the local offset is unknown.
    return f"{'+' if minutes > 0 else '-'}{hours:02}:{rest:02}"


class _Notation(_Written):
    BLANKS = ("", " ", "\n", "\t", "\r\n    ")

    def __init__(self) -> None:
        self._turn = count()

    def frame(self, number: int, *elements: object) -> str:
        return f"\r\n {super().frame(number, *elements)}\n"

    def members(self, members: Iterable[tuple[str, object]]) -> str:
        return super().members(reversed(list(members)))

    def join(self, opening: str, parts: Iterable[str], closing: str) -> str:
        blank = self.BLANKS[next(self._turn) % len(self.BLANKS)]
        return f"{opening}{blank}{f'{blank},{blank}'.join(parts)}{blank}{closing}"

    def integer(self, number: int) -> str:
        turn = next(self._turn)
        digits = str(number)
        whole = digits.rstrip("0") if number else digits
        noughts = len(digits) - len(whole)
        return (digits, f"{digits}.0", f"{whole}e{noughts}", f"{whole}.00E+{noughts}")[turn % 4]

    def text(self, text: str) -> str:
        turn = next(self._turn)
        written = super().text(text)[1:-1].replace("/", r"\/")
        if turn % 3 == 0:
            written = "".join(map(_escaped, text))
        elif turn % 3 == 1 and text.isalnum():
            written = "".join(char if index % 2 else _escaped(char).lower() for index, char in enumerate(text))
        return f'"{written}"'


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


_SPEECHES: dict[Dialect, Callable[[], Speech]] = {
    Dialect.Plain: Speech,
    Dialect.CustomData: _WithCustomData,
    Dialect.Instants: _Instants,
    Dialect.Notation: _Notation,
    Dialect.Longest: _Longest,
    Dialect.Letters: _Letters,
    Dialect.Late: _Late,
    Dialect.LastMoment: _LastMoment,
}


def speech_of(dialect: Dialect) -> Speech:
    """Return a way of speaking for one case."""
    return _SPEECHES[dialect]()
