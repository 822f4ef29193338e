"""Tries small changes to `model/` and `blocks/`, and says which of them no test notices: `python -m tools.mutation`.

Without arguments every mutant that has no result yet for its function as it is now: what was interrupted goes on.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from time import monotonic

from tools.mutation import importing, page, source, table
from tools.mutation.operators import Mutant
from tools.mutation.recording import Record, file_of
from tools.mutation.trying import Plan, Result, place
from tools.mutation.turns import Turns

STATE = source.ROOT / ".mutation"
RESULTS = STATE / "results.jsonl"
TESTS = (
    "tests/model",
    "tests/blocks",
    "tests/requirements",
    "tests/runtime",
    "tests/extensions",
    "tests/ports",
    "tests/edge/simulator",
    "tests/lab/test_cases.py",
    "tests/yesterday",
)
"""Where a mutant is looked for: what runs the station's decisions in this process."""
LEFT_OUT = frozenset(
    f"tests/runtime/test_{name}.py"
    for name in (
        "crashes",
        "day",
        "day_recorded",
        "disk_full",
        "firmware_crash",
        "long_outbox",
        "own_certificate_crash",
        "random_hands",
        "station_weight",
    )
)
"""A whole day, or one scene again for every write: too long to run for each mutant. What they notice is not counted."""
LOADING = ("tests/model/device", "tests/product/test_product_load.py", "tests/runtime/test_charging.py")
"""Tests of what is declared, for mutants that act while modules load."""
SLICE = 200
"""Mutants a process tries before the next one begins, so that memory does not grow."""


def main(arguments: Sequence[str]) -> int:
    """Record what is not recorded, try what is asked for, write the page; 1 if too many live without a reason."""
    asked = _parser().parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    digests = source.digests()
    until = None if asked.within is None else monotonic() + 60 * asked.within
    try:
        wanted = _wanted(asked)
        record = _of_table(asked) if asked.table else _recorded(asked.workers, asked.record)
    except subprocess.CalledProcessError:
        print(f"This history has no commit {asked.changed}; nothing can be said of what has changed since")
        return 0
    results = _results(digests)
    again = {"broken", *(["unfinished"] if asked.most is None or asked.again else [])}
    if asked.again:
        again |= {"survived", "unreached"}
    left = [one for one in wanted if one.key not in results or results[one.key].outcome in again]
    print(f"{len(wanted)} mutants, {len(wanted) - len(left)} of them known", flush=True)
    turns = Turns(record.seconds, table.killers() if asked.table else _killers(results))
    chosen = {one.key: turns.order(one, record.tests_of(one, digests[_name(one)])) for one in left}
    limits = Limits(asked.workers, asked.most, not asked.table, until)
    _try([one for one in left if chosen[one.key]], digests, chosen, record.seconds, limits)
    if not asked.table:
        _load([one for one in left if not chosen[one.key]], digests)
    results = _results(digests)
    if asked.page:
        page.PAGE.write_text(page.page(source.every_mutant(), results, asked.seed, asked.number), encoding="utf-8")
        table.write(_killers(results), record.seconds, record.by_function())
    untried = sum(1 for one in wanted if one.key not in results)
    if untried:
        print(f"{untried} were not tried in the time, or the table has no test for them")
    return page.say(wanted, results, asked.least)


def _wanted(asked: argparse.Namespace) -> list[Mutant]:
    wanted = source.every_mutant()
    if asked.changed:
        wanted = source.of_functions(wanted, source.changed_since(asked.changed))
    if asked.only:
        wanted = source.of_functions(wanted, set(asked.only))
    if asked.number is not None:
        wanted = source.drawn(wanted, asked.number, asked.seed)
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--only", action="append", metavar="PLACE", help="src/...py, or src/...py:Class.method")
    parser.add_argument(
        "--changed",
        nargs="?",
        const=page.commit(),
        metavar="COMMIT",
        help="only functions that are other than at a commit; default: that of the page (%(const)s)",
    )
    parser.add_argument("--number", type=int, metavar="N", help="only so many, drawn by the seed")
    parser.add_argument("--seed", default="ohmstead", help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes, default: %(default)s")
    parser.add_argument(
        "--most",
        type=float,
        metavar="SECONDS",
        help="of CPU of tests a mutant; those that live are tried again by a run with more",
    )
    parser.add_argument("--again", action="store_true", help="also those that lived: the tests are other ones now")
    parser.add_argument("--record", action="store_true", help="find out anew which tests run which lines")
    parser.add_argument(
        "--least",
        type=float,
        default=100.0,
        metavar="PERCENT",
        help="of mutants that are noticed or have a reason to live; fewer are an error; default: %(default)g",
    )
    parser.add_argument(
        "--table",
        action="store_true",
        help="take the tests of a function from tools/mutation/noticing.tsv, and what has changed with --changed: "
        "no record is needed, and what lives is not decided",
    )
    parser.add_argument("--within", type=float, metavar="MINUTES", help="after which no further mutant is begun")
    parser.add_argument("--page", action="store_true", help="write docs/mutation.md and the table")
    return parser


def _recorded(workers: int, anew: bool) -> Record:
    """Return which tests run which lines; a test file that was not recorded as it is now runs once for that."""
    files = sorted(STATE.glob("record-*.json"))
    known = Record.read(files).files if files and not anew else {}
    tests = [name for name in _test_files() if known.get(name) != source.digest_of(source.ROOT / name)]
    if tests:
        if anew:
            for file in files:
                file.unlink()
        _record(tests, workers)
    return Record.read(sorted(STATE.glob("record-*.json")))


def _of_table(asked: argparse.Namespace) -> Record:
    """Return what the table says, and what the test files run that have changed since a commit."""
    known = table.read()
    changed = set(source.changed_files(asked.changed, TESTS)) if asked.changed else set()
    tests = sorted(changed.intersection(_test_files()))
    for file in STATE.glob("changed-*.json"):
        file.unlink()
    if tests:
        _record(tests, asked.workers, "changed", asked.within and asked.within * 60 / 3)
    return Record.read(sorted(STATE.glob("changed-*.json"))).joined(known)


def _test_files() -> list[str]:
    places = [source.ROOT / name for name in TESTS]
    found = {file for place in places for file in ([place] if place.is_file() else place.rglob("test_*.py"))}
    return sorted({file.relative_to(source.ROOT).as_posix() for file in found} - LEFT_OUT)


def _record(tests: list[str], workers: int, name: str = "record", seconds: float | None = None) -> None:
    """Run tests and write down what they run; after some seconds it is what has run by then."""
    print(f"Running the tests of {len(tests)} files once, to see what each of them runs ...", flush=True)
    number = len(list(STATE.glob(f"{name}-*.json")))
    parts = [part for worker in range(workers) if (part := tests[worker::workers])]
    files = [STATE / f"{name}-{number + worker:04}.json" for worker in range(len(parts))]
    _all_of(
        (
            ["-p", "tools.mutation.recording", "--mutation-record", str(file), *part]
            for file, part in zip(files, parts, strict=True)
        ),
        seconds,
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one run."""

    workers: int
    most: float | None
    whole: bool
    until: float | None


def _try(
    left: list[Mutant], digests: dict[str, str], chosen: dict[str, list[str]], seconds: dict[str, float], limits: Limits
) -> None:
    """Try mutants, slice by slice; those of one file stay together, where one test often notices many."""
    step = SLICE * limits.workers
    for start in range(0, len(left), step):
        slices = [left[start:][worker : step : limits.workers] for worker in range(limits.workers)]
        commands = []
        for worker, mutants in enumerate(one for one in slices if one):
            tests = {place(one): chosen[one.key] for one in mutants}
            names = {_name(one): digests[_name(one)] for one in mutants}
            needed = {test for listed in tests.values() for test in listed}
            known = {test: seconds[test] for test in needed}
            plan = STATE / f"plan-{worker}.json"
            Plan(mutants, names, tests, known, limits.most, limits.whole, limits.until).write(plan)
            files = sorted({file_of(test) for test in needed if (source.ROOT / file_of(test)).exists()})
            arguments = ["-p", "tools.mutation.trying", "--mutation-plan", str(plan), "--mutation-results"]
            commands.append([*arguments, str(RESULTS), *files])
        _all_of(commands)
        print(f"{min(start + step, len(left))} of {len(left)}", flush=True)


def _load(left: list[Mutant], digests: dict[str, str]) -> None:
    """Try mutants that no test runs in a process of their own each: what they change may run while modules load.

    Raises RuntimeError if the tests fail without a change: they would notice every mutant.
    """
    if left and _fails_when_loaded(None):
        raise RuntimeError(f"the tests of {' '.join(LOADING)} fail without a change")
    for mutant in left:
        outcome, killer = ("killed", "while modules load") if _fails_when_loaded(mutant) else ("unreached", "")
        result = Result(mutant.key, digests[f"{mutant.path}:{mutant.function}"], outcome, killer)
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(asdict(result)) + "\n")


def _fails_when_loaded(mutant: Mutant | None) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT)}
    if mutant is not None:
        file = STATE / "mutant.json"
        file.write_text(json.dumps(asdict(mutant)), encoding="utf-8")
        environment[importing.VARIABLE] = str(file)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "tools.mutation.importing"]
    ran = subprocess.run([*command, *LOADING], cwd=source.ROOT, check=False, capture_output=True, env=environment)
    return ran.returncode != 0


def _name(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.function}"


def _killers(results: dict[str, Result]) -> list[tuple[str, str]]:
    """Return function and test of every mutant that a test has noticed."""
    return [(key.rsplit(":", 2)[0], one.killer) for key, one in results.items() if "::" in one.killer]


def _all_of(commands: Iterable[list[str]], seconds: float | None = None) -> None:
    """Run pytest in several processes at once and wait for all of them, which end early after some seconds."""
    until = None if seconds is None else monotonic() + seconds
    fixed = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "timeout=0"]
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT), "PYTHONHASHSEED": "0"}
    running = [
        subprocess.Popen([*fixed, *command], cwd=source.ROOT, stdout=subprocess.DEVNULL, env=environment)
        for command in commands
    ]
    for process in running:
        try:
            process.wait(None if until is None else max(0.0, until - monotonic()))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait()


def _results(digests: dict[str, str]) -> dict[str, Result]:
    """Return what is known of mutants whose function is as it was."""
    if not RESULTS.exists():
        return {}
    found = [Result(**json.loads(line)) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {one.key: one for one in found if digests.get(":".join(one.key.split(":")[:2])) == one.digest}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
