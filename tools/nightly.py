"""Runs the whole of every generator, part after part, and writes docs/nightly.md: `python tools/nightly.py [PART ...]`.

Without a part everything runs. `--resume` leaves out what has passed at this commit. Each test may count something with
pytest's `record_property("kills", 250)`; the page has the sums. The exit status is 1 when anything failed.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory
from time import monotonic
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.nightly_page import Night, Outcome, page, read  # noqa: E402
from tools.nightly_parts import PARTS, Part, files_of  # noqa: E402

PAGE = ROOT / "docs" / "nightly.md"
WORKERS = 2
LAST_WORDS = 60
"""Seconds that pytest has to write down what ended before the limit."""


def main(arguments: Sequence[str]) -> int:
    """Run parts and write the page after each, so that nothing is lost when it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(part.name for part in PARTS))
    parser.add_argument("--resume", action="store_true", help="leave out what has passed at this commit")
    parser.add_argument("--page", action="store_true", help="run nothing, write the page anew")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - {part.name for part in PARTS}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: it is one of {', '.join(p.name for p in PARTS)}")
    night, commit = _known(), _commit()
    wanted = [part for part in PARTS if not asked.page and part.name in (asked.parts or [p.name for p in PARTS])]
    if asked.resume:
        wanted = [part for part in wanted if not _passed(night.outcomes.get(part.name), commit)]
    ran = []
    for number, part in enumerate(wanted, 1):
        print(f"\n== {number} of {len(wanted)}: {part.name}: {part.holds} (at most {part.limit} s)", flush=True)
        ran.append(run(part, commit))
        night = Night(_machine(), {**night.outcomes, part.name: ran[-1]})
        PAGE.write_text(page(night), encoding="utf-8")
        print(f"== {part.name}: {ran[-1].tests} tests, {ran[-1].failed} failed, {ran[-1].seconds} s", flush=True)
    if not ran:
        PAGE.write_text(page(night), encoding="utf-8")
    failed = [outcome.part for outcome in ran if outcome.failed]
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nAll that ran has passed.", f"({PAGE.relative_to(ROOT)})")
    return 1 if failed else 0


def run(part: Part, commit: str) -> Outcome:
    """Run one part; it ends at its limit."""
    files = files_of(part)
    if not files:
        return Outcome(part.name, commit, 0, 1, 0, failures=("there is no such test",))
    with TemporaryDirectory() as directory:
        results = Path(directory) / "results.xml"
        command = [sys.executable, "-m", "pytest", *files, "-n", str(WORKERS), "--dist", "worksteal"]
        command += [f"--timeout={part.limit}", f"--junitxml={results}", "-o", "junit_family=xunit1"]
        begun = monotonic()
        environment = {**os.environ, "OHMSTEAD_NIGHTLY": "1"}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        in_time = _ended(process, part.limit)
        seconds = round(monotonic() - begun)
        text = results.read_text(encoding="utf-8") if results.exists() else ""
    outcome = outcome_of(part.name, commit, seconds, text)
    if not in_time:
        said = f"it did not end within {part.limit} s"
        return replace(outcome, failed=outcome.failed + 1, failures=(said, *outcome.failures))
    if process.returncode != 0 and not outcome.failed:
        return replace(outcome, failed=1, failures=(f"pytest ended with status {process.returncode}",))
    return outcome


def outcome_of(part: str, commit: str, seconds: int, junit: str) -> Outcome:
    """Read what pytest wrote."""
    cases = list(ElementTree.fromstring(junit).iter("testcase")) if junit else []
    failures, counted = [], Counter[str]()
    for case in cases:
        for said in (*case.findall("failure"), *case.findall("error")):
            line = " ".join((said.get("message") or "").split())[:160].replace("`", "'").replace("|", "/")
            name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
            failures.append(f"{name}: {line}".replace(str(ROOT), "."))
        counted["skipped"] += len(case.findall("skipped"))
        for one in case.iterfind("properties/property"):
            if (value := one.get("value", "")).isdecimal():  # Hypothesis writes its statistics there too
                counted[one.get("name", "")] += int(value)
    kept = {what: number for what, number in counted.items() if number or what != "skipped"}
    return Outcome(part, commit, len(cases), len(failures), seconds, kept, tuple(failures))


def _ended(process: subprocess.Popen[bytes], limit: int) -> bool:
    """Wait for a process and all that it started; whether it ended by itself."""
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return False
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return True


def _passed(outcome: Outcome | None, commit: str) -> bool:
    return outcome is not None and outcome.failed == 0 and outcome.commit == commit


def _known() -> Night:
    return read(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else Night("", {})


def _commit() -> str:
    """Return the commit, with a + where a file but the page itself has been changed."""
    commit = _git("rev-parse", "--short=10", "HEAD")
    return commit + ("+" if _git("status", "--porcelain", "--", ".", f":!{PAGE.relative_to(ROOT)}") else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _machine() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {python_version()}, {os.cpu_count()} cores."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
