"""From the abstract of a certificate to the product that it describes.

The abstract is the text form of an OCA test report for an OCPP 2.0.1 charging station: header, certification profiles,
hardware feature set, EVSE table, feature tables, questions, other relevant settings, figures. What a reader concludes
beyond the words of the text is a note. A contradiction that leaves one sensible station is a warning that says how it
was read; any other one is an error, and all that is wrong is told at once.
"""

import re
from pathlib import Path

import msgspec

from ohmstead.product.abstract import UNSEPARATED_ROW, Abstract, CertificateError, Note, Statement
from ohmstead.product.abstract import read as read_abstract
from ohmstead.product.check import problems
from ohmstead.product.contradictions import reconcile
from ohmstead.product.features import FEATURES
from ohmstead.product.paper import decoded, is_pdf, text_of_pdf
from ohmstead.product.profile import Certificate, Identity, Product, Security
from ohmstead.product.tables_features import cipher_suites, flags, has_no_tls, measurands, with_a_pair
from ohmstead.product.tables_figures import performance
from ohmstead.product.tables_hardware import facts, hardware, plugs_of
from ohmstead.product.tables_settings import settings

__all__ = ["CertificateError", "CertificateReading", "Note", "read", "read_file"]

MANY = 5
"""Rows whose columns ran together: so many are no slip."""
LARGEST = 32_000_000
"""Bytes; the text of an abstract has about 15,000, and a PDF has pictures in it."""


class CertificateReading(msgspec.Struct, frozen=True):
    """A product and what had to be put right, concluded or left out to get it, in the order of the lines."""

    product: Product
    notes: tuple[Note, ...]


def read_file(path: str | Path, *, strict: bool = False) -> CertificateReading:
    """Read the abstract in a file, a text or a PDF; raises CertificateError, also where there is no such file."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CertificateError(0, f"cannot be read: {reason}") from None
    if len(data) > LARGEST:
        raise CertificateError(0, f"more than {LARGEST} bytes: that is no abstract")
    text = text_of_pdf(data) if is_pdf(data) else decoded(data)
    return read(text, strict=strict)


def read(text: str, *, strict: bool = False) -> CertificateReading:
    """Read the text of an abstract.

    Args:
        text: of the abstract.
        strict: refuse contradictions that leave one sensible station, too.

    Raises CertificateError with everything that is wrong.
    """
    abstract = read_abstract(text)
    _which_paper(abstract, text)
    _what_is_needed(abstract)
    product = None
    try:
        product = _product(abstract)
    except CertificateError as error:
        abstract.errors.extend(error.errors)
    if product is not None and not abstract.errors:
        _check(abstract, product)
    notes = sorted(abstract.notes, key=lambda note: note.line)
    refused = [note for note in notes if note.contradicts] if strict else []
    wrong = sorted(dict.fromkeys([*abstract.errors, *refused]), key=lambda note: note.line)
    if product is None or wrong:
        raise CertificateError(wrong[0].line, wrong[0].text, wrong[1:])
    return CertificateReading(product, tuple(notes))


def _product(abstract: Abstract) -> Product:
    """Return the product of an abstract; what is wrong and can be passed over is an error of the abstract."""
    _edition_3(abstract)
    features, plugs = flags(abstract), plugs_of(abstract)
    evses, built_in = hardware(abstract, features, plugs)
    reconcile(abstract, features, facts(plugs, evses))
    values, variables = settings(abstract)
    supported, tested = measurands(abstract)
    return Product(
        name=_name(abstract.header["product designation"].value),
        identity=_identity(abstract),
        hardware=built_in,
        evses=evses,
        features=features,
        security=_security(abstract, features),
        measurands=supported,
        settings=values,
        variables=variables,
        performance=performance(abstract),
        certificate=msgspec.structs.replace(
            _certificate(abstract), tested_measurands=tested, words=dict(sorted(abstract.words.items()))
        ),
    )


def _check(abstract: Abstract, product: Product) -> None:
    for problem in problems(product):
        place = problem.where.removeprefix("features.").removeprefix("settings.")
        line = abstract.answers[place].line if place in abstract.answers else 0
        abstract.fail(line, f"{place}: {problem.wrong}; right would be {problem.right}")


OTHERS = (
    (re.compile(r"\bcentral system\b|\bCSMS\b.{0,40}\bunder test\b|\bunder test\b.{0,5}:?\s*CSMS\b", re.I), "a CSMS"),
    (re.compile(r"\bOCPP(?:-J)?[ -]?1\.[56]\w?\b"), "OCPP 1.6"),
    (re.compile(r"\bOCPP[ -]?2\.1\b"), "OCPP 2.1"),
)
"""Words of a paper of another kind, for one whose header does not say what it is."""


def _which_paper(abstract: Abstract, text: str) -> None:
    """Tell a paper of another kind apart. Raises CertificateError: nothing else that could be said would help."""
    header = abstract.header
    kind = header.get("product type") or header.get("device under test")
    if kind is not None and not re.search(r"station|charge ?point|evse", kind.value, re.IGNORECASE):
        raise CertificateError(kind.line, f"this is the abstract of a {kind.value}, not of a charging station")
    reference = header.get("reference specification")
    if reference is not None and not reference.value.startswith("OCPP 2.0.1"):
        raise CertificateError(reference.line, f"this is an abstract for {reference.value}, not for OCPP 2.0.1")
    if reference is None and "2.0.1" not in text:
        for words, what in OTHERS:
            for number, line in enumerate(text.split("\n"), start=1):
                if words.search(line):
                    raise CertificateError(number, f"this is a paper about {what}, not about an OCPP 2.0.1 station")
    if not abstract.answers and not abstract.evses and not header:
        raise CertificateError(0, "this is no abstract: it has neither a header nor tables of features")


def _what_is_needed(abstract: Abstract) -> None:
    header = abstract.header
    for key in ("product designation", "firmware version"):
        if key not in header:
            abstract.fail(0, f"the header has no {key.title()}")
            header[key] = Statement(0, "unknown")
    if "vendor name" not in header and "certificate holder" not in header:
        abstract.fail(0, "the header has neither a Vendor name nor a Certificate Holder")
        header["vendor name"] = Statement(0, "unknown")
    if not abstract.evses:
        missing = "the EVSE table is missing (EVSE, Current, Phases, Connector, Type, Cable Type)"
        lost = sum(note.text.startswith(UNSEPARATED_ROW) for note in abstract.notes) >= MANY
        hint = "; the columns of this text are lost: give the PDF itself, or what pdftotext -layout makes of it"
        abstract.fail(0, missing + hint if lost else missing)
    if not any(identifier.startswith("C-") for identifier in abstract.answers):
        abstract.fail(0, "the tables of core features (C-01 ...) are missing")
    core = abstract.results.get("Core")
    if core is not None and _result(core.value) != "Pass":
        abstract.fail(core.line, f"Core has the result {core.value!r}; only a station that passed has one")
    if core is None:
        abstract.warn(0, "the table of certification profiles does not say that Core has passed; taken as passed")


FOLDED = {
    "R-0": "Reservation",
    "DM-0": "Advanced Device Management",
    "LA-0": "Local Authorization List Management",
    "UI-0": "Advanced User Interface",
}
"""Features of edition 4 that were certification profiles in edition 3."""


def _edition_3(abstract: Abstract) -> None:
    for identifier, profile in FOLDED.items():
        result = abstract.results.get(profile)
        if identifier not in abstract.answers and result is not None:
            answer = "Yes" if _result(result.value) == "Pass" else "No"
            abstract.answers[identifier] = Statement(result.line, answer, FEATURES[identifier].text)
            abstract.note(result.line, f"{identifier} = {answer}, from the result of {profile}")


def _identity(abstract: Abstract) -> Identity:
    header = abstract.header
    vendor = header.get("vendor name") or header["certificate holder"]
    return Identity(
        vendor_name=_cut(abstract, "vendor name", vendor, 50),
        model=_cut(abstract, "product designation", header["product designation"], 20),
        firmware_version=_cut(abstract, "firmware version", header["firmware version"], 50),
        config_id=_value(abstract, "config id"),
        image_hash=_value(abstract, "firmware image hash"),
    )


def _cut(abstract: Abstract, key: str, said: Statement, most: int) -> str:
    if len(said.value) <= most:
        return said.value
    short = said.value[:most].rstrip()
    abstract.warn(said.line, f"{key} has {len(said.value)} characters, BootNotification takes {most}: cut to {short!r}")
    return short


def _security(abstract: Abstract, features: dict[str, bool]) -> Security:
    advanced = abstract.results.get("Advanced Security")
    passed = advanced is not None and _result(advanced.value) == "Pass"
    if advanced is None and any(identifier.startswith("AS-") for identifier in abstract.answers):
        abstract.warn(0, "Advanced Security has a table of features but no result; security profile 3 is left out")
    for identifier in ("AS-2", "AS-3"):
        if features.get(identifier) and advanced is not None and not passed:
            line = abstract.answers[identifier].line
            abstract.warn(
                line, f"{identifier} is Yes, but Advanced Security is {advanced.value!r} in line {advanced.line}"
            )
    if features.get("C-61", False) and not passed and has_no_tls(abstract):
        return Security(profiles=(1,), cipher_suites=())
    profiles = ((1,) if features.get("C-61", False) else ()) + ((2, 3) if passed else (2,))
    return Security(profiles=profiles, cipher_suites=with_a_pair(abstract, cipher_suites(abstract)))


def _certificate(abstract: Abstract) -> Certificate:
    return Certificate(
        holder=_value(abstract, "certificate holder"),
        number=_value(abstract, "certificate number"),
        product_designation=_value(abstract, "product designation"),
        date=_value(abstract, "certification date"),
        laboratory=_value(abstract, "test laboratory"),
        location=_value(abstract, "location"),
        report_reference=_value(abstract, "test report reference"),
        reference_specification=_value(abstract, "reference specification"),
        results=_results(abstract),
        tool_version=_value(abstract, "octt version"),
        tool_instance=_value(abstract, "octt instance id"),
        product_type=_value(abstract, "product type") or _value(abstract, "device under test") or "Charging Station",
    )


def _results(abstract: Abstract) -> dict[str, str]:
    results = {}
    for profile, said in abstract.results.items():
        result = _result(said.value)
        if result:
            results[profile] = result
        else:
            abstract.warn(said.line, f"{profile} has the result {said.value!r}, not Pass, Fail or Not Tested; left out")
    return results


def _result(text: str) -> str:
    words = {"pass": "Pass", "passed": "Pass", "fail": "Fail", "failed": "Fail"}
    not_tested = ("not tested", "not applicable", "n/a", "-", "–", "no")
    return "Not Tested" if text.lower() in not_tested else words.get(text.lower(), "")


def _value(abstract: Abstract, key: str) -> str:
    said = abstract.header.get(key)
    return said.value if said is not None else ""


def _name(designation: str) -> str:
    """Return the name of the product file: `SEC1000/240Y` -> `sec1000-240y`."""
    return "-".join(re.findall(r"[a-z0-9]+", designation.lower())) or "product"
