"""Who is let in at the lab's endpoint, and what is told of all who try."""

from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import msgspec

from ohmstead.lab.waiting.explained import ExplainedAttempt, explain
from ohmstead.lab.waiting.seen_attempt import Awaited, SeenAttempt
from ohmstead.ports.link import Admit, Handshake


class Admission:
    """The identity that is tested, and nobody else.

    Attributes:
        told: told of every attempt to connect, as soon as it is known what it was.
        waiting: the lab waits for the station: every attempt matters.
        last_wrong: why the last attempt was not let in; empty: it was, or there was none.
    """

    def __init__(self, awaited: Callable[[], Awaited], connected: Callable[[], bool]) -> None:
        """Begin with nobody seen.

        Args:
            awaited: returns what the lab waits for.
            connected: says whether a connection is open.
        """
        self.told: Callable[[ExplainedAttempt], None] = lambda _attempt: None
        self.waiting = False
        self.last_wrong = ""
        self.awaited = awaited
        self._connected = connected
        self._seconds: list[str] = []
        self._from = ""

    def only_tested(self, admit: Admit) -> Admit:
        """Answer 404 to other identities, which are neither served nor seen by a case."""

        def decide(handshake: Handshake) -> int:
            identity = unquote(urlsplit(handshake.url).path.rpartition("/")[2])
            return admit(handshake) if identity == self.awaited().identity else 404

        return decide

    def attempted(self, seen: SeenAttempt) -> None:
        """Take note of an attempt, and tell it."""
        if self._connected():
            seen = msgspec.structs.replace(seen, replaces=self._from)
        explained = explain(seen, self.awaited())
        self.last_wrong = explained.wrong
        if explained.let_in:
            self._from = explained.address
        if explained.second:
            self._seconds.append(explained.second)
        self.told(explained)

    def take_seconds(self) -> list[str]:
        """Return a sentence for each connection that took the place of an open one, and forget them."""
        taken, self._seconds = self._seconds, []
        return taken
