"""A CSMS that writes its own frames: for silence, late answers, errors and nonsense."""

import asyncio
from collections.abc import Callable

import msgspec

from ohmstead.ports.link import Link, LinkLost
from tests.runtime.site import Site

NOW = '"currentTime":"2026-01-01T00:00:00Z"'
ACCEPTED = '"idTokenInfo":{"status":"Accepted"}'
PLAIN = {
    "BootNotification": f'{{{NOW},"interval":300,"status":"Accepted"}}',
    "Heartbeat": f"{{{NOW}}}",
    "Authorize": f"{{{ACCEPTED}}}",
}
Reply = Callable[[str, str], str | None]
"""From message id and payload to the frame that answers; None: silence."""


class Call(msgspec.Struct, frozen=True):
    """One CALL of the station."""

    at: float
    """Loop time."""
    id: str
    action: str
    payload: str


def result(message_id: str, payload: str = "{}") -> str:
    """Return a CALLRESULT."""
    return f'[3,"{message_id}",{payload}]'


def error(message_id: str, code: str = "InternalError") -> str:
    """Return a CALLERROR."""
    return f'[4,"{message_id}","{code}","not now",{{}}]'


class RawCsms:
    """Takes the place of a site's CSMS from the next connection on.

    Attributes:
        calls: the CALLs of the station, oldest first.
        others: every other frame of the station, oldest first.
        replies: action -> reply; an action without one is answered in the plainest way.
    """

    def __init__(self, here: Site) -> None:
        self.here = here
        self.calls: list[Call] = []
        self.others: list[str] = []
        self.replies: dict[str, Reply] = {}
        self.link: Link | None = None
        self._arrived = asyncio.Event()
        here.csms.instead = self._serve

    async def take_over(self) -> None:
        """Make the station connect anew, and wait until it has."""
        await self.here.hand.cut_network()
        await self.here.hand.restore_network()
        await self.until(lambda: self.link is not None)
        # The station learns of it half a round trip later.
        await asyncio.sleep(0.1)

    async def _serve(self, link: Link) -> None:
        self.link = link
        self._arrived.set()
        while True:
            try:
                text = await link.receive()
            except LinkLost:
                return
            assert isinstance(text, str)
            answer = self._take(text)
            self._arrived.set()
            if answer is not None:
                await link.send(answer)

    def _take(self, text: str) -> str | None:
        if not text.startswith("[2,"):
            self.others.append(text)
            return None
        _, identifier, action, payload = msgspec.json.decode(text, type=tuple[int, str, str, msgspec.Raw])
        call = Call(asyncio.get_running_loop().time(), identifier, action, bytes(payload).decode())
        self.calls.append(call)
        reply = self.replies.get(action)
        return result(identifier, PLAIN.get(action, "{}")) if reply is None else reply(identifier, call.payload)

    async def send(self, text: str) -> None:
        """Send a frame."""
        assert self.link is not None
        await self.link.send(text)

    async def ask(self, text: str) -> str:
        """Send a frame, and return the next one of the station that is no CALL."""
        known = len(self.others)
        await self.send(text)
        await self.until(lambda: len(self.others) > known, 10)
        return self.others[known]

    def of(self, action: str) -> list[Call]:
        """Return the CALLs of one action."""
        return [call for call in self.calls if call.action == action]

    async def until(self, condition: Callable[[], bool], seconds: float = 3600.0) -> None:
        """Wait until a condition holds of what has arrived."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()


async def taken_over(here: Site) -> RawCsms:
    """Return a raw CSMS to which the station has reconnected."""
    csms = RawCsms(here)
    await csms.take_over()
    return csms
