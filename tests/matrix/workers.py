"""Products and shrinkings over forked processes, which share what the parent has loaded."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from ohmstead.lab.cases.case import load_cases
from tests.matrix.campaign import Outcome, Trouble, has_kind, quiet, run_product
from tests.matrix.parameters import Assignment
from tests.matrix.shrinking import smallest, unlike


def outcomes(drawn: Mapping[int, Assignment], seed: int, workers: int) -> Iterator[tuple[int, Outcome]]:
    """Run products and yield each outcome as it comes."""
    load_cases()
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        running = {pool.submit(run_product, one, f"matrix-{seed}-{number}"): number for number, one in drawn.items()}
        for done in as_completed(running):
            yield running[done], done.result()


def shrunk(
    drawn: Mapping[int, Assignment], found: Mapping[int, Outcome], workers: int
) -> dict[str, tuple[Trouble, Assignment]]:
    """Return for each kind a case and its smallest product, shrunk from the one that is most like the shipped one."""
    begin: dict[str, tuple[int, Trouble, Assignment]] = {}
    for number, outcome in found.items():
        for trouble in outcome.troubles:
            size = len(unlike(drawn[number]))
            if trouble.kind not in begin or size < begin[trouble.kind][0]:
                begin[trouble.kind] = (size, trouble, drawn[number])
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        running = {pool.submit(_shrink, trouble, one): trouble for _, trouble, one in begin.values()}
        return {running[done].kind: (running[done], done.result()) for done in as_completed(running)}


def _shrink(trouble: Trouble, drawn: Assignment) -> Assignment:
    quiet()
    return smallest(drawn, lambda candidate: has_kind(candidate, trouble))
