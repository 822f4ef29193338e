"""The skeleton of an adapter: what a vendor fills in, so that a bench does what a person would."""

import textwrap
from collections.abc import Collection, Iterator
from importlib import resources

import msgspec

from ohmstead.lab.needs import needs
from ohmstead.lab.selection import select
from ohmstead.ports.hand import KINDS, Action, Plug, Present, Unplug
from ohmstead.product.profile import Product

WRITTEN_OUT: dict[type[Action], str] = {
    Plug: "connect an EV",
    Unplug: "take it away again",
    Present: "hold a card against the reader",
}
"""Actions that the skeleton shows as functions, each with what it does; the others it names."""
WIDTH = 114
INDENT = "    # "


def skeleton(product: Product | None = None, needless: Collection[type[Action]] = ()) -> str:
    """Return the Python file, which needs nothing but the standard library.

    Args:
        product: whose cases the bench is for: what they never do is not there; None: any.
        needless: actions that it has nothing for.
    """
    kinds = (
        tuple(KINDS.values()) if product is None else tuple(kind for kind in _needed(product) if kind not in needless)
    )
    written = "\n".join(
        f"{INDENT}def {_called(kind)}: ...  # {does}" for kind, does in WRITTEN_OUT.items() if kind in kinds
    )
    others = ", ".join(_called(kind) for kind in kinds if kind not in WRITTEN_OUT)
    told = textwrap.fill(
        f"And in the same way: {others}" if others else "Nothing else is needed.",
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_on_hyphens=False,
    )
    text = resources.files("ohmstead.lab").joinpath("data", "adapter.py.txt").read_text(encoding="utf-8")
    return text.replace(f"{INDENT}{{WRITTEN}}", written).replace(f"{INDENT}{{OTHERS}}", told)


def _needed(product: Product) -> Iterator[type[Action]]:
    """Yield the actions of the cases that apply to a product, and what takes them back."""
    asked = {
        name.replace("-", "_") for need in needs().values() if select(need.id, product).applies for name in need.hand
    }
    undone = {kind.undone_by for name, kind in KINDS.items() if name in asked}
    for name, kind in KINDS.items():
        if name in asked | undone:
            yield kind


def _called(kind: type[Action]) -> str:
    """Return an action as a function of Python: `fault(evse_id, connector_id, code)`."""
    fields = msgspec.structs.fields(kind)
    names = [
        field.encode_name if field.default is msgspec.NODEFAULT else f"{field.encode_name}={field.default!r}"
        for field in fields
    ]
    return f"{kind.name.replace('-', '_')}({', '.join(names)})"
