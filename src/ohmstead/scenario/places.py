"""Where in a file a value of it stands."""

import re

from ruamel.yaml.comments import CommentedMap, CommentedSeq

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def line_of(holder: object, key: object = None) -> int:
    """Return the line, from 1, of a key or an item, or of its holder where it has none."""
    if not isinstance(holder, CommentedMap | CommentedSeq):
        return 1
    places = holder.lc.data or {}
    line = places[key][0] if key in places else holder.lc.line
    return int(line or 0) + 1


def line_at(holder: object, path: str, above: int) -> int:
    """Return the line of what stands at a path such as `.stations.CS-1.seed`, or of the nearest around it."""
    line = above if not isinstance(holder, CommentedMap | CommentedSeq) else line_of(holder)
    for name, index in _STEP.findall(path):
        key: object = int(index) if index.isdigit() else name
        if not isinstance(holder, CommentedMap | CommentedSeq):
            break
        try:
            inside = holder[key]
        except (KeyError, IndexError, TypeError):
            break
        line, holder = line_of(holder, key), inside
    return line
