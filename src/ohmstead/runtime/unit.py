"""A unit of work: what is decided together is committed together, and acts on the world only after that."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ohmstead.model.events import Event
from ohmstead.ports.store import Store, StoreFailed, Write

Action = Callable[[], None]


class Units:
    """Opens units of work over a store.

    Args:
        store: takes the rows of each unit as one commit.
        tell: hears every event; what it announces in turn joins the queue, first in first out to a fixed point.
        failed: hears that a commit failed, whoever asked for it; StoreFailed is raised as well.
        committed: is called after each commit, before the effects.
        kept: is called when the store has taken rows.
    """

    def __init__(
        self,
        store: Store,
        tell: Callable[[Event], None],
        failed: Callable[[StoreFailed], None] = lambda _: None,
        committed: Action = lambda: None,
        kept: Action = lambda: None,
    ) -> None:
        self._store = store
        self._tell = tell
        self._failed = failed
        self._committed = committed
        self._kept = kept
        self._depth = 0
        self._writes: list[Write] = []
        self._events: deque[Event] = deque()
        self._effects: list[Action] = []
        self._due: deque[Action] = deque()
        self._carrying_out = False
        self._unwritten = False
        self._undo: list[Action] = []

    @contextmanager
    def open(self) -> Iterator[None]:
        """Open a unit, or join the open one; leaving the outermost settles, commits and carries out the effects."""
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._settle()
                self._commit()
        except BaseException:
            if self._depth == 1:
                self._take_back()
            raise
        finally:
            self._depth -= 1
        if self._depth == 0:
            self._committed()
            self._carry_out()

    @property
    def is_open(self) -> bool:
        """Say whether a unit is open."""
        return self._depth > 0

    def write(self, *writes: Write) -> None:
        """Add rows; outside a unit they are one of their own."""
        with self.open():
            self._writes.extend(writes)

    def after(self, effect: Action) -> None:
        """Carry out an effect after the commit."""
        with self.open():
            self._effects.append(effect)

    def undo(self, restore: Action) -> None:
        """Take back a change in memory if the commit fails."""
        if self.is_open:
            self._undo.append(restore)

    def announce(self, event: Event) -> None:
        """Tell everybody before the commit."""
        with self.open():
            self._events.append(event)

    def announce_unwritten(self, event: Event) -> None:
        """Tell everybody in a unit of its own and carry out the effects, though nothing can be written."""
        with self._without_store(), self.open():
            self.announce(event)

    @contextmanager
    def _without_store(self) -> Iterator[None]:
        self._unwritten = True
        try:
            yield
        finally:
            self._unwritten = False

    def _settle(self) -> None:
        while self._events:
            self._tell(self._events.popleft())

    def _commit(self) -> None:
        writes, self._writes = self._writes, []
        if writes and not self._unwritten:
            try:
                self._store.commit(writes)
            except StoreFailed as failure:
                self._failed(failure)
                raise
            self._kept()
        self._undo.clear()

    def _take_back(self) -> None:
        self._writes.clear()
        self._events.clear()
        self._effects.clear()
        undo, self._undo = self._undo, []
        for restore in reversed(undo):
            restore()

    def _carry_out(self) -> None:
        """Run the effects in their order; those of a unit that an effect opens come behind.

        The rows are committed, so every effect gets its turn, and the first error is raised after the last of them.
        """
        self._due.extend(self._effects)
        self._effects.clear()
        if self._carrying_out:
            return
        failure: Exception | None = None
        self._carrying_out = True
        try:
            while self._due:
                try:
                    self._due.popleft()()
                except Exception as error:
                    failure = failure or error
        finally:
            self._carrying_out = False
            self._due.clear()
        if failure is not None:
            raise failure
