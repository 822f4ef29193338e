"""Products by name: the shipped ones and files of one's own, decoded and checked."""

from importlib import resources
from pathlib import Path

import msgspec

from ohmstead.product.bounded import read_bounded
from ohmstead.product.check import NAME, problems
from ohmstead.product.profile import Product
from ohmstead.product.suggestion import meant

DATA = "data"


class ProductError(Exception):
    """A product that cannot be used: which file, where in it, what is wrong and what would be right."""

    def __init__(self, source: str, where: str, wrong: str, right: str = "") -> None:
        self.source = source
        self.where = where
        """Key path in the file (`evses[1].connectors[0].type`), empty for the file as a whole."""
        self.wrong = wrong
        self.right = right
        place = f"{source}: {where}" if where else source
        super().__init__(f"{place}: {wrong}" + (f"; right would be {right}" if right else ""))


def shipped() -> list[str]:
    """Return the names of the products that come with the package, sorted."""
    folder = resources.files("ohmstead.product").joinpath(DATA)
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str | Path) -> Product:
    """Load a shipped product by its name, or a product file by its path.

    Raises ProductError where there is no such product, or the file is not one.
    """
    name = str(name_or_path)
    try:
        # A shipped product is opened without listing the folder: starting a station should not pay for that.
        if isinstance(name_or_path, str) and NAME.fullmatch(name):
            file = resources.files("ohmstead.product").joinpath(DATA, f"{name}.toml")
            if file.is_file():
                return parse(file.read_bytes(), f"{name}.toml")
        data = read_bounded(Path(name_or_path))
    except (OSError, ValueError) as error:
        known = f"a shipped product ({', '.join(shipped())}) or the path of a product file"
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProductError(name, "", f"no such product: {reason}{meant(name, shipped()).rstrip('?')}", known) from None
    return parse(data, name)


def parse(data: bytes, source: str = "product") -> Product:
    """Decode and check the TOML text of a product; `source` names it in the ProductError."""
    try:
        product = msgspec.toml.decode(data, type=Product)
    except msgspec.ValidationError as error:
        wrong, _, path = str(error).partition(" - at ")
        where = path.strip("`").removeprefix("$.").removeprefix("$").replace("[...]", ".*")
        raise ProductError(source, where, wrong[:1].lower() + wrong[1:]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProductError(source, "", f"not readable as TOML: {error}", "TOML 1.0 in UTF-8") from None
    for problem in problems(product):
        raise ProductError(source, problem.where, problem.wrong, problem.right)
    return product
