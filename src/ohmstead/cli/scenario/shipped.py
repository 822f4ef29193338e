"""Scenarios that ship, and the products of a scenario's stations."""

from importlib import resources
from pathlib import Path

import ohmstead.scenario
from ohmstead.cli.own import load_own
from ohmstead.product.profile import Product
from ohmstead.product.suggestion import meant
from ohmstead.scenario.document import Scenario, ScenarioError


def shipped_scenarios() -> list[Path]:
    """Return their files, by name."""
    folder = Path(str(resources.files(ohmstead.scenario))) / "data"
    return sorted(folder.glob("*.yaml"))


def find(name: str) -> Path:
    """Return the file of a shipped scenario, or the one at a path. Raises ScenarioError."""
    by_name = {path.stem: path for path in shipped_scenarios()}
    path = Path(name)
    if name in by_name and not path.is_file():
        return by_name[name]
    if not path.is_file():
        raise ScenarioError(f"{name}: no such file, and no scenario of that name ships{meant(name, by_name)}")
    return path


def products_of(scenario: Scenario) -> dict[str, Product]:
    """Return the product of each station. Raises ProductError."""
    loaded: dict[str, Product] = {}
    for plan in scenario.stations.values():
        name = plan.product or ""
        loaded.setdefault(name, load_own(name, drop_unbuilt=False))
    return {identity: loaded[plan.product or ""] for identity, plan in scenario.stations.items()}
