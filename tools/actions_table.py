"""The actions of the hand in docs/external.md: what an adapter serves. The rest of the page is written by hand."""

from pathlib import Path

import msgspec
from msgspec.inspect import Metadata, Type

from ohmstead.ports.hand import KINDS, Action

PAGE = Path(__file__).resolve().parent.parent / "docs" / "external.md"
HEAD = "| action | what it is | arguments |\n|---|---|---|\n"
END = "| `lease` |"
"""The row after the actions, which is of the control API alone."""


def page() -> str:
    """Return the text of the page, its table of actions made anew."""
    before, head, rest = PAGE.read_text("utf-8").partition(HEAD)
    _, end, after = rest.partition(END)
    return before + head + "".join(map(_row, KINDS.values())) + end + after


def _row(kind: type[Action]) -> str:
    what = (kind.__doc__ or "").partition("\n")[0]
    arguments = "; ".join(map(_argument, msgspec.structs.fields(kind)))
    return f"| `{kind.path()}` | {what} | {arguments} |\n"


def _argument(field: msgspec.structs.FieldInfo) -> str:
    text = f"`{field.name}`" if field.required else f"`{field.name}` ({msgspec.json.encode(field.default).decode()})"
    described = _description(msgspec.inspect.type_info(field.type))
    return f"{text}: {described.rstrip('.')}" if described else text


def _description(of: Type) -> str:
    extra = of.extra_json_schema or {} if isinstance(of, Metadata) else {}
    return str(extra.get("description", ""))
