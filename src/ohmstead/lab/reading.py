"""Readings: where the specification and the text of an official case do not ask for the same.

A case that looks at such a place names the reading and judges it twice, once by each: `differs(STOPPED_BY_DRIVER,
specification=one_of("Local", None), tool="Local")`. Reports show both verdicts; docs/readings.md lists all of them.
"""

from importlib import import_module
from pkgutil import iter_modules

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One place where the two part, in our own words."""

    name: str
    """How reports call it."""
    requirements: tuple[str, ...] = ()
    """Of Part 2, where it says what the specification asks for; empty: it says nothing."""
    specification: str
    """What Part 2 with its errata asks for, a sentence."""
    tool: str
    """What the text of the official case asks for, a sentence."""


def readings() -> tuple[Reading, ...]:
    """Return every reading of `lab.readings`, block by block."""
    package = import_module("ohmstead.lab.readings")
    names = sorted(module.name for module in iter_modules(package.__path__))
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Reading))
