"""The wire rig: our station as a separate process, real TLS WebSockets, real time, the hand by its control API."""

import asyncio
import functools
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.clock import LoopClock
from ohmstead.lab.rig import FirmwareImage, FirmwareKind, Provisioning
from ohmstead.lab.rigs.authorities import LabCertificates
from ohmstead.lab.rigs.file_servers import file_server
from ohmstead.lab.rigs.firmware_images import ALWAYS, born_with, firmware, image
from ohmstead.lab.rigs.listen_address import LOOPBACK
from ohmstead.lab.rigs.own_endpoint import OwnStationEndpoint, open_endpoint
from ohmstead.lab.rigs.station_process import StationProcess, StationStarter, end
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.bench import StationView
from ohmstead.ports.hand import Action, HandRefused, as_json
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Serve
from ohmstead.product.profile import Product
from ohmstead.product.write import write

READY_WITHIN = 60.0
"""Seconds until the control API of a station answers."""
STOP_WITHIN = 10.0


class ApiHand:
    """The hand over the control API of `ohmstead run` (`ports.hand.Hand`)."""

    def __init__(self, rig: "WireRig") -> None:
        self._rig = rig

    async def perform(self, action: Action) -> None:
        """Post an action. Raises HandRefused, Inconclusive."""
        api = await self._rig.api()
        headers = {"Content-Type": "application/json"}
        response = await api.post(f"/api/v1/hand/{action.path()}", content=as_json(action), headers=headers)
        if response.status_code == 409:
            raise HandRefused(response.json().get("error", "refused"))
        if response.status_code != 200:
            raise Inconclusive(f"hand: {action.path()}: HTTP {response.status_code} {response.text[:200]}")


class _Ready(msgspec.Struct, frozen=True):
    """What is needed of the line with which a station says that it is ready."""

    api: str | None


class WireRig:
    """A fresh station process for one case (`lab.rig.Rig`)."""

    name = "wire"
    tolerance = 1.0
    patience = 30.0

    def __init__(
        self,
        product: Product,
        folder: Path,
        seed: int,
        starter: StationStarter,
        *,
        protocol: str = "",
        extensions: bool = False,
    ) -> None:
        self.clock = LoopClock()
        self.hand = ApiHand(self)
        self.files = file_server(
            protocol or product.file_protocols[0], LOOPBACK, lambda: _files_certificate(born_with(product))
        )
        self.certificates = LabCertificates(product)
        self._product = product
        self._folder = folder
        self._seed = seed
        self._starter = starter
        self._extensions = extensions
        self._endpoints: list[OwnStationEndpoint] = []
        self._process: StationProcess | None = None
        self._client: asyncio.Future[httpx.AsyncClient] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> OwnStationEndpoint:
        """Open an endpoint."""
        endpoint = await open_endpoint(number, self._product, admit, serve, own_root=own_root)
        self._endpoints.append(endpoint)
        return endpoint

    async def start(self, provisioning: Provisioning) -> None:
        """Start the station's process; it dials endpoint 1."""
        await self.files.open()
        product = self._write("product.toml", write(self._product))
        arguments = ["run", "--headless", "--port", "0", "--product", product]
        arguments += ["--identity", provisioning.identity, "--data", str(self._folder / "data")]
        arguments += ["--csms", self._endpoints[0].url, "--csms-root", self._write("root.pem", self._endpoints[0].root)]
        arguments += ["--security-profile", str(provisioning.security_profile), "--seed", str(self._seed)]
        arguments.append("--no-faults")
        arguments.append("--extensions" if self._extensions else "--no-extensions")
        if provisioning.security_profile == 3:
            name = self._product.identity.serial_number or provisioning.identity
            shown = await asyncio.to_thread(born_with(self._product).issue_client, name, validity=ALWAYS)
            arguments += ["--client-cert", self._write("client.pem", shown.chain)]
            arguments += ["--client-key", self._write("client.key", shown.key)]
        else:
            arguments += ["--password-file", self._write("password", provisioning.password)]
        async with self._starter.turns:
            self._process = await self._starter.start(arguments, self._folder / "stderr.txt")
            self._reader = asyncio.create_task(self._wait_ready(self._process))
            await asyncio.wait((self._reader,), timeout=READY_WITHIN)
        if self._client.done():
            self._client.result()  # raises Inconclusive where the process has ended

    def _write(self, name: str, text: str) -> str:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return str(path)

    async def _wait_ready(self, process: StationProcess) -> None:
        line = await process.ready()
        if not line:
            file = self._folder / "stderr.txt"
            errors = file.read_text("utf-8", "replace")[-500:] if file.exists() else "it never began"
            self._client.set_exception(Inconclusive(f"the station's process ended: {errors}"))
            self._client.exception()
            return
        api = msgspec.json.decode(line, type=_Ready).api or ""
        self._client.set_result(httpx.AsyncClient(base_url=api, timeout=30.0))

    async def api(self) -> httpx.AsyncClient:
        """Return a client of the control API. Raises Inconclusive if the station does not run."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                return await asyncio.shield(self._client)
        except TimeoutError:
            raise Inconclusive("the control API did not come up") from None

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """Put a firmware image on the file server."""
        content = image(kind, self._product)
        return firmware(kind, self.files.offer(f"firmware/{kind.value}.bin", content), content)

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays show."""
        response = await (await self.api()).get("/api/v1/station")
        return msgspec.json.decode(response.content, type=StationView).screens

    def waited(self) -> float:
        """Return the seconds for which the station waited for a core so far."""
        return 0.0 if self._process is None else self._process.waited()

    async def close(self) -> None:
        """End process and endpoints."""
        if self._process is not None:
            await end(self._process, STOP_WITHIN)
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._client.done() and self._client.exception() is None:
            await self._client.result().aclose()
        for endpoint in self._endpoints:
            await endpoint.close()
        await self.files.close()


@functools.cache
def _files_certificate(authority: Authority) -> Issued:
    """Return what the file server shows: stations trust the root of the CSMS for files, too (N01.FR.15)."""
    return authority.issue_server([], [LOOPBACK], validity=ALWAYS)
