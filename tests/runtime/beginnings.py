"""Every way to begin a charge at a station that has them all."""

import asyncio
from contextlib import suppress

import msgspec

from ohmstead.ports.hand import NotKept
from tests.runtime.obstructions import Scene

FIRST, SECOND = "04A1", "04A2"
"""The driver's token, and the one that is tried when everything is in order again."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody is allowed to charge."""

    name: str
    settings: dict[str, str] = {}
    cached: bool = False
    """Both tokens have been accepted here before."""
    offline: bool = False
    remote: bool = False
    evse_id: int | None = None
    """The EVSE that the CSMS names."""

    async def prepare(self, scene: Scene) -> None:
        """Set the variables, and fill the cache."""
        for token in (FIRST, SECOND) if self.cached else ():
            for _ in range(2):
                await scene.here.hand.present(token)
                await asyncio.sleep(5)
        for variable, value in self.settings.items():
            assert await scene.here.set("AuthCtrlr", variable, value) == "Accepted"

    async def grant(self, scene: Scene, token: str) -> str | None:
        """Ask for a charge; returns what a remote start was answered."""
        if self.remote:
            answer = await scene.start(token, self.evse_id)
            await asyncio.sleep(5)
            return answer
        if self.offline:
            await scene.here.hand.cut_network()
            await asyncio.sleep(1)
        with suppress(NotKept):
            await scene.here.hand.present(token)
        await asyncio.sleep(5)
        screen = scene.here.simulator.snapshot().screen
        if screen is not None and screen.options:
            await scene.here.hand.choose("evse-1")
        if self.offline:
            await scene.here.hand.restore_network()
            await asyncio.sleep(120)
            assert scene.here.csms.rpc is not None
        return None


WAYS: tuple[Way, ...] = (
    Way(name="remote-start-here", remote=True, evse_id=1),
    Way(name="remote-start-anywhere", remote=True),
    Way(name="remote-start-checked", remote=True, evse_id=1, settings={"AuthorizeRemoteStart": "true"}),
    Way(name="card"),
    Way(name="cached", cached=True, settings={"LocalPreAuthorize": "true"}),
    Way(name="cached-alone", cached=True, settings={"DisableRemoteAuthorization": "true"}),
    Way(name="cached-offline", cached=True, offline=True, settings={"LocalAuthorizeOffline": "true"}),
    Way(name="unknown-offline", offline=True, settings={"OfflineTxForUnknownIdEnabled": "true"}),
)
