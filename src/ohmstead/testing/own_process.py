"""A station as a process of its own: `ohmstead run`, its control API, and its wire as it writes it down."""

import asyncio
from itertools import count
from pathlib import Path

import httpx
import msgspec

from ohmstead.edge.private_files import temporary_folder
from ohmstead.lab.rigs.hand import HttpHand
from ohmstead.lab.rigs.station_process import StationStarter, end, usual_starter
from ohmstead.ports.bench import ConnectionView, StationView, TraceLine
from ohmstead.ports.hand import Action
from ohmstead.ports.protocol_faults import ProtocolFaults
from ohmstead.testing.in_loop import told_of
from ohmstead.testing.setup import SetupError, StationSetup
from ohmstead.testing.wire import Wire

READY_WITHIN = 60.0
"""Seconds until it serves its control API, on a machine that is busy."""
END_WITHIN = 2.0
LOOKED_AT = 0.02
"""Seconds between two looks at what it has written."""
ASKED = 25
"""Looks between two questions how it stands with its CSMS."""


class _Announced(msgspec.Struct, frozen=True):
    api: str


class _LoggedLine(msgspec.Struct, frozen=True):
    direction: str


class _LoggedFrame(TraceLine, frozen=True, kw_only=True):
    """A line of `--log-wire`, in which the payload is no text but JSON."""

    payload: msgspec.Raw  # type: ignore[assignment]


class StationOfItsOwn:
    """Runs `ohmstead run` for as long as one task lives; secrets are replaced in what it tells of its wire."""

    def __init__(self, setup: StationSetup) -> None:
        """Check what is wanted. Raises SetupError, ProductError."""
        self._product = setup.loaded()
        self._config = setup.config(self._product)
        self._setup = setup
        self._connection = ConnectionView()
        self.wire = Wire(setup.identity, setup.patience, lambda: told_of(setup.identity, self._connection))
        self._task: asyncio.Task[None] | None = None
        self._errors = ""

    async def start(self) -> None:
        """Start it, and wait for its control API. Raises SetupError where it does not start."""
        loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[str] = loop.create_future()
        self._task = loop.create_task(self._live(), name=f"process of {self._setup.identity}")
        await asyncio.wait((self._ready, self._task), timeout=READY_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            await self.close()
            raise SetupError(f"the station's process does not start: {self._errors or 'it says nothing'}")
        self._client = httpx.AsyncClient(base_url=self._ready.result(), timeout=30.0)
        self._hand = HttpHand(f"{self._ready.result()}/api/v1/hand")

    async def _live(self) -> None:
        with temporary_folder("testing") as name:
            folder = Path(name)
            starter = usual_starter()
            try:
                await self._run(starter, folder)
            finally:
                await starter.close()
                self._errors = _last_words(folder / "stderr.txt")

    async def _run(self, starter: StationStarter, folder: Path) -> None:
        process = await starter.start(self._arguments(folder), folder / "stderr.txt")
        try:
            said = await process.ready()
            if not said:
                return
            self._ready.set_result(msgspec.json.decode(said, type=_Announced).api)
            await self._follow(folder / "wire.jsonl")
        finally:
            await end(process, END_WITHIN)

    def _arguments(self, folder: Path) -> list[str]:
        setup, config = self._setup, self._config
        given = ["run", "--headless", "--port", "0", "--no-extensions"]
        given += ["--product", str(setup.product or self._product.name), "--identity", setup.identity]
        given += ["--data", str(folder / "data"), "--log-wire", str(folder / "wire.jsonl")]
        given += ["--csms", setup.csms_url, "--security-profile", str(setup.profile)]
        given += ["--seed", str(setup.seed)] if setup.seed is not None else []
        files = {
            "password-file": config.password,
            "csms-root": "".join(config.roots),
            "client-cert": config.client_certificate,
            "client-key": config.client_key,
        }
        for option, text in files.items():
            if text:
                file = folder / option
                file.touch(mode=0o600)
                file.write_text(text, "utf-8")
                given += [f"--{option}", str(file)]
        return given

    async def _follow(self, file: Path) -> None:
        """Read the wire as it is written, until cancelled."""
        read = 0
        for looks in count(1):
            read = self._read_on(file, read)
            if looks % ASKED == 0:
                await self._ask()
            await asyncio.sleep(LOOKED_AT)

    def _read_on(self, file: Path, read: int) -> int:
        """Take the whole lines that have come since so many bytes; return how many bytes have been read now."""
        if not file.exists():
            return read
        with file.open("rb") as lines:
            lines.seek(read)
            new = lines.read()
        whole = new[: new.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(line)
        return read + len(whole)

    def _take(self, line: bytes) -> None:
        if msgspec.json.decode(line, type=_LoggedLine).direction == "hand":
            return
        frame = msgspec.json.decode(line, type=_LoggedFrame)
        told = msgspec.structs.asdict(frame) | {"payload": bytes(frame.payload).decode()}
        self.wire.record_line(TraceLine(**told))

    async def _ask(self) -> None:
        try:
            await self.view()
        except (httpx.HTTPError, AttributeError):
            return

    async def perform(self, action: Action) -> None:
        """Do something at it."""
        await self._hand.perform(action)

    async def view(self) -> StationView:
        """Return what a page would show of it."""
        response = await self._client.get("/api/v1/station")
        view = msgspec.json.decode(response.content, type=StationView)
        self._connection = view.connection
        return view

    def delay(self, up: float, down: float) -> None:
        """Raise NotImplementedError: nothing but the network is between a process and its CSMS."""
        raise NotImplementedError("the network of a station in a process of its own cannot be delayed")

    @property
    def faults(self) -> ProtocolFaults:
        """Raise NotImplementedError: those of a process are asked for at its control API, which nobody here serves."""
        raise NotImplementedError("a station in a process of its own has no `faults` here: leave where='process' out")

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None
        if self._ready.done() and not self._ready.cancelled():
            await self._client.aclose()
            await self._hand.close()


def _last_words(file: Path) -> str:
    lines = file.read_text("utf-8", "replace").splitlines() if file.exists() else []
    return lines[-1].removeprefix("ohmstead: ") if lines else ""
