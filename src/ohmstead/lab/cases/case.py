"""A case is one async function beside its id; this is the decorator that keeps it, and the table of all of them."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.places import Wanted
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.reading import Reading
from ohmstead.lab.rig import Provisioning
from ohmstead.product.profile import USUAL_PROFILES, Product

WITH_PASSWORD, WITH_TLS, WITH_CERTIFICATE = (2, 1), (2, 3), (3,)
"""The security profiles of Basic authentication, of TLS, and of a certificate of the station (A00)."""

Body: TypeAlias = Callable[[Tester], Awaitable[None]]
Settings: TypeAlias = Mapping[str, str | Callable[[LabConfig], str]]
State: TypeAlias = Callable[[Tester], Awaitable[object]]


class Named(msgspec.Struct, frozen=True):
    """How the official list calls a case."""

    id: str
    title: str


class CaseTerms(Named, frozen=True, kw_only=True):
    """What a case asks for before it begins, and what is known of it besides."""

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
    profiles: tuple[int, ...] = USUAL_PROFILES
    """The security profiles in which it can begin, the one that is preferred first."""
    provisioning: Provisioning | None = None
    """What a station was given before the case came to it; None: what the profile asks for."""
    rises: bool = False
    """It goes on to the next higher security profile of the product."""
    tls: bool = False
    """It looks at the TLS handshake: a rig that pretends its network takes sockets for it."""
    limit: float = 4 * 3600.0
    """Seconds that the case may take."""
    places: tuple[Wanted, ...] = ()
    """Of which kind the connector should be that it runs at; earlier ones count more."""
    last: bool = False
    """Cannot be undone on a stranger's station, so it runs after all others."""

    @property
    def block(self) -> str:
        """The letter of the functional block."""
        return self.id[3]

    def profile_for(self, product: Product, configured: int | None) -> int | None:
        """Return the security profile in which a station of a product begins it; None: it has none that would do.

        Args:
            product: what the station is.
            configured: by `lab.toml`; taken where both the case and the product have it.
        """
        has = product.security.profiles
        fit = [one for one in self.profiles if one in has and not (self.rises and one == max(has))]
        return configured if configured in fit else next(iter(fit), None)

    def settings_for(self, config: LabConfig) -> dict[str, str]:
        """Return what is set before the case begins."""
        return {key: value if isinstance(value, str) else value(config) for key, value in self.settings.items()}


class Case(CaseTerms, frozen=True, kw_only=True):
    """One test case of the official list."""

    body: Body


CASES: dict[str, Case] = {}
"""Every case that is implemented; filled when `load_cases` has run."""


class case(CaseTerms, frozen=True, kw_only=True):
    """Keep the function below as the case of this id: `@case("TC_G_01_CS", "its title", ...)`."""

    def __call__(self, body: Body) -> Body:
        """Keep it. Raises ValueError for an id that is there already."""
        if self.id in CASES:
            raise ValueError(f"{self.id} is there twice")
        CASES[self.id] = Case(**msgspec.structs.asdict(self), body=body)
        return body


def load_cases() -> dict[str, Case]:
    """Import every module of a block (`g_availability` ...) in `lab.cases` and return all cases by id."""
    package = import_module("ohmstead.lab.cases")
    for module in iter_modules(package.__path__):
        if module.name[1] == "_":
            import_module(f"ohmstead.lab.cases.{module.name}")
    return CASES
