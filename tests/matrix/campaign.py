"""One drawn product through everything: printed, imported, booted, every applicable case in memory, printed again."""

import functools
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from time import process_time

import msgspec

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.certificate import CertificateError
from ohmstead.product.check import problems
from ohmstead.product.profile import Product
from tests.matrix.applicability import wrongly_decided
from tests.matrix.drawn import product_of
from tests.matrix.parameters import Assignment
from tests.matrix.round_trip import abstract_of, differences, imported

VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27,}|\d{4}-\d\d-\d\dT[\d:.]+Z?|\b[0-9A-F]{10,}\b|\d+(\.\d+)?")
STEP = re.compile(r"^step [^:]*: ")


class Trouble(msgspec.Struct, frozen=True):
    """One thing that went wrong with a product."""

    what: str
    """FAIL, INCONCLUSIVE, CRASH, IMPORT, ROUND TRIP, or APPLICABLE."""
    case: str
    """Empty where no case was run."""
    reason: str

    @property
    def kind(self) -> str:
        """What it has in common with others: the reason without its step, numbers and ids."""
        return f"{self.what}: {VARYING.sub('#', STEP.sub('', self.reason))}"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one product."""

    passed: tuple[str, ...] = ()
    """Cases that ran and passed."""
    troubles: tuple[Trouble, ...] = ()
    seconds: float = 0.0
    """Of CPU."""


def quiet() -> None:
    """Let the stations of this process keep to themselves what they log."""
    logging.getLogger("ohmstead").setLevel(logging.CRITICAL)


def run_product(drawn: Assignment, name: str) -> Outcome:
    """Take a product through everything."""
    began = process_time()
    quiet()
    troubles, product = _import(drawn, name)
    if product is None:
        return Outcome(troubles=tuple(troubles), seconds=process_time() - began)
    troubles += [Trouble("APPLICABLE", case, why) for case, why in wrongly_decided(product)]
    results = []
    for case in cases_of(product):
        result = run_one(case, product)
        if isinstance(result, Trouble):
            troubles.append(result)
        else:
            results.append(result)
    troubles += list(_round_trip(product, results))
    return Outcome(
        passed=tuple(result.id for result in results if result.verdict is Verdict.PASS),
        troubles=tuple(troubles + [_trouble(result) for result in results if result.verdict is not Verdict.PASS]),
        seconds=round(process_time() - began, 2),
    )


def _import(drawn: Assignment, name: str) -> tuple[list[Trouble], Product | None]:
    product = product_of(drawn, name)
    wrong = [Trouble("IMPORT", "", f"{one.where}: {one.wrong}") for one in problems(product)]
    if wrong:
        return wrong, None
    try:
        read = imported(abstract_of(product))
    except CertificateError as error:
        return [Trouble("IMPORT", "", str(error))], None
    return [Trouble("IMPORT", "", one) for one in differences(product, read)], read


def _round_trip(product: Product, results: Iterable[Result]) -> Iterator[Trouble]:
    """The report of the campaign, read back, is the product again."""
    try:
        again = imported(abstract_of(product, results))
    except CertificateError as error:
        yield Trouble("ROUND TRIP", "", str(error))
        return
    for one in differences(product, again):
        yield Trouble("ROUND TRIP", "", one)


def cases_of(product: Product) -> tuple[str, ...]:
    """Return the implemented cases that are to run on a product."""
    return tuple(case for case in sorted(load_cases()) if select(case, product).applies)


def run_one(case: str, product: Product) -> Result | Trouble:
    """Run one case; what it raises is a crash."""
    try:
        return run_in_memory(load_cases()[case], product, LabConfig())
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rpartition('/src/')[2]}, {place.name}"
        return Trouble("CRASH", case, f"{type(error).__name__}: {error} in {where}")


def _trouble(result: Result) -> Trouble:
    return Trouble(result.verdict.value, result.id, result.reason)


@functools.lru_cache(maxsize=4096)
def _drawn(cells: tuple[tuple[str, str], ...]) -> Product:
    return product_of(dict(cells))


def has_kind(drawn: Assignment, trouble: Trouble) -> bool:
    """Say whether a product has a trouble of the same kind in the same case."""
    if not trouble.case:
        return trouble.kind in {one.kind for one in _import(drawn, "drawn")[0]}
    product = _drawn(tuple(drawn.items()))
    if trouble.what == "APPLICABLE":
        return trouble.case in dict(wrongly_decided(product))
    if trouble.case not in cases_of(product):
        return False
    result = run_one(trouble.case, product)
    return (result if isinstance(result, Trouble) else _trouble(result)).kind == trouble.kind
