"""Which lines of a tape are one step of the lab: nothing else of it ran between them (`tape.TapeEntry.same_step`)."""

from collections.abc import Sequence

from ohmstead.lab.evidence.tape import Kind, TapeEntry


class Steps:
    """The steps of a tape, and which of them have begun. Entries are known by their number, from 1 on."""

    def __init__(self, entries: Sequence[TapeEntry]) -> None:
        self._first: list[int] = [0]
        """Number of an entry -> number of the first one of its step."""
        self._members: dict[int, list[int]] = {}
        self._ends: dict[int, TapeEntry] = {}
        """Number of what was done -> what it came to in the same step."""
        self._begun: set[int] = set()
        for number, entry in enumerate(entries, start=1):
            first = self._first[-1] if entry.same_step and number > 1 else number
            self._first.append(first)
            self._members.setdefault(first, []).append(number)
            if entry.kind is Kind.Done and 0 < entry.of < number and self._first[entry.of] == first:
                self._ends[entry.of] = entry

    def is_open(self, number: int) -> bool:
        """Say whether the step of an entry has begun."""
        return self._first[number] in self._begun

    def open(self, number: int) -> Sequence[int]:
        """Begin the step of an entry, and return what belongs to it; nothing if it has begun."""
        first = self._first[number]
        if first in self._begun:
            return ()
        self._begun.add(first)
        return self._members[first]

    def are_one(self, number: int, other: int) -> bool:
        """Say whether two entries belong to one step."""
        return self._first[number] == self._first[other]

    def end_of(self, number: int) -> TapeEntry | None:
        """Return what something that was done has come to without the lab's waiting for it; None: it waited."""
        return self._ends.get(number)
