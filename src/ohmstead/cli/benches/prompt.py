"""The hand of a person: one clear prompt at a time, answered at the terminal."""

import asyncio
import sys
from typing import Protocol

from rich.console import Console
from rich.panel import Panel

from ohmstead.cli.benches.hand import ActionHand, HandMissing
from ohmstead.cli.terminal import escape
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import HandRefused

LONGEST_LINE = 1000
"""Characters of a typed line that are still read."""

TELLS = {
    "plug": "Connect an EV to [bold]EVSE {evse_id}[/], connector {connector_id}.",
    "unplug": "Disconnect the EV from [bold]EVSE {evse_id}[/], on the side of the EV.",
    "present": "Hold the token [bold]{id_token}[/] ({type}) against the reader{at_evse}.",
    "choose": "Choose on the display of the station: [bold]{option}[/].",
    "arrive": "Drive an EV into the bay of [bold]EVSE {evse_id}[/]; do not connect it yet.",
    "leave": "Drive the EV out of the bay of [bold]EVSE {evse_id}[/].",
    "suspend": "Let the EV at [bold]EVSE {evse_id}[/] pause the energy transfer.",
    "resume": "Let the EV at [bold]EVSE {evse_id}[/] take energy again.",
    "stop-by-ev": "Let the EV at [bold]EVSE {evse_id}[/] end its charging session for good.",
    "fault": "Make connector {connector_id} of [bold]EVSE {evse_id}[/] fail: {code}.",
    "clear": "Repair connector {connector_id} of [bold]EVSE {evse_id}[/].",
    "cut-power": "Take the mains away from the whole station.",
    "restore-power": "Give the mains back to the station.",
    "reboot": "Restart the station by its service button.",
    "cut-network": "Pull the network plug {interface}.",
    "restore-network": "Put the network plug {interface} back.",
}


class Paused(Inconclusive):
    """The person wants to go on another time."""


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
        loop.add_reader(sys.stdin, readable)
        try:
            answer = await line
        finally:
            loop.remove_reader(sys.stdin)
        if not answer:
            raise EOFError("nobody is at the terminal")
        return answer.strip()


class PromptHand(ActionHand):
    """A person does what the terminal asks for (`ports.hand.Hand`).

    Attributes:
        case: id and title of the case that asks, for the person to see.
        paused: the person wants to go on another time; the running case does not count.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.case = ""
        self.paused = False

    async def do(self, action: str, **arguments: object) -> None:
        """Ask for an action. Raises HandRefused for "n", Paused for "q", HandMissing where nobody answers."""
        await self.ask(told(action, **arguments))

    async def ask(self, question: str) -> None:
        """Ask for anything at all; see `do`."""
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


def told(action: str, **arguments: object) -> str:
    """Return the sentence that asks for an action."""
    if action == "emergency-stop":
        return "Press the emergency stop." if arguments.get("pressed") else "Release the emergency stop."
    words = {name: escape(str(value)) for name, value in arguments.items()}
    at_evse = arguments.get("evse_id")
    words["at_evse"] = f" of EVSE {at_evse}" if at_evse is not None else ""
    if arguments.get("interface") is None:
        words["interface"] = "of every interface"
    return TELLS[action].format(**words)
