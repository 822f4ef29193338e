"""The hand of a person: one clear prompt at a time, answered at the terminal."""

import asyncio
import re
import sys
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.panel import Panel

from ohmstead.cli.terminal import escape
from ohmstead.lab.rigs.hand import HandMissing, Paused, Person
from ohmstead.ports.hand import Action, HandRefused

LONGEST_LINE = 1000
"""Characters of a typed line that are still read."""
_EMPHASIS = re.compile(r"\*([^*]+)\*")


class Terminal(Protocol):
    """Where a person can be asked."""

    async def ask(self, question: str) -> str:
        """Show a question (rich markup) and return the line that is answered, stripped. Raises EOFError."""
        ...


class ConsoleTerminal:
    """The terminal of this process."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def ask(self, question: str) -> str:
        """Ask, and wait for a line without holding the event loop up."""
        text = f"{question}\n[dim]Enter: done; n and a reason: impossible; q: go on another time[/]"
        self._console.print(Panel(text, title="please", title_align="left", expand=False))
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str] = loop.create_future()

        def readable() -> None:
            if not line.done():
                line.set_result(sys.stdin.readline(LONGEST_LINE))

        # Not in a thread: one that waits for a line could not be ended when the campaign is interrupted.
        try:
            loop.add_reader(sys.stdin, readable)
        except (OSError, ValueError):
            # A file, /dev/null, or closed: nothing that could be waited for.
            raise EOFError("nobody is at the terminal") from None
        try:
            answer = await line
        finally:
            loop.remove_reader(sys.stdin)
        if not answer:
            raise EOFError("nobody is at the terminal")
        return answer.strip()


class PromptHand(Person):
    """A person does what the terminal asks for (`ports.hand.Hand`)."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    async def perform(self, action: Action) -> None:
        """Ask for an action. Raises HandRefused for "n", Paused for "q", HandMissing where nobody answers."""
        if not isinstance(action, self.needless):
            await self.ask(told(action))

    async def perform_all(self, actions: Sequence[Action]) -> list[tuple[Action, HandRefused]]:
        """Ask for all of them in one prompt, a line each."""
        asked = [action for action in actions if not isinstance(action, self.needless)]
        if not asked:
            return []
        try:
            await self.ask("\n".join(map(told, asked)))
        except HandRefused as refused:
            return [(action, refused) for action in asked]
        return []

    async def ask(self, question: str) -> None:
        """Ask for anything at all; see `perform`."""
        head = f"[dim]{escape(self.case)}[/]\n" if self.case else ""
        try:
            answer = await self._terminal.ask(head + question)
        except EOFError as error:
            raise HandMissing(str(error)) from None
        word, _, reason = answer.partition(" ")
        if word.lower() in ("q", "quit"):
            self.paused = True
            raise Paused("the person wants to go on another time")
        if word.lower() in ("n", "no"):
            raise HandRefused(reason or "the person says that it is impossible")


def told(action: Action) -> str:
    """Return the sentence that asks for an action, as rich markup."""
    words = {name: escape(str(value)) for name, value in action.words().items()}
    return _EMPHASIS.sub(r"[bold]\1[/]", action.sentence()).format(**words)
