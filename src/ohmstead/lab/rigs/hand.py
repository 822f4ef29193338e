"""Hands at a station that is none of ours: each action is sent to an adapter over HTTP.

The adapter takes `POST {base}/{action}` with the arguments as a JSON object, as `/api/v1/hand` of our own station does.
It answers 2xx when the action has been done, 409 when it cannot be done now, 404 or 501 when it never can.
Where it has a lease, as our own station has, nobody else moves the hand meanwhile (decided case 25).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress

import httpx
import msgspec

from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import Action, Arrive, HandRefused, InsertCable, Leave, RemoveCable, as_json
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

TIMEOUT = 120.0
"""Seconds that an adapter may take for an action."""
LEASE = 60.0
"""Seconds after which the hand is everybody's again if the lab has gone; it renews three times as often."""
NEVER = (404, 405, 501)


class HandMissing(HandRefused):
    """Nobody and nothing here can do this action."""


class Paused(Inconclusive):
    """The person wants to go on another time."""


class LeasableHand(ABC):
    """A hand (`ports.hand.Hand`) that can be kept from others for a while.

    Attributes:
        needless: actions that the product has nothing for: nobody is asked for them.
    """

    needless: tuple[type[Action], ...] = ()

    @abstractmethod
    async def perform(self, action: Action) -> None:
        """Carry out an action. Raises HandRefused."""

    async def perform_all(self, actions: Sequence[Action]) -> list[tuple[Action, HandRefused]]:
        """Carry out actions whose order does not matter; returns those that could not be done, and why."""
        refused = []
        for action in actions:
            try:
                await self.perform(action)
            except HandRefused as reason:
                refused.append((action, reason))
        return refused

    def leave_out(self, needless: tuple[type[Action], ...]) -> None:
        """Ask nobody for these from now on."""
        self.needless = needless

    async def hold(self, _holder: str) -> None:
        """Keep others from the hand from now on, under a name that they read. Raises HandRefused: they came first."""
        return

    async def interruption(self) -> str:
        """Return why nothing can be said of what was seen since `hold`, empty if nothing came between."""
        return ""

    async def let_go(self) -> None:
        """Give the hand back to everybody."""
        return


class Person(LeasableHand):
    """Somebody who lends a hand, and can be asked for anything at all.

    Attributes:
        case: id and title of the case that asks, for the person to see.
        paused: the person wants to go on another time; the running case does not count.
    """

    case = ""
    paused = False

    @abstractmethod
    async def ask(self, question: str) -> None:
        """Ask for something, and wait until it is done. Raises HandRefused, Paused."""


class HttpHand(LeasableHand):
    """An adapter over HTTP; what it cannot do goes to somebody else, if there is somebody."""

    def __init__(
        self, base: str, otherwise: LeasableHand | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Use the adapter at a URL.

        Args:
            base: what stands before the action, `http://127.0.0.1:8080/api/v1/hand`.
            otherwise: does what the adapter answers 404, 405 or 501 to.
            transport: how it is reached; None: over the network.
        """
        self._base = base.rstrip("/")
        self._otherwise = otherwise
        self._client = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)
        self._key: str | None = None
        self._holder = ""
        self._interrupted = ""
        self._renewing: asyncio.Task[None] | None = None

    async def perform(self, action: Action) -> None:
        """Post an action."""
        headers = {"Content-Type": "application/json", **self._headers()}
        try:
            response = await self._client.post(
                f"{self._base}/{action.path()}", content=as_json(action), headers=headers
            )
        except httpx.HTTPError as error:
            raise HandMissing(f"the adapter does not answer: {type(error).__name__} {error}") from None
        if response.is_success:
            return
        if response.status_code not in NEVER:
            raise HandRefused(_reason(response))
        if isinstance(action, self.needless):
            return
        if self._otherwise is None:
            raise HandMissing(f"the adapter cannot do {action.path()}, and nobody is there to be asked")
        await self._otherwise.perform(action)

    def leave_out(self, needless: tuple[type[Action], ...]) -> None:
        """Ask nobody for these from now on; an adapter that can do them does."""
        super().leave_out(needless)
        if self._otherwise is not None:
            self._otherwise.leave_out(needless)

    async def hold(self, holder: str) -> None:
        """Take the lease, or renew it under another name; an adapter that has none (404 ...) is nobody else's."""
        response = await self._lease(holder)
        if response is not None and response.status_code == 409:
            raise HandRefused(_reason(response))
        self._holder = holder if self._key is not None else ""
        if self._key is not None and self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(), name="hand lease")

    async def _lease(self, holder: str) -> httpx.Response | None:
        """Ask for the lease and keep its key; None: the adapter does not answer, which the next action will tell."""
        body = {"holder": holder, "seconds": LEASE}
        try:
            response = await self._client.post(f"{self._base}/lease", json=body, headers=self._headers())
        except httpx.HTTPError:
            return None
        if response.is_success:
            with suppress(msgspec.MsgspecError):
                granted = msgspec.json.decode(response.content, type=_Granted)
                self._key, self._interrupted = granted.key, granted.interrupted or self._interrupted
        elif response.status_code == 409 and self._key is not None:
            self._interrupted = self._interrupted or f"the hand was lost: {_reason(response)}"
        return response

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            await self._lease(self._holder)

    def _headers(self) -> dict[str, str]:
        return {"X-Ohmstead-Lease": self._key} if self._key is not None else {}

    async def interruption(self) -> str:
        """Return what the lease tells: somebody else pressed the emergency stop."""
        if self._key is not None:
            await self._lease(self._holder)
        return self._interrupted

    async def let_go(self) -> None:
        """Give the lease back."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._key is not None:
            with suppress(httpx.HTTPError):
                await self._client.delete(f"{self._base}/lease", headers=self._headers())
        self._renewing = self._key = None
        self._interrupted = ""

    async def close(self) -> None:
        """Give the lease back, and end the connections to the adapter."""
        await self.let_go()
        await self._client.aclose()


class _Granted(msgspec.Struct, frozen=True):
    key: str
    interrupted: str = ""


def _reason(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=dict[str, object])["error"].__str__()
    except (msgspec.MsgspecError, KeyError):
        return f"HTTP {response.status_code} {response.text[:200]}"


class WatchedHand(LeasableHand):
    """A hand that remembers what it did, so that it can be undone when a case is over.

    Attributes:
        undo: actions that bring the station back, in the order in which they have to be done.
    """

    def __init__(self, hand: LeasableHand) -> None:
        self._hand = hand
        self.undo: list[Action] = []

    async def perform(self, action: Action) -> None:
        """Do it, and note what undoes it, or strike out what it undoes."""
        back = action.undo()
        noted = [back] if back is not None and back not in self.undo else []
        self.undo += noted
        try:
            await self._hand.perform(action)
        except (HandRefused, Inconclusive):
            self.undo = [left for left in self.undo if left not in noted]
            raise
        self.undo = [left for left in self.undo if left != action]

    async def hold(self, holder: str) -> None:
        """Keep others from the hand."""
        await self._hand.hold(holder)

    async def interruption(self) -> str:
        """Return what came between."""
        return await self._hand.interruption()

    async def let_go(self) -> None:
        """Give the hand back."""
        await self._hand.let_go()

    async def put_back(self, *kinds: type[Action]) -> list[str]:
        """Undo what is left of these kinds, at once where a person does it; returns what could not be done."""
        left = [action for kind in kinds for action in self.undo if isinstance(action, kind)]
        self.undo = [action for action in self.undo if action not in left]
        return [f"{action.path()}: {refused}" for action, refused in await self._hand.perform_all(left)]


def needless_for(product: Product) -> tuple[type[Action], ...]:
    """Return the actions that a product has nothing for.

    Without start or stop by it nothing watches a parking bay, and a fixed cable is put into no socket.
    """
    watched = product.has(Feature.STARTS_AT_PARKING_BAY_OCCUPANCY) or product.has(
        Feature.STOPS_AT_PARKING_BAY_OCCUPANCY
    )
    sockets = any(connector.cable == "Detachable" for evse in product.evses for connector in evse.connectors)
    return (*(() if watched else (Arrive, Leave)), *(() if sockets else (InsertCable, RemoveCable)))
