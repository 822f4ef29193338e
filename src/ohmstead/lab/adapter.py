"""The skeleton of an adapter: what a vendor fills in, so that a bench does what a person would."""

import textwrap
from importlib import resources

import msgspec

from ohmstead.ports.hand import KINDS, Action, Plug, Present, Unplug

WRITTEN_OUT = (Plug, Unplug, Present)
"""Actions that the skeleton shows as functions; the others it names."""
WIDTH = 118


def skeleton() -> str:
    """Return the Python file, which needs nothing but the standard library."""
    text = resources.files("ohmstead.lab").joinpath("data", "adapter.py.txt").read_text(encoding="utf-8")
    others = ", ".join(_called(kind) for kind in KINDS.values() if kind not in WRITTEN_OUT)
    return text.replace(
        "# {OTHERS}", "\n".join(textwrap.wrap(others, WIDTH, initial_indent="# ", subsequent_indent="# "))
    )


def _called(kind: type[Action]) -> str:
    """Return an action as a call: `fault(evse_id, connector_id, code)`."""
    fields = msgspec.structs.fields(kind)
    names = [
        field.encode_name if field.default is msgspec.NODEFAULT else f"{field.encode_name}={field.default!r}"
        for field in fields
    ]
    return f"{kind.name}({', '.join(names)})"
