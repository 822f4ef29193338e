"""A scenario's stations in real time over the network of this computer, at a CSMS that is not ours."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from ohmstead.cli.run.data import read_text
from ohmstead.cli.run.options import RunOptions, RunRefused, check
from ohmstead.cli.run.passwords import check_password
from ohmstead.cli.run.provisioning import external
from ohmstead.cli.scenario.switched_on import switched_on
from ohmstead.edge.private_files import temporary_folder
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.config import StationConfig
from ohmstead.scenario.document import Scenario, ScenarioError
from ohmstead.scenario.steps import Command, Repeat, Step, Together
from ohmstead.site.noted_hand import NotedHand
from ohmstead.site.simulated import SimulatedSite

ACCEPTED_WITHIN = 60.0
"""Seconds in which the CSMS accepts every station."""


class CsmsAccess(msgspec.Struct, frozen=True, kw_only=True):
    """The CSMS that the stations of a scenario dial, and what they show there, as in `ohmstead run`."""

    url: str
    root: Path | None = None
    password_file: Path | None = None
    """One password for all, or a line `IDENTITY:PASSWORD` for each station."""
    client_cert: tuple[Path, ...] = ()
    client_key: Path | None = None
    security_profile: int | None = None

    def __repr__(self) -> str:
        return f"CsmsAccess(security_profile={self.security_profile!r})"


class NetworkStation:
    """One station that dials over the network."""

    def __init__(self, site: SimulatedSite) -> None:
        self.site = site
        self.bench = site.bench()
        self.hand = NotedHand(site.hand)


class NetworkStage:
    """The stations of a scenario; their CSMS is somebody else's (`scenario.stage.Stage`)."""

    csms = None

    def __init__(self, stations: Mapping[str, NetworkStation]) -> None:
        self.stations = stations


def refuse_commands(scenario: Scenario) -> None:
    """Raise ScenarioError for the first step that only the embedded CSMS can do."""
    for step in _each(scenario.steps):
        if isinstance(step.does, Command):
            raise ScenarioError(
                f"{scenario.source}:{step.line}: the embedded CSMS sends commands, and --csms names another one; right "
                f"would be a run without --csms, or to let your CSMS send {step.does.action} and wait for it here"
            )


def configs(scenario: Scenario, products: Mapping[str, Product], access: CsmsAccess) -> dict[str, StationConfig]:
    """Return how each station reaches the CSMS. Raises RunRefused for options that are of no use."""
    return {identity: _config(scenario, identity, product, access) for identity, product in products.items()}


@asynccontextmanager
async def network_stage(
    scenario: Scenario,
    products: Mapping[str, Product],
    told: Mapping[str, StationConfig],
    *,
    seed: int | None = None,
    log_wire: Path | None = None,
) -> AsyncIterator[NetworkStage]:
    """Switch the stations of a scenario on; all of them have been accepted when the body begins.

    Args:
        scenario: whose stations they are.
        products: what they are, by identity.
        told: how they reach their CSMS (`configs`).
        seed: of cars, ids and jitter, each further station has the next one; None: another one each time, for a CSMS
            remembers ids.
        log_wire: where every frame is written as a line; None: nowhere.

    Raises ScenarioError, RunRefused.
    """
    with temporary_folder("scenario") as folder:
        stations = {}
        for number, identity in enumerate(scenario.stations):
            site = SimulatedSite(
                products[identity],
                told[identity],
                partial(Path, folder, str(number)),
                seed=None if seed is None else seed + number,
                faults=FaultTable(),
            )
            stations[identity] = NetworkStation(site)
        async with switched_on(scenario, stations, ACCEPTED_WITHIN, log_wire):
            yield NetworkStage(stations)


def _each(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step.does, Repeat):
            yield from _each(step.does.steps)
        elif isinstance(step.does, Together):
            for lane in step.does.lanes:
                yield from _each(lane)
        else:
            yield step


def _config(scenario: Scenario, identity: str, product: Product, access: CsmsAccess) -> StationConfig:
    options = RunOptions(
        product=scenario.stations[identity].product or product.name,
        identity=identity,
        security_profile=access.security_profile,
        csms=access.url,
        csms_root=access.root,
        password_file=access.password_file,
        client_cert=access.client_cert,
        client_key=access.client_key,
    )
    check(options, product)

    def password() -> str:
        if access.password_file is None:
            raise RunRefused(
                f"--csms: {identity} needs a password; right would be --password-file FILE, or --security-profile 0 at "
                "a ws:// URL for a CSMS that asks for none"
            )
        found = _password(read_text(access.password_file), identity)
        check_password(found, f"{access.password_file} ({identity})", product)
        return found

    return external(options, product, next(iter(product.interfaces)), password)


def _password(text: str, identity: str) -> str:
    """Return the password of a station: that of its line, else the whole text, which is everybody's."""
    for line in text.splitlines():
        name, colon, password = line.partition(":")
        if colon and name.strip() == identity:
            return password.strip()
    return text.strip()
