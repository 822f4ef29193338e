"""The page docs/requirements.md: what shows each requirement, which code of the station cites it, what cannot be seen.

Citations are ids in docstrings and comments: `B12.FR.03`, `B12.FR.03/04`, or `B12.FR.03 to B12.FR.06`. The station-side
requirements are ids in `lab/data/requirements.tsv`, those that no test can show are in `lab/data/unseen.tsv` with the
reason; no sentence of the specification is part of the project.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.selection import decide
from ohmstead.product.load import load
from ohmstead.product.profile import Product

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = "sec1000-240y"

OF_OTHERS = ("cli", "csms", "lab", "web", "edge/authority.py")
"""Below `src/ohmstead`: the lab, the embedded CSMS and what serves them; what they do meets no duty of the station."""

Citations = Mapping[str, frozenset[str]]
"""Requirement -> the files that cite it, as paths below the root."""

_ID = re.compile(r"([A-P]\d\d\.FR\.)(\d{2,3})((?:/\d{2,3})*)(?:\s+to\s+\1(\d{2,3}))?")


class Requirement(msgspec.Struct, frozen=True):
    """One requirement of Part 2 with the errata of 2025-09, as far as facts go."""

    id: str
    """`B12.FR.03`"""
    audience: Literal["station", "csms", "both", "operator"]
    """Who has to meet it; `operator`: an organization, or a local controller."""
    strength: Literal["SHALL", "SHOULD", "MAY"]
    when: str
    """Condition over feature ids and names of certification profiles, as in `lab/data/cases.tsv`; empty: always."""

    @property
    def for_stations(self) -> bool:
        """Say whether a charging station has a part in it."""
        return self.audience in ("station", "both")


class Trace(msgspec.Struct, frozen=True):
    """Everything that the page shows."""

    requirements: tuple[Requirement, ...]
    product: Product
    cases: Mapping[str, tuple[str, ...]]
    """Case -> the requirements that it says it proves."""
    code: Citations
    """What the station's own code cites."""
    tests: Citations
    others: Citations = {}
    """What the code of the lab and of the embedded CSMS cites."""
    unseen: Mapping[str, str] = {}
    """Requirement -> why no case and no test can show it."""

    def reason(self, requirement: Requirement) -> str | None:
        """Say why the product need not meet a requirement; None: it must."""
        if not requirement.for_stations:
            return "the CSMS" if requirement.audience == "csms" else "operators and manufacturers"
        if not requirement.when:
            return None
        verdict = decide(requirement.when, self.product)
        return None if verdict.applies else verdict.reason

    @property
    def due(self) -> tuple[Requirement, ...]:
        """What the product must meet."""
        return tuple(requirement for requirement in self.requirements if self.reason(requirement) is None)

    @property
    def open(self) -> tuple[Requirement, ...]:
        """What the product must meet, and nothing shows: neither a case nor a test, nor a reason why that cannot be."""
        return tuple(row for row in self.due if not self.shown(row.id) and row.id not in self.unseen)

    def shown(self, identifier: str) -> bool:
        """Say whether a case proves a requirement, or a test cites it."""
        return bool(self.tests.get(identifier) or self.proven_by(identifier))

    def proven_by(self, identifier: str) -> list[str]:
        """Return the cases that prove a requirement."""
        return sorted(case for case, proves in self.cases.items() if identifier in proves)


def page() -> str:
    """Return the text of the page."""
    return render(traced())


def traced() -> Trace:
    """Return the trace of the project as it stands."""
    source = ROOT / "src" / "ohmstead"
    code = sorted(source.rglob("*.py"))
    return Trace(
        requirements(source / "lab" / "data" / "requirements.tsv"),
        load(PRODUCT),
        cases(),
        citations(path for path in code if not _of_others(path.relative_to(source))),
        # What tests the tools, and why the matrix does not draw a product, prove no requirement.
        citations(path for path in (ROOT / "tests").rglob("*.py") if path.parent.name not in ("tools", "matrix")),
        citations(path for path in code if _of_others(path.relative_to(source))),
        reasons(source / "lab" / "data" / "unseen.tsv"),
    )


def _of_others(path: Path) -> bool:
    return any(path.is_relative_to(place) for place in OF_OTHERS)


def reasons(path: Path) -> dict[str, str]:
    """Read why requirements cannot be seen."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {row[0]: row[1] for row in rows}


def requirements(path: Path) -> tuple[Requirement, ...]:
    """Read the table of requirements. Raises msgspec.ValidationError for a word that is none of the table's."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(
        msgspec.convert(dict(zip(Requirement.__struct_fields__, row, strict=True)), Requirement) for row in rows
    )


def cited(text: str) -> Iterator[str]:
    """Yield the ids that a text cites."""
    for prefix, first, further, last in _ID.findall(text):
        yield f"{prefix}{first}"
        yield from (f"{prefix}{number}" for number in further.split("/") if number)
        if last:
            yield from (f"{prefix}{number:0{len(last)}}" for number in range(int(first) + 1, int(last) + 1))


def citations(paths: Iterable[Path], root: Path = ROOT) -> dict[str, frozenset[str]]:
    """Return who cites what."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        for identifier in cited(path.read_text(encoding="utf-8")):
            found[identifier].add(path.relative_to(root).as_posix())
    return {identifier: frozenset(files) for identifier, files in found.items()}


def cases() -> dict[str, tuple[str, ...]]:
    """Return the implemented cases with the requirements that they say they prove."""
    return {identifier: tuple(dict.fromkeys(case.requirements)) for identifier, case in sorted(load_cases().items())}


def render(trace: Trace) -> str:
    """Return the page of a trace."""
    return "\n".join([_head(trace), _cases(trace), _due(trace), _unseen(trace), _elsewhere(trace), _unknown(trace)])


def _head(trace: Trace) -> str:
    due = trace.due
    proven = sum(bool(trace.proven_by(requirement.id)) for requirement in due)
    tested = sum(requirement.id in trace.tests and not trace.proven_by(requirement.id) for requirement in due)
    unseen = sum(requirement.id in trace.unseen and not trace.shown(requirement.id) for requirement in due)
    return f"""# Requirements

Generated by `make generate` from `lab/data/requirements.tsv`, `lab/data/unseen.tsv`, the cases of the lab, and the ids
that docstrings and comments cite; do not edit. The ids are those of OCPP 2.0.1 Part 2 edition 3, errata of 2025-09.

Of {len(trace.requirements)} requirements, {len(due)} are those of the product `{trace.product.name}`: cases of the lab
prove {proven} of them, tests of ours {tested} more, {unseen} cannot be seen from outside; {len(trace.open)} are open.
"""


def _cases(trace: Trace) -> str:
    rows = ["## Cases, what they prove, and the code that cites it", ""]
    if not trace.cases:
        return "\n".join([*rows, "No case names a requirement yet.", ""])
    rows += _table("Case", "Requirements", "Code")
    for case, proves in trace.cases.items():
        files = {file for identifier in proves for file in trace.code.get(identifier, ())}
        rows.append(_row(case, ", ".join(proves), _files(files)))
    return "\n".join([*rows, ""])


def _due(trace: Trace) -> str:
    rows = [f"## The requirements of `{trace.product.name}`", ""]
    rows += _table("Requirement", "", "Code", "Cases", "Tests")
    for requirement in trace.due:
        proven = trace.proven_by(requirement.id)
        code, tests = trace.code.get(requirement.id, ()), trace.tests.get(requirement.id, ())
        rows.append(_row(requirement.id, requirement.strength, _files(code), ", ".join(proven), _files(tests)))
    return "\n".join([*rows, ""])


def _unseen(trace: Trace) -> str:
    rows = [f"## The requirements of `{trace.product.name}` that no test can show", "", *_table("Requirement", "Why")]
    due = {requirement.id for requirement in trace.due}
    rows += [_row(identifier, why) for identifier, why in trace.unseen.items() if identifier in due]
    return "\n".join([*rows, ""])


def _elsewhere(trace: Trace) -> str:
    reasons = Counter(reason for requirement in trace.requirements if (reason := trace.reason(requirement)))
    rows = ["## The requirements of others", "", *_table("Whose, or which feature is absent", "Requirements")]
    rows += [_row(reason, str(count)) for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item))]
    return "\n".join([*rows, ""])


def _unknown(trace: Trace) -> str:
    known = {requirement.id for requirement in trace.requirements}
    sources = (trace.code, trace.tests, trace.others)
    cited_by: dict[str, frozenset[str]] = {
        identifier: frozenset().union(*(found.get(identifier, frozenset()) for found in sources))
        for identifier in {*trace.code, *trace.tests, *trace.others}
    }
    for case, proves in trace.cases.items():
        for identifier in proves:
            cited_by[identifier] = cited_by.get(identifier, frozenset()) | {case}
    strangers = sorted(cited_by.keys() - known)
    rows = ["## Cited, but not in the table", ""]
    rows += ["Texts of the official cases name some that this edition no longer has.", ""]
    rows += _table("Requirement", "Cited by")
    rows += [_row(identifier, _files(cited_by[identifier])) for identifier in strangers]
    return "\n".join([*rows, ""]) if strangers else ""


def _files(paths: Iterable[str]) -> str:
    shown = sorted(path.removeprefix("src/ohmstead/").removeprefix("tests/") for path in paths)
    return ", ".join(f"`{path}`" for path in shown)


def _table(*columns: str) -> list[str]:
    return [_row(*columns), _row(*("---" for _ in columns))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
