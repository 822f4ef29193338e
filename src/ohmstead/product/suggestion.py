"""What somebody may have meant by a name that is none."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?` with the names that are most like one, letters in any case; empty: none is."""
    by_letters = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), by_letters, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(by_letters[one] for one in near)}?" if near else ""
