"""What came of the products of a seed at this state of the code, kept in a file so that a run can be resumed."""

import hashlib
from pathlib import Path

import msgspec

from tests.matrix.campaign import Outcome

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "matrix"


class Entry(msgspec.Struct, frozen=True):
    """One line of the file."""

    code: str
    number: int
    outcome: Outcome


class Known:
    """The file of a seed, or of another choice of products."""

    def __init__(self, seed: str) -> None:
        self._path = FOLDER / f"{seed}.jsonl"
        self._code = state_of_the_code()

    def outcomes(self) -> dict[int, Outcome]:
        """Return what is known of this state of the code."""
        if not self._path.exists():
            return {}
        lines = self._path.read_bytes().splitlines()
        entries = [msgspec.json.decode(line, type=Entry) for line in lines]
        return {entry.number: entry.outcome for entry in entries if entry.code == self._code}

    def add(self, number: int, outcome: Outcome) -> None:
        """Keep one more."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(Entry(self._code, number, outcome)) + b"\n")


def state_of_the_code() -> str:
    """Return the digest of all that decides: the package and this folder."""
    digest = hashlib.sha256()
    for folder in (ROOT / "src", ROOT / "tests" / "matrix"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".tsv", ".toml"):
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
