"""A case is one async function beside its id; this is the decorator that keeps it, and the table of all of them."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.reading import Reading
from ohmstead.lab.rig import Provisioning

Body: TypeAlias = Callable[[Tester], Awaitable[None]]
Settings: TypeAlias = Mapping[str, str | Callable[[LabConfig], str]]
State: TypeAlias = Callable[[Tester], Awaitable[object]]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One test case of the official list."""

    id: str
    title: str
    body: Body
    requirements: tuple[str, ...] = ()
    """Ids of Part 2 that it proves, in full: `G03.FR.01`."""
    readings: tuple[Reading, ...] = ()
    """Where its text and the specification do not ask for the same."""
    settings: Settings = {}
    """`Component.Variable[instance]` -> value to set before the case begins, or what makes it of the configuration."""
    begin: State | None = None
    """A state of `states` to reach first; what it sends is consumed."""
    boots: bool = True
    """False: the case wants to see the first boot itself, and calls `t.start()`."""
    provisioning: Provisioning = Provisioning()
    any_profile: bool = False
    """It can begin in any security profile, so that the configured one is taken."""
    tls: bool = False
    """It looks at the TLS handshake: a rig that pretends its network takes sockets for it."""
    limit: float = 4 * 3600.0
    """Seconds that the case may take."""
    last: bool = False
    """Cannot be undone on a stranger's station, so it runs after all others."""

    @property
    def block(self) -> str:
        """The letter of the functional block."""
        return self.id[3]

    def settings_for(self, config: LabConfig) -> dict[str, str]:
        """Return what is set before the case begins."""
        return {key: value if isinstance(value, str) else value(config) for key, value in self.settings.items()}


CASES: dict[str, Case] = {}
"""Every case that is implemented; filled when `load_cases` has run."""


def case(
    identifier: str,
    title: str,
    *,
    requirements: tuple[str, ...] = (),
    readings: tuple[Reading, ...] = (),
    settings: Settings | None = None,
    begin: State | None = None,
    boots: bool = True,
    provisioning: Provisioning | None = None,
    any_profile: bool = False,
    tls: bool = False,
    limit: float = 4 * 3600.0,
    last: bool = False,
) -> Callable[[Body], Body]:
    """Keep the function below as the case of this id; see `Case` for the arguments."""

    def keep(body: Body) -> Body:
        if identifier in CASES:
            raise ValueError(f"{identifier} is there twice")
        CASES[identifier] = Case(
            id=identifier,
            title=title,
            body=body,
            requirements=requirements,
            readings=readings,
            settings=settings or {},
            begin=begin,
            boots=boots,
            provisioning=provisioning or Provisioning(),
            any_profile=any_profile,
            tls=tls,
            limit=limit,
            last=last,
        )
        return body

    return keep


def load_cases() -> dict[str, Case]:
    """Import every module of a block (`g_availability` ...) in `lab.cases` and return all cases by id."""
    package = import_module("ohmstead.lab.cases")
    for module in iter_modules(package.__path__):
        if module.name[1] == "_":
            import_module(f"ohmstead.lab.cases.{module.name}")
    return CASES
