"""While the lab waits for a station: what to give the station, and what becomes of everybody who tries to connect."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from ohmstead.cli.terminal import escape
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.waiting.explained import ExplainedAttempt

NOBODY_AFTER = 30.0
"""Seconds without any attempt after which a person is told what may be in the way; each time twice as many."""
MOST_KNOWN = 200
"""Kinds of attempts that are counted; beyond that the count begins anew."""


class WaitingDisplay:
    """Tells the person at the terminal what happens at the port where the lab waits."""

    def __init__(self, console: Console, rig: ExternalRig) -> None:
        """Begin to tell.

        Args:
            console: the terminal; it wraps nothing and highlights nothing by itself.
            rig: listens by the time `introduce` is called.
        """
        self._console = console
        self._rig = rig
        self._known: dict[ExplainedAttempt, int] = {}
        self._came = False
        rig.admission.told = self.show

    def introduce(self) -> None:
        """Say what the station needs: URL, identity, root certificate."""
        awaited = self._rig.admission.awaited()
        self._console.print(f"The station has to connect to [bold]{escape(awaited.dialed)}[/]")
        if self._rig.root is not None:
            self._console.print(f"and to trust the root certificate in [bold]{escape(awaited.root)}[/]:")
            self._console.print(self._rig.root.read_text("utf-8"), markup=False)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Say from time to time what may be in the way, as long as nobody comes at all."""
        task = asyncio.create_task(self._remind())
        try:
            yield
        finally:
            task.cancel()

    def show(self, attempt: ExplainedAttempt) -> None:
        """Tell an attempt; the same one again is only counted, and told at 2, 4, 8 ... times.

        While a case runs what is odd about the station's own connection is for the case to say.
        """
        self._came = True
        if not self._rig.admission.waiting and attempt.let_in and not attempt.second and not attempt.wrong:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        count = self._known[attempt] = self._known.get(attempt, 0) + 1
        if count & (count - 1):
            return
        head = f"[dim]{_now()}[/]  {escape(attempt.address)}"
        if count > 1:
            self._console.print(f"{head}  the same again, {count} times so far")
            return
        self._console.print(f"{head}  [dim]{escape('; '.join(attempt.facts))}[/]")
        if attempt.wrong:
            self._say("yellow", "ended" if attempt.let_in else "not let in", attempt.wrong)
        elif attempt.let_in:
            self._say("green", "connected", "")
        for text in (attempt.second, *attempt.notes) if self._rig.admission.waiting else (attempt.second,):
            if text:
                self._say("yellow", "note", text)

    def _say(self, style: str, word: str, text: str) -> None:
        self._console.print(f"          [{style}]{word}[/]{': ' if text else ''}{escape(text)}")

    async def _remind(self) -> None:
        pause = NOBODY_AFTER
        while not self._came:
            await asyncio.sleep(pause)
            pause *= 2
            if self._came or not self._rig.admission.waiting:
                continue
            awaited = self._rig.admission.awaited()
            self._console.print(
                f"[dim]{_now()}[/]  nobody has tried to connect yet. The lab listens at "
                f"{escape(awaited.listen)}: can the station reach {escape(awaited.host)} (name, address, firewall, "
                "network)?"
            )


def _now() -> str:
    return time.strftime("%H:%M:%S")
