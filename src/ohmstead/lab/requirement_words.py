"""What each requirement that a case cites asks for, a line in our own words; the ids are those of Part 2."""

import functools
from collections.abc import Mapping
from importlib import resources


@functools.cache
def requirement_words() -> Mapping[str, str]:
    """Return id -> one line."""
    text = resources.files("ohmstead.lab").joinpath("data", "requirement_words.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines()[1:])
