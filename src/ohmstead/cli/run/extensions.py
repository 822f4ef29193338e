"""The extensions that are installed beside this package, loaded before a station starts."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from threading import Thread

from ohmstead.ports.extensions import GROUP, Extension, Installed
from ohmstead.runtime.extensions import ExtensionRefused

LOAD_TIME = 10.0
"""Seconds in which a package has to be imported and its factory to return."""


def installed_extensions() -> tuple[Installed, ...]:
    """Load every extension that is installed, in the order of package and name. Raises ExtensionRefused."""
    return load_extensions(entry_points(group=GROUP))


def load_extensions(points: Iterable[EntryPoint]) -> tuple[Installed, ...]:
    """Load some extensions. Raises ExtensionRefused."""
    return tuple(_load(package, name, point) for package, name, point in sorted(map(_named, points), key=_order))


def _named(point: EntryPoint) -> tuple[str, str, EntryPoint]:
    package = "no package" if point.dist is None else f"{point.dist.name} {point.dist.version}"
    return package, point.name, point


def _order(named: tuple[str, str, EntryPoint]) -> tuple[str, str, str]:
    return named[0], named[1], named[2].value


def _load(package: str, name: str, point: EntryPoint) -> Installed:
    """Load one in a thread, which is left behind when it takes too long."""
    label, outcome = f"{name} ({package})", list[object]()

    def load() -> None:
        try:
            outcome.append(point.load()())
        except BaseException as failure:  # a package may even want to end the program
            outcome.append(failure)

    thread = Thread(target=load, name=f"load {name}", daemon=True)
    thread.start()
    thread.join(LOAD_TIME)
    made = outcome[0] if outcome else TimeoutError(f"not loaded in {LOAD_TIME:g} s")
    if isinstance(made, BaseException):
        wrong = f"{point.value}: {type(made).__name__}: {made}"
        raise ExtensionRefused(label, wrong, "a factory that returns at once") from made
    if not isinstance(made, Extension):
        wrong = f"{point.value} returned a {type(made).__name__}"
        raise ExtensionRefused(label, wrong, "an Extension of ohmstead.ports.extensions")
    return Installed(name, package, made)
