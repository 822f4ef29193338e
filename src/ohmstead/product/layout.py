"""Text whose tables are kept apart by space alone, as `pdftotext -layout` writes it: its lines with their cells.

A cell that did not fit into its column goes on in the lines below, and where rows are centered in the lines above as
well. A table may go on after the end of a page, with its head again or without.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ohmstead.product.lines import INVISIBLE, RULE, CertificateLine, clean, is_id
from ohmstead.product.words import KEYS

HEADS = ("id", "evse", "name", "certification profile")
KEY = "key"
"""The kind of a table without a head: labels and what stands beside them."""
TITLES = frozenset(
    (
        *("tested", "during", "certification", "supported", "according", "to", "vendor", "/", "present"),
        *("measured", "behind", "it", "value", "unit", "type"),
    )
)
"""Words of titles, which a narrow column puts into the lines below."""
HEAD = re.compile(r"\s*(ID|EVSE|Name|Certification Profile)\s{2,}\S", re.IGNORECASE)
CHUNK = re.compile(r"\S+(?: \S+)*")


class Chunk(msgspec.Struct, frozen=True):
    """Words of one line that stand together."""

    start: int
    end: int
    text: str


class Raw(msgspec.Struct, frozen=True):
    """A line as its chunks."""

    number: int
    chunks: tuple[Chunk, ...]

    @property
    def first(self) -> str:
        return self.chunks[0].text


def is_layout(text: str) -> bool:
    """Say whether a text has the head of a table whose columns are kept apart by space."""
    return any(HEAD.match(line) and "\t" not in line for line in text.splitlines())


def lines(text: str) -> Iterator[CertificateLine]:
    """Yield the lines of a text, those of tables as rows."""
    reader = _Tables()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        raw = _raw(number, line)
        if raw.chunks:
            yield from reader.take(raw)
        else:
            reader.gap = True
    yield from reader.end()


def _raw(number: int, line: str) -> Raw:
    plain = line.replace("\f", "").translate(INVISIBLE).expandtabs()
    found = (Chunk(match.start(), match.end(), clean(match[0])) for match in CHUNK.finditer(plain))
    return Raw(number, tuple(chunk for chunk in found if chunk.text and not RULE.fullmatch(chunk.text)))


class _Tables:
    """The table that a line belongs to, and the lines of it that are not given out yet."""

    def __init__(self) -> None:
        self.columns: tuple[Chunk, ...] = ()
        self.kind = ""
        self.block: list[Raw] = []
        self.gap = False
        """There was an empty line before this one."""
        self.broken = False
        """Text has come since the last row; a row may still follow, on the next page."""
        self.head_below = 0
        """Lines below the head that belong to it: as many as stood above."""
        self.head = 0
        """The line of a head that is not given out yet."""

    def take(self, raw: Raw) -> Iterator[CertificateLine]:
        """Take a line; yield those that are known to be whole."""
        gap, self.gap = self.gap, False
        if len(raw.chunks) > 1 and raw.first.lower() in HEADS:
            above = self._head_lines_above(raw)
            yield from self.end()
            self.columns, self.kind = _titled(raw.chunks, above), raw.first.lower()
            self.head, self.head_below, self.broken = raw.number, len(above), False
        elif self.head and not self.block and (self.head_below or _is_title(raw)) and not self._is_row(raw):
            self.columns = _titled(self.columns, [raw], below=True)
            self.head_below = max(self.head_below - 1, 0)
        elif self.kind != KEY and _begins_keys(raw):
            yield from self.end()
            beside = Chunk(raw.chunks[0].end + 2, raw.chunks[0].end + 40, "")
            self.columns, self.kind, self.broken, self.block = (*raw.chunks, beside)[:2], KEY, False, [raw]
        elif self.columns and self._belongs(raw, gap):
            self.block.append(raw)
            self.broken = False
        else:
            yield from self.end()
            self.broken = True
            yield _plain(raw)

    def end(self) -> Iterator[CertificateLine]:
        """Yield what waits."""
        if self.head:
            yield CertificateLine(self.head, "row", tuple(column.text for column in self.columns))
        self.head = 0
        block, self.block = self.block, []
        yield from _rows(block, self.columns, self._is_row)

    def _head_lines_above(self, head: Raw) -> list[Raw]:
        """Take back the lines at the end of the block that are the upper part of this head."""
        above: list[Raw] = []
        while self.block and self.block[-1].number == head.number - len(above) - 1:
            if self.block[-1].chunks[0].start <= head.chunks[0].end:
                break
            above.insert(0, self.block.pop())
        return above

    def _is_row(self, raw: Raw) -> bool:
        if self.kind == "id":
            return is_id(raw.first)
        if self.kind == KEY:
            return raw.chunks[0].start < self.columns[1].start - 2 and _begins_key(raw.first)
        if self.kind == "evse":
            return raw.first.isdigit() and raw.chunks[0].start < self.columns[1].start - 1
        return any(_column(chunk, self.columns) == 1 for chunk in raw.chunks)

    def _belongs(self, raw: Raw, gap: bool) -> bool:
        """Say whether this is a row, or the rest of one or of a head to come."""
        if (len(raw.chunks) > 1 or (self.kind == KEY and not gap)) and self._is_row(raw):
            return True
        if raw.chunks[0].start >= self.columns[1].start - 3:
            return True
        return self.kind != "id" and not (gap or self.broken) and len(raw.first.split()) <= 4


def _begins_key(text: str) -> bool:
    """Say whether a label of the header begins with this; a narrow column may have broken it."""
    word = text.lower().rstrip(":")
    return word in KEYS or (len(word) > 20 and any(key.startswith(word) for key in KEYS))


def _begins_keys(raw: Raw) -> bool:
    """Say whether a table of labels begins: with a label and its value, or with the upper line of a long label."""
    alone = len(raw.chunks) == 1 and raw.first.lower().rstrip(":") not in KEYS
    return (len(raw.chunks) == 2 or alone) and _begins_key(raw.first)


def _is_title(raw: Raw) -> bool:
    """Say whether a line below a head is the rest of its titles."""
    return all(word.lower() in TITLES for chunk in raw.chunks for word in chunk.text.split())


def _plain(raw: Raw) -> CertificateLine:
    """A line outside of tables: a label and what stands beside it, or text."""
    texts = tuple(chunk.text for chunk in raw.chunks)
    return CertificateLine(raw.number, "row" if len(texts) > 1 else "text", texts)


def _titled(head: Iterable[Chunk], more: Iterable[Raw], *, below: bool = False) -> tuple[Chunk, ...]:
    """Return the columns of a head with what stands above its titles, or below."""
    found = list(head)
    for raw in more:
        for chunk in raw.chunks:
            after = sum(one.end + 1 < chunk.start for one in found)
            if after == len(found) or chunk.end + 1 < found[after].start:
                found.insert(after, chunk)
                continue
            at = _column(chunk, tuple(found))
            one = found[at]
            text = f"{one.text} {chunk.text}" if below else f"{chunk.text} {one.text}"
            found[at] = Chunk(min(one.start, chunk.start), max(one.end, chunk.end), text)
    return tuple(found)


def _column(chunk: Chunk, columns: tuple[Chunk, ...]) -> int:
    """Return the column whose title begins nearest, or that a chunk stands under."""
    under = [at for at, one in enumerate(columns) if chunk.start < one.end and one.start < chunk.end]
    if len(under) == 1:
        return under[0]
    return min(range(len(columns)), key=lambda at: abs(columns[at].start - chunk.start))


def _rows(block: list[Raw], columns: tuple[Chunk, ...], is_row: Callable[[Raw], bool]) -> Iterator[CertificateLine]:
    """Yield the rows of a block, each with the lines that belong to it."""
    mains = [at for at, raw in enumerate(block) if is_row(raw)]
    if not mains:
        yield from (_plain(raw) for raw in block)
        return
    yield from _parted(block, mains, _above(block, mains, columns), columns)


def _parted(
    block: list[Raw], mains: list[int], above: list[int], columns: tuple[Chunk, ...]
) -> Iterator[CertificateLine]:
    for place, at in enumerate(mains):
        begin = at - above[place]
        over = mains[place + 1] - above[place + 1] if place + 1 < len(mains) else len(block)
        yield _row(block[begin:over], block[at], columns)


def _above(block: list[Raw], mains: list[int], columns: tuple[Chunk, ...]) -> list[int]:
    """Return how many lines of each row stand above its main one: as many as below, where that comes out even."""
    above = [mains[0]]
    for place, at in enumerate(mains[:-1]):
        between = mains[place + 1] - at - 1
        above.append(between - above[place])
    rest = len(block) - 1 - mains[-1]
    below = [mains[0], *(0 for _ in mains[1:])]
    if min(above) < 0 or above[-1] != rest:
        return below
    if mains[0] or _outside(block, mains, columns):
        return above
    return min(below, above, key=lambda split: _dangling(block, mains, split, columns))


def _dangling(block: list[Raw], mains: list[int], above: list[int], columns: tuple[Chunk, ...]) -> int:
    """Return how many cells end in a comma if rows are parted like this: lists that were cut in two."""
    rows = _parted(block, mains, above, columns)
    return sum(cell.endswith(",") for row in rows for cell in row.cells)


def _outside(block: list[Raw], mains: list[int], columns: tuple[Chunk, ...]) -> bool:
    """Say whether a line goes on in a column in which the row above it has nothing: then that row is not above it."""
    filled: set[int] = set()
    for at, raw in enumerate(block):
        used = {_column(chunk, columns) for chunk in raw.chunks}
        if at in mains:
            filled = used
        elif not used <= filled:
            return True
    return False


def _row(raws: list[Raw], main: Raw, columns: tuple[Chunk, ...]) -> CertificateLine:
    cells = ["" for _ in columns]
    for raw in raws:
        whole = raw is main and len(raw.chunks) == len(columns)
        for place, chunk in enumerate(raw.chunks):
            at = place if whole else _column(chunk, columns)
            cells[at] = f"{cells[at]} {chunk.text}".strip()
    return CertificateLine(main.number, "row", tuple(cells))
