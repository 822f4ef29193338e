"""What a campaign leaves behind: one report, which the page, the paper, `judge`, `diff` and `product import` all read.

The schema is described in docs/report.md.
"""

from datetime import datetime

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.figures import Figures
from ohmstead.lab.reading import Reading
from ohmstead.lab.report.explanation import Explanation
from ohmstead.lab.verdict import Disputed, Finding, Result
from ohmstead.product.profile import Product
from ohmstead.version import ERRATA, STANDARD

FORMAT = "ohmstead-report/3"
EARLIER_FORMATS = ("ohmstead-report/2", "ohmstead-report/1")
"""Of earlier versions, whose reports are still read and judged: the first finding of a case alone, and in the first
format no explanations and not what the verdicts rest on."""
SPECIFICATION = f"{STANDARD}, Part 2 with the errata of {ERRATA}"
OFFICIAL_CASES = "the official list of test cases for charging stations (Part 6)"
STATEMENT = (
    "A self-test: Ohmstead's laboratory ran these cases on the product and judged them by the messages it saw. "
    "This is not a certificate, and no certification body or test laboratory stands behind it."
)


class ReportError(Exception):
    """A report that cannot be read."""


class CaseReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case of the official list, or one of our own."""

    id: str
    title: str = ""
    verdict: str
    """PASS, FAIL, INCONCLUSIVE, NOT APPLICABLE or NOT RUN. PASS: by the specification and by the official case."""
    specification: str = ""
    """The verdict by the specification alone; empty: the same."""
    tool: str = ""
    """The verdict by the text of the official case alone; empty: the same."""
    reason: str = ""
    """What failed, what was missing, which feature says no."""
    because: str = ""
    """Why it applies, or does not."""
    profiles: tuple[str, ...] = ()
    """Certification profiles that list it."""
    finding: Finding | None = None
    also: tuple[Finding, ...] = ()
    """What else was wrong until the case was over, in order; it may follow from the first."""
    requirements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    disputed: tuple[Disputed, ...] = ()
    """Where the two do not ask for the same, and the station met only one of them."""
    seconds: float = 0.0
    explanation: Explanation | None = None
    """Of a case that failed: why, as its evidence says."""
    evidence: str = ""
    """File of its wire log, relative to the report; empty: there is none."""
    sha256: str = ""
    """Of that file."""

    @property
    def by_specification(self) -> str:
        """The verdict by the specification alone."""
        return self.specification or self.verdict

    @property
    def by_tool(self) -> str:
        """The verdict by the text of the official case alone."""
        return self.tool or self.verdict


class BenchPatience(msgspec.Struct, frozen=True):
    """How exact a bench is, seconds."""

    tolerance: float
    """By which an instant may be off."""
    patience: float
    """For which a message is waited for, unless the case says otherwise."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What the verdicts rest on, beside the claims."""

    specification: str = SPECIFICATION
    cases: str = OFFICIAL_CASES
    bench: tuple[BenchPatience, ...] = ()
    """Of the evidence; several where a campaign went on with others."""
    readings: tuple[Reading, ...] = ()
    """Where specification and official case do not ask for the same, of all cases that were run."""


class ProfileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One certification profile."""

    name: str
    result: str
    """Pass, Fail or Not Tested."""
    why: str
    claimed: bool
    applicable: int
    passed: int
    failed: int
    inconclusive: int
    not_run: int

    @property
    def open(self) -> int:
        """Cases without a verdict."""
        return self.inconclusive + self.not_run


class FeatureRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a feature table."""

    id: str
    text: str
    claim: str = ""
    """Empty: a heading."""
    tested: str = ""
    """Of measurands: what the claim's own laboratory tested."""
    measured: str = ""
    """What the run says: `Yes`, `No`, a value, `2 of 3 cases`, or empty: nothing in the run looks at it."""
    verdict: str = ""
    """`confirmed`, `contradicted`, `open` (some of its cases did not come to a verdict) or empty."""
    cases: tuple[str, ...] = ()
    """Cases behind it: those that apply because of this claim."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One feature table."""

    title: str
    rows: tuple[FeatureRow, ...]


class SeenVariable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One variable of the device model as it was first reported, over all EVSEs and connectors."""

    value: str = ""
    """Actual value of the first report."""
    all_values: tuple[str, ...] = ()
    """Of every EVSE and connector, sorted."""
    writable: bool = False
    min: float | None = None
    max: float | None = None
    values_list: str = ""

    def options(self) -> tuple[str, ...]:
        """Return the values that it may have, or has where it has no list."""
        return tuple(filter(None, (self.values_list or self.value).split(",")))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the wire logs say about the station beyond the verdicts."""

    cipher_suites: tuple[str, ...] = ()
    """Agreed on in handshakes."""
    offered_suites: tuple[str, ...] = ()
    """Offered by the station in ClientHellos, where those were read."""
    tls_versions: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    firmware_versions: tuple[str, ...] = ()
    evses: tuple[int, ...] = ()
    connectors: tuple[str, ...] = ()
    """`1/1` ..."""
    measurands: dict[str, tuple[str, ...]] = {}
    """List (`tx_started` ...) -> measurands that came in it."""
    started_by: tuple[str, ...] = ()
    """Types of tokens that the station asked authorization for."""
    stopped_by: tuple[str, ...] = ()
    """Types of tokens that stopped a transaction at the station."""
    remote_by: tuple[str, ...] = ()
    """Types of tokens in transactions that began from afar."""
    variables: dict[str, SeenVariable] = {}
    """`Component.Variable[instance]` -> as it was reported."""
    inventory: bool = False
    """A full inventory has come, so what is not among the variables is not there."""
    frames: int = 0
    """Frames of both directions."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign on one product."""

    format: str = FORMAT
    statement: str = STATEMENT
    made_by: str
    began: datetime
    seconds: float
    """Real time of the whole campaign."""
    bench: str
    product: Product
    """The claims."""
    config: LabConfig
    basis: Basis | None = None
    """None: the report is of an earlier version."""
    summary: dict[str, int]
    """Verdict -> number of cases."""
    profiles: tuple[ProfileReport, ...]
    sections: tuple[Section, ...]
    seen: Seen
    performance: tuple[Figures, ...] = ()
    """The four figures, once for each network that they were measured over."""
    cases: tuple[CaseReport, ...]

    @property
    def contradicted(self) -> tuple[FeatureRow, ...]:
        """Claims that the run contradicts."""
        return tuple(row for section in self.sections for row in section.rows if row.verdict == "contradicted")


class CampaignRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a campaign when it is over."""

    product: Product
    config: LabConfig
    bench: str
    made_by: str
    began: datetime
    seconds: float
    results: tuple[Result, ...]
    """With their evidence."""
    figures: tuple[Figures, ...] = ()
    presupposing: bool = True
    """False: cases that were not run are told of by the official conditions alone (`lab.prerequisites`)."""


def read(text: str | bytes) -> Report:
    """Read report.json. Raises ReportError."""
    try:
        report = msgspec.json.decode(text, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"not a report: {error}") from None
    if report.format not in (FORMAT, *EARLIER_FORMATS):
        raise ReportError(f"not a report: its format is {report.format!r}, not {FORMAT!r}")
    return report
