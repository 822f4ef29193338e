"""What a block does its work with: units of work, tasks and timers, and the writer of variables."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from enum import StrEnum
from typing import Protocol, TypeVar

from ohmstead.model.device import Plan, Variable
from ohmstead.model.events import Event
from ohmstead.ports.store import Write

T = TypeVar("T")


class Lifetime(StrEnum):
    """How long work that was spawned has to go on; an unexpected error in it is logged in any case."""

    Once = "Once"
    """It is not begun again: whoever wants it asks again, or a timer does."""
    Job = "Job"
    """Accepted work, which has to end: it is begun again some times, then given up, and its owner says so."""
    Run = "Run"
    """As long as the station runs, or until it is cancelled or returns: it is begun again and again."""


class Task(Protocol):
    """Work that was spawned."""

    def done(self) -> bool:
        """Say whether it has ended, and is not begun again either."""
        ...

    def cancel(self) -> object:
        """End it; harmless afterwards."""
        ...


class Timer(Protocol):
    """Something that was set to happen later."""

    def cancel(self) -> None:
        """Keep it from happening; harmless afterwards."""
        ...


class Work(Protocol):
    """Units of work, and tasks and timers beside them.

    Everything that changes what is true happens inside a unit: rows written, events announced, and after their commit
    the effects on the world (decided cases 8, 13, 19).
    """

    def unit(self) -> AbstractContextManager[None]:
        """Open a unit of work, or join the one that is open; the outermost one commits."""
        ...

    def write(self, *writes: Write) -> None:
        """Add rows to the open unit of work."""
        ...

    def after(self, effect: Callable[[], None]) -> None:
        """Run an effect once the open unit of work is committed."""
        ...

    def undo(self, restore: Callable[[], None]) -> None:
        """Say how to take back a change in memory, should the open unit of work fail."""
        ...

    def announce(self, event: Event) -> None:
        """Tell every block, before the open unit of work is committed."""
        ...

    def later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Run an action in a unit of work of its own after a number of seconds, unless the station ends before."""
        ...

    def spawn(
        self,
        name: str,
        begin: Callable[[], Coroutine[object, object, None]],
        lifetime: Lifetime = Lifetime.Once,
        given_up: Callable[[], None] = lambda: None,
    ) -> Task:
        """Run work beside everything else; its errors are logged, the station goes on (decided case 18).

        Args:
            name: for the log.
            begin: called for each start; the work has to find from what is true where it stands.
            lifetime: whether it is begun again after an unexpected error.
            given_up: called in a unit of work when it is not, or not any more: the work ends in a failure that is told.
        """
        ...

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Limit the time of what is awaited inside; raises TimeoutError."""
        ...

    @property
    def keeps(self) -> bool:
        """Say whether what happens can be kept; energy flows only then (decided case 19)."""
        ...


class Settings(Protocol):
    """The one writer of variables."""

    def assign(self, variable: Variable[T], value: T, evse_id: int | None = None) -> None:
        """Give a variable a value on the station's own account, as part of the open unit of work."""
        ...

    def keep(self, plan: Plan) -> None:
        """Write what SetVariables has changed, as part of the open unit of work."""
        ...
