"""`make bench` goes on working: the same run, with a handful of rounds. Its figures are not judged here."""

from pathlib import Path

import msgspec
import uvloop

from benchmarks.report import Results, keep, markdown
from benchmarks.run import SMOKE, everything

TARGETED = 9
"""Rows with a target."""


def test_a_short_run_measures_everything(tmp_path: Path) -> None:
    run = uvloop.run(everything(SMOKE, tmp_path))
    assert len({row.section for row in run.rows}) == 5
    assert sum(row.passed is not None for row in run.rows) == TARGETED
    assert all(row.ours.low <= row.ours.median <= row.ours.high and row.ours.median > 0 for row in run.rows)
    keep(run, tmp_path)
    assert msgspec.json.decode((tmp_path / "latest.json").read_bytes(), type=Results) == run
    assert (tmp_path / "latest.md").read_text() == markdown(run)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
