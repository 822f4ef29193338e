"""What a station says in a seeded day is the same as before: whoever changes it on purpose records it anew.

`python -m tests.runtime.test_day_recorded` prints the digest of today's code, and writes the frames to the file named.
"""

import re
import sys
from hashlib import sha256
from pathlib import Path

from ohmstead.rpc.connection import Direction
from tests.runtime.test_day import Story, tell

SEED = 5
RECORDED = "b6d56d64c9fc0d5291c83333aa1b06f5d3c26ad34448bda8ccb5995b94fea679"
_IDS = re.compile(r'(?<=^\[[234],")[^"]+(?=")|(?<="transactionId":")[^"]+(?=")')


def frames(story: Story) -> list[str]:
    """Return a line for each frame, with time and direction; ids are numbered in the order of their appearance."""
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), f"#{len(numbers) + 1}")

    signs = {Direction.Sent: "<", Direction.Received: ">"}
    return [f"{at:.3f} {signs[direction]} {_IDS.sub(numbered, text)}" for at, direction, text in story]


def digest(lines: list[str]) -> str:
    """Return the digest of the frames."""
    return sha256("\n".join(lines).encode()).hexdigest()


def test_a_seeded_day_sounds_as_it_was_recorded() -> None:
    assert digest(frames(tell(SEED))) == RECORDED


if __name__ == "__main__":
    told = frames(tell(SEED))
    print(digest(told))
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text("\n".join(told) + "\n", encoding="utf-8")
