"""docs/limits.md, read as a table: its numbers are the code's, and each of its cells has a peer that overdoes it."""

import asyncio
import importlib.util
import re
from pathlib import Path

import msgspec
import pytest

from tests.hostile.overdone import OVERDONE
from tests.hostile.talkers import PATIENCE

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": 1, "connections": 1, "redirects": 1}
CELL = re.compile(r"(?P<number>[0-9]+) (?P<unit>[A-Za-z]+)[a-z ]* \(`(?P<place>[A-Za-z0-9_.]+)`\)")
VARIABLE = re.compile(r"`(?P<name>[A-Za-z]+)`")


def table() -> dict[tuple[str, str], str]:
    """Return (edge, column) -> cell, without those that say that there is nothing."""
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    names, cells = [name.strip() for name in rows[0]], rows[2:]
    found = {
        (row[0].strip(), name): cell.strip() for row in cells for name, cell in zip(names[1:], row[1:], strict=True)
    }
    return {key: cell for key, cell in found.items() if cell != "—" and key[1] != names[0]}


CELLS = table()


def value_of(place: str) -> float:
    """Return a constant, or the default of a field."""
    path = place if place.startswith("websockets.") else f"ohmstead.{place}"
    parts = path.split(".")
    cut = next(at for at in range(len(parts), 0, -1) if _is_module(".".join(parts[:at])))
    found = importlib.import_module(".".join(parts[:cut]))
    for part in parts[cut:]:
        if isinstance(found, type) and issubclass(found, msgspec.Struct):
            found = {field.name: field.default for field in msgspec.structs.fields(found)}[part]
        else:
            found = getattr(found, part)
    assert isinstance(found, int | float)
    return found


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("cell", CELLS, ids=" / ".join)
def test_the_page_says_what_the_code_does(cell: tuple[str, str]) -> None:
    """A number, its unit, and where it is set; or a variable of the station."""
    if variable := VARIABLE.fullmatch(CELLS[cell]):
        assert variable["name"] in (PAGE.parent / "variables.md").read_text("utf-8")
        return
    match = CELL.fullmatch(CELLS[cell])
    assert match is not None, CELLS[cell]
    assert value_of(match["place"]) == int(match["number"]) * UNITS[match["unit"]]


def test_every_cell_has_its_peer() -> None:
    """And there is no peer without a cell."""
    assert set(OVERDONE) == set(CELLS)


@pytest.mark.parametrize("cell", CELLS, ids=" / ".join)
def test_who_overdoes_it_is_cut_off(cell: tuple[str, str], tmp_path: Path) -> None:
    """With small limits where waiting would be long; the peer sees an end, or the station its reason."""

    async def bounded() -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await OVERDONE[cell](tmp_path)

    asyncio.run(bounded())
