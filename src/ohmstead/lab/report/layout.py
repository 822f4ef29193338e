"""Headings, tables and cells: what page and paper both know how to set."""

import msgspec

from ohmstead.lab.report.explanation import Explanation


class Cell(msgspec.Struct, frozen=True):
    """One cell of a table."""

    text: str
    tone: str = ""
    """`good`, `bad`, `open`, `dim` or empty."""
    small: bool = False
    own: bool = False
    """A finding of this run, not a line of the abstract: the importer passes it over."""
    link: str = ""
    """A part of the report (`anchor`), or a file beside it; empty: none. Of a list, the links of its items: a blank
    between them."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table."""

    head: tuple[str, ...]
    widths: tuple[int, ...]
    """Of the columns, in parts of the whole."""
    rows: tuple[tuple[Cell, ...], ...]
    own: bool = False
    """The importer passes the table over."""
    narrow: bool = False
    """It has room on a phone."""
    badges: bool = False
    """Colored cells are verdicts."""
    headings: frozenset[int] = frozenset()
    """Rows that head the ones below."""


class ReportSection(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with what stands under it."""

    title: str
    level: int = 2
    text: str = ""
    tables: tuple[Table, ...] = ()
    own: bool = False
    """A finding of this run: the importer passes the part over."""
    anchor: str = ""
    """What a link names it by; empty: nothing does."""
    new_page: bool = False
    explanation: Explanation | None = None
    """Stands below the tables."""
