"""The journal: what happened, in lines without tokens and secrets."""

from datetime import datetime

import msgspec

KIND = "journal"
MOST = 200
"""Lines of the journal; the oldest go."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    number: int
    at: datetime
    text: str

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.number:010d}"
