"""What went wrong, kind by kind, as a table for people."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ohmstead.product.write import write
from tests.matrix.campaign import Outcome, Trouble
from tests.matrix.drawn import product_of
from tests.matrix.parameters import Assignment
from tests.matrix.shrinking import unlike


def table(
    seed: int,
    found: Mapping[int, Outcome],
    smallest: Mapping[str, tuple[Trouble, Assignment]],
    folder: Path,
) -> str:
    """Return the kinds of trouble, the most frequent first, each with the smallest product that has it.

    That product is written into the folder, for `ohmstead lab run`.
    """
    whole = sum(not outcome.troubles for outcome in found.values())
    cases: Counter[str] = Counter()
    products: dict[str, set[int]] = {}
    affected: dict[str, set[str]] = {}
    for number, outcome in found.items():
        for one in outcome.troubles:
            cases[one.kind] += 1
            products.setdefault(one.kind, set()).add(number)
            affected.setdefault(one.kind, set()).add(one.case)
    lines = [
        f"# Matrix of products, seed {seed}: {whole} of {len(found)} pass whole",
        "",
        f"{sum(len(outcome.passed) for outcome in found.values()):,} cases passed, {cases.total():,} did not, in "
        f"{len(cases)} kinds; {sum(outcome.seconds for outcome in found.values()):,.0f} s of CPU.",
        "Smallest product: the shipped one (sec1000-240y), and these lines of the abstract changed.",
        "",
    ]
    for number, (kind, count) in enumerate(cases.most_common(), start=1):
        ids = sorted(name.removeprefix("TC_").removesuffix("_CS") for name in affected[kind] if name)
        where = f"{count} times in {len(products[kind])} products ({_some(products[kind])})"
        lines += [f"## {number}. {kind}", f"{where}; cases: {', '.join(ids[:40]) or '-'}"]
        if kind in smallest:
            trouble, product = smallest[kind]
            changed = "; ".join(f"{name} = {product[name]}" for name in unlike(product)) or "nothing"
            lines += [
                f"Smallest: {trouble.case or '-'}: {trouble.reason}",
                f"  with {changed}",
                f"  {_kept(folder, trouble, product)}",
            ]
        lines.append("")
    return "\n".join(lines)


def _kept(folder: Path, trouble: Trouble, drawn: Assignment) -> str:
    product = product_of(drawn)
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(trouble.kind.encode()).hexdigest()[:8]
    path = folder / f"{name}.toml"
    path.write_text(write(product, f"{trouble.case} {trouble.what}: {trouble.reason}"), encoding="utf-8")
    return f"ohmstead lab run -v {trouble.case} --product {path}" if trouble.case else str(path)


def _some(numbers: set[int]) -> str:
    first = ", ".join(map(str, sorted(numbers)[:8]))
    return first if len(numbers) <= 8 else f"{first} ..."
