"""A site on the data folder of a station: store, machine and keys are files, time and network are virtual."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec

from ohmstead.edge.client_keys import ClientKeyFiles
from ohmstead.edge.simulator import Simulator, StateFile
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.clock import Sources
from ohmstead.ports.link import Handshake
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.station import Outside
from tests.runtime.site import Site

URL = "wss://csms.example/ocpp"
PASSWORD, CHANGED = "came-with-the-station", "set-by-the-csms-later"
"""Of the station that uses security profile 2."""
LOGS = "https://files.example/logs/"
FIRMWARE = "https://files.example/firmware.bin"
VERSION = "9.9.9"
"""Of that firmware."""
TIME_OUT = 171
"""Seconds of EVConnectionTimeOut; no default has it."""


class Call(msgspec.Struct, frozen=True):
    """One CALL of the station, or one that waits: its id, and what it says."""

    id: str
    action: str
    payload: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a folder: what the CSMS has heard, and what the station still has to say."""

    version: str
    product: str
    at: datetime
    """The station's clock when its process was killed."""
    heard: tuple[Call, ...]
    """The TransactionEvents that were answered."""
    waiting: tuple[Call, ...]
    """The outbox, oldest first."""


class KeptSite(Site):
    """A site whose station keeps everything in one folder.

    Attributes:
        calls: every CALL of the station, in the order of arrival.
        shown: passwords of the handshakes, in their order.
        password: that the CSMS takes; None: any.
    """

    def __init__(self, folder: Path, product: Product, config: StationConfig, at: datetime) -> None:
        state = StateFile(folder / "machine.json")

        class Machine(Simulator):
            def __init__(self, product: Product, *, random: Random) -> None:
                super().__init__(product, random=random, state=state.load(), journal=state.save)

        self.store = SqliteStore(folder / "station.db")
        super().__init__(product, self.store, 7, Machine, config)
        self.folder = folder
        self.clock.set(at)
        self.calls: list[Call] = []
        self.shown: list[str | None] = []
        self.subjects: list[str] = []
        self.password: str | None = None
        self.csms.on_call = lambda *said: self.calls.append(Call(*said))
        self.listener.admit = self._admit

    def _outside(self, sources: Sources) -> Outside:
        return msgspec.structs.replace(super()._outside(sources), client_keys=ClientKeyFiles(self.folder / "keys"))

    def _admit(self, handshake: Handshake) -> int:
        self.shown.append(handshake.password)
        if handshake.tls is not None:
            self.subjects.append(handshake.tls.client_certificate_subject or "")
        return 101 if self.password in (None, handshake.password) else 401


def provisioning(folder: Path, security_profile: int) -> StationConfig:
    """Return what the station was given when it was made; its certificate lies in the folder."""
    if security_profile == 2:
        return StationConfig(identity="CS-001", csms_url=URL, password=PASSWORD)
    return StationConfig(
        identity="CS-001",
        csms_url=URL,
        security_profile=3,
        client_certificate=(folder / "came-with.pem").read_text(),
        client_key=(folder / "came-with.key.pem").read_text(),
        roots=((folder / "root.pem").read_text(),),
    )


@asynccontextmanager
async def living(folder: Path, product: str, security_profile: int, at: datetime) -> AsyncIterator[KeptSite]:
    """Run the station of a folder; it has reported its connectors when the body begins."""
    here = KeptSite(folder, load(product), provisioning(folder, security_profile), at)
    task = asyncio.create_task(here.host.run(), name="host")
    try:
        yield here
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
