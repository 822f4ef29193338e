"""Makes every generated file of the project; `--check` only says whether they are current.

Run it as `python tools/generate.py [--check]`. To add a file, add its path and the function that returns its text.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import (  # noqa: E402
    actions_table,
    case_titles,
    features_page,
    products_page,
    readings_page,
    trace_page,
    transitions_page,
    variables_page,
    wire_messages,
)

GENERATED: list[tuple[str, Callable[[], str]]] = [
    ("src/ohmstead/wire/messages.py", wire_messages.messages),
    ("src/ohmstead/wire/actions.py", wire_messages.actions),
    ("src/ohmstead/lab/data/titles.tsv", case_titles.table),
    ("docs/external.md", actions_table.page),
    ("docs/features.md", features_page.page),
    ("docs/variables.md", variables_page.page),
    ("docs/products.md", products_page.page),
    ("docs/requirements.md", trace_page.page),
    ("docs/readings.md", readings_page.page),
    ("docs/transitions.md", transitions_page.page),
]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write what is out of date, or with `--check` only name it. Returns the exit status."""
    if unknown := set(arguments) - {"--check"}:
        print(f"usage: generate.py [--check]; not understood: {' '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    stale = [(path, text) for path, function in GENERATED if _read(root / path) != (text := function())]
    for path, text in stale:
        if "--check" in arguments:
            print(f"{path} is not current: run `make generate`", file=sys.stderr)
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return 1 if stale and "--check" in arguments else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
