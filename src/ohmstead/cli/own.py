"""Loads the product that our own station is to be: what it claims has to be built."""

from collections.abc import Sequence

from ohmstead.cli.terminal import say
from ohmstead.model.device.overrides import check_overrides
from ohmstead.ports.extensions import Installed
from ohmstead.product.built import unbuilt, without_unbuilt
from ohmstead.product.check import problems
from ohmstead.product.load import ProductError, load
from ohmstead.product.profile import Product
from ohmstead.runtime.extensions import check_extensions

MOST_NAMED = 6
"""So many claims are named in one line."""


def load_own(source: str | Product, *, drop_unbuilt: bool, extensions: Sequence[Installed] = ()) -> Product:
    """Load a product for our own station.

    Args:
        source: name of a shipped product, or a product file; or a product that was read already.
        drop_unbuilt: switch off what is claimed and not built, instead of refusing it; a line on stderr says what.
        extensions: what vendors add to it; the product may set their variables, too.

    Raises:
        ProductError: there is no such product, or it cannot be played.
        ExtensionRefused: an extension cannot be part of it.
    """
    product = load(source) if isinstance(source, str) else source
    source = source if isinstance(source, str) else product.name
    check_extensions(extensions, product)
    check_overrides(product, source, [addition for one in extensions for addition in one.additions])
    missing = unbuilt(product)
    if not missing:
        return product
    if not drop_unbuilt:
        wrong = f"it claims what our station does not do yet: {_listed(missing)}"
        raise ProductError(source, "features", wrong, "--without-unbuilt, which switches them off")
    reduced = without_unbuilt(product)
    for problem in problems(reduced):
        wrong = f"without {_listed(missing)}, which our station does not do yet: {problem.wrong}"
        raise ProductError(source, problem.where, wrong, problem.right)
    say(f"switched off, because our station does not do it yet: {_listed(missing)}", err=True)
    return reduced


def _listed(claims: Sequence[str]) -> str:
    more = len(claims) - MOST_NAMED
    return ", ".join(claims[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
