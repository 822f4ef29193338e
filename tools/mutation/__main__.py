"""Tries small changes to `model/` and `blocks/`, and says which of them no test notices: `python -m tools.mutation`.

Without arguments every mutant that has no result yet for its function as it is now: what was interrupted goes on.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from tools.mutation import importing, page, source
from tools.mutation.operators import Mutant
from tools.mutation.recording import Record
from tools.mutation.trying import Plan, Result, place

STATE = source.ROOT / ".mutation"
RESULTS = STATE / "results.jsonl"
TESTS = (
    "tests/model",
    "tests/blocks",
    "tests/requirements",
    "tests/runtime",
    "tests/extensions",
    "tests/ports",
    "tests/lab/test_cases.py",
    "tests/yesterday",
)
"""Where a mutant is looked for: what runs the station's decisions in this process."""
LOADING = ("tests/model/device", "tests/product/test_product_load.py")
"""Tests of what is declared, for mutants that act while modules load."""
SLICE = 200
"""Mutants a process tries before the next one begins, so that memory does not grow."""


def main(arguments: Sequence[str]) -> int:
    """Record what is not recorded, try what is asked for, write the page; 1 if too many live without a reason."""
    asked = _parser().parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    record = _recorded(asked.workers, anew=asked.record)
    wanted = source.every_mutant()
    if asked.changed:
        try:
            wanted = source.of_functions(wanted, source.changed_since(asked.changed))
        except subprocess.CalledProcessError:
            print(f"--changed: this history has no commit {asked.changed}; nothing can be said of what has changed")
            return 0
    if asked.only:
        wanted = source.of_functions(wanted, set(asked.only))
    if asked.number is not None:
        wanted = source.drawn(wanted, asked.number, asked.seed)
    digests = source.digests()
    results = _results(digests)
    again = {"unfinished"} if asked.most is None else set()
    if asked.again:
        again |= {"unfinished", "survived", "unreached"}
    left = [one for one in wanted if one.key not in results or results[one.key].outcome in again]
    print(f"{len(wanted)} mutants, {len(wanted) - len(left)} of them known", flush=True)
    _try([one for one in left if record.tests_of(one)], digests, record, asked.workers, asked.most)
    _load([one for one in left if not record.tests_of(one)], digests)
    results = _results(digests)
    if asked.page:
        page.PAGE.write_text(page.page(source.every_mutant(), results), encoding="utf-8")
    return page.say(wanted, results, asked.least)


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
    parser.add_argument("--page", action="store_true", help="write docs/mutation.md")
    return parser


def _recorded(workers: int, *, anew: bool) -> Record:
    """Return which tests run which lines; recorded once, file by file of the tests in turn."""
    files = [STATE / f"lines-{worker}.json" for worker in range(workers)]
    if anew or not all(file.exists() for file in files):
        tests = sorted(
            file.relative_to(source.ROOT).as_posix()
            for place in TESTS
            for file in ([source.ROOT / place] if place.endswith(".py") else (source.ROOT / place).rglob("test_*.py"))
        )
        print(f"Running the tests of {len(tests)} files once, to see what each of them runs ...", flush=True)
        _all_of(
            ["-p", "tools.mutation.recording", "--mutation-record", str(file), *tests[worker::workers]]
            for worker, file in enumerate(files)
        )
    return Record.read(files)


def _try(left: list[Mutant], digests: dict[str, str], record: Record, workers: int, most: float | None) -> None:
    """Try mutants, slice by slice; those of one file stay together, where one test often notices many."""
    turn = {test: index for index, test in enumerate(_in_turn(record.seconds))}
    for start in range(0, len(left), SLICE * workers):
        slices = [left[start + worker * SLICE : start + (worker + 1) * SLICE] for worker in range(workers)]
        commands = []
        for worker, mutants in enumerate(one for one in slices if one):
            names = {f"{one.path}:{one.function}" for one in mutants}
            chosen = {place(one): _chosen(one, record, turn) for one in mutants}
            plan = STATE / f"plan-{worker}.json"
            Plan(mutants, {name: digests[name] for name in names}, chosen, record.seconds, most).write(plan)
            files = sorted({test.partition("::")[0] for listed in chosen.values() for test in listed})
            arguments = ["-p", "tools.mutation.trying", "--mutation-plan", str(plan), "--mutation-results"]
            commands.append([*arguments, str(RESULTS), *(files or ["tests/model/test_scope.py"])])
        _all_of(commands)
        print(f"{min(start + SLICE * workers, len(left))} of {len(left)}", flush=True)


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


def _chosen(mutant: Mutant, record: Record, turn: dict[str, int]) -> list[str]:
    """Return the tests of a mutant: those of files that have the module's name first, each in its turn."""
    module = PurePosixPath(mutant.path).stem.rstrip("s")
    return sorted(record.tests_of(mutant), key=lambda test: (module not in test.partition("::")[0], turn[test]))


def _in_turn(seconds: dict[str, float]) -> list[str]:
    """Return tests in turn: the fastest of each test function, then the next of each, as rows of one table are alike.

    The official cases are one table of many kinds; each block of them counts as a function.
    """
    rounds: dict[str, int] = defaultdict(int)
    order: dict[str, tuple[int, float]] = {}
    for test in sorted(seconds, key=lambda one: seconds[one]):
        name, _, row = test.partition("[")
        kind = f"{name}[{row[:4]}"
        order[test] = (rounds[kind], seconds[test])
        rounds[kind] += 1
    return sorted(order, key=lambda one: order[one])


def _all_of(commands: Iterable[list[str]]) -> None:
    """Run pytest in several processes at once and wait for all of them."""
    fixed = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "timeout=0"]
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT), "PYTHONHASHSEED": "0"}
    running = [
        subprocess.Popen([*fixed, *command], cwd=source.ROOT, stdout=subprocess.DEVNULL, env=environment)
        for command in commands
    ]
    for process in running:
        process.wait()


def _results(digests: dict[str, str]) -> dict[str, Result]:
    """Return what is known of mutants whose function is as it was."""
    if not RESULTS.exists():
        return {}
    found = [Result(**json.loads(line)) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {one.key: one for one in found if digests.get(":".join(one.key.split(":")[:2])) == one.digest}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
