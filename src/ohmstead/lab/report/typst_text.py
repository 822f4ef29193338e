"""Text as it can stand in what Typst sets."""

from ohmstead.wire.printable import printable


def breakable(text: str) -> str:
    """Long names may break behind their dots and underscores (a zero-width space)."""
    return " ".join(
        word.replace(".", ".\u200b").replace("_", "_\u200b") if len(word) > 18 else word for word in text.split(" ")
    )


def text_of(text: str) -> str:
    """Return a string of Typst; it is text, whatever stands in it."""
    # The places where a long name may break are ours; what else cannot be seen is shown.
    safe = "\u200b".join(printable(part.replace("\n", " ")) for part in text.split("\u200b"))
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
