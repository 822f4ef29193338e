"""The page docs/features.md: every line of an abstract, its name in the code, whether it is built, and its cases."""

import re

from ohmstead.lab.selection import rows
from ohmstead.product.feature_table import Feature

_HEAD = """# Features

The lines of the abstract of a certificate, generated from `src/ohmstead/product/data/features.tsv` and the conditions
of the official cases; do not edit. The name is that of `Feature` in the code. A feature that is not built is refused
where our own station is to have it (`--without-unbuilt` switches it off); the lab tests any station that claims it, as
far as its cases are written. `Needs` is the feature without which it means nothing, `Excludes` what no station has
beside it; cases are those whose condition names it.
"""
_NAMES = ("Id", "Name", "Meaning", "Block", "Component", "Needs", "Excludes", "Built", "Cases")
_COLUMNS = f"| {' | '.join(_NAMES)} |\n{'|---' * len(_NAMES)}|\n"


def page() -> str:
    """Return the text of the page."""
    groups: dict[str, list[Feature]] = {}
    for feature in Feature:
        groups.setdefault(feature.group, []).append(feature)
    tables = (f"## {group}\n\n{_COLUMNS}{''.join(map(_row, lines))}" for group, lines in groups.items())
    return "\n".join((_HEAD, *tables))


def _row(feature: Feature) -> str:
    built = "" if feature.kind != "flag" else "yes" if feature.built else "**no**"
    component = f"`{feature.component}`" if feature.component else ""
    cells = (
        feature.id,
        f"`{feature.name}`",
        feature.text,
        feature.block,
        component,
        feature.needs,
        ", ".join(feature.excludes),
        built,
        _cases(feature),
    )
    return f"| {' | '.join(cells)} |\n"


def _cases(feature: Feature) -> str:
    atom = re.compile(rf"(?<![\w.-]){re.escape(feature.id)}(?![\w.-])")
    found = dict.fromkeys(
        row.id.removeprefix("TC_").removesuffix("_CS") for row in rows() if atom.search(row.condition)
    )
    return ", ".join(found)
