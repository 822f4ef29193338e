"""Text of a peer or a file, readable: what a terminal, a log or XML would take for something else is escaped.

Letters of every script stay. A control character can move the cursor, U+2028 is a line to some readers and none to
others, a bidirectional override shows one thing and means another, a lone surrogate cannot be written in UTF-8.
"""

import re

_MARKS = (
    "\x00-\x1f\x7f-\x9f"  # control characters, the escape sequences of terminals among them
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u206f"  # direction and what has no width
    "\u2028\u2029"  # lines and paragraphs
    "\ud800-\udfff"  # halves of a character
    "\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff"  # tags, and what is no character
)
_LINE = re.compile(f"[{_MARKS}]")
_TEXT = re.compile(f"[{_MARKS}](?<![\n\t])")


def printable(text: str) -> str:
    """Return the text on one line, with what cannot be shown as `\\x1b` or `\\u202e`."""
    return _LINE.sub(_escaped, text)


def printable_text(text: str) -> str:
    """Return a text of ours that may have several lines, such as a traceback: line feeds and tabs stay."""
    return _TEXT.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def json_line(text: bytes) -> bytes:
    """Return JSON on one line for every reader, and for a terminal: what `printable` escapes is escaped as JSON does.

    Some readers take U+2028, U+2029 and U+0085 for the end of a line.
    """
    if text.isascii() and b"\x7f" not in text:
        return text
    return _LINE.sub(_escaped_json, text.decode()).encode()


def _escaped_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
