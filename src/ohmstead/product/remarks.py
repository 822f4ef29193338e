"""A remark behind single lines of a product file: where each comes from."""

import re
from collections.abc import Mapping

_LINE = re.compile(r'(?P<key>[A-Za-z0-9_-]+|"[^"]+") = .*')
_SECTION = re.compile(r"\[(\[?)([a-z_.]+)\]?\]")


def with_remarks(text: str, remarks: Mapping[str, str]) -> str:
    """Return the TOML text of `write.write` with a comment behind the lines that a remark is about.

    Args:
        text: of the product.
        remarks: key path (`identity.model`, `features.C-49`, `evses[0].phases`) -> one line.
    """
    section, evse, lines = "", -1, []
    for line in text.split("\n"):
        head, match = _SECTION.fullmatch(line), _LINE.fullmatch(line)
        if head is not None:
            evse += 1 if head[1] else 0
            section = f"{head[2]}[{evse}]." if head[1] else f"{head[2]}."
        remark = remarks.get(section + match["key"].strip('"'), "") if match is not None else ""
        lines.append(f"{line}{_behind(line, remark)}" if remark else line)
    return "\n".join(lines)


def _behind(line: str, remark: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in remark)
    # A line of a feature has its meaning behind it already; a text may hold a number sign.
    return f"; {shown}" if re.search(r" # [^\"]*$", line) else f"  # {shown}"
