"""Clients that are not ours, which try to connect to the lab: `ocpp`, `websockets`, OpenSSL, curl, Node."""

import asyncio
import shutil
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v201 import ChargePoint, call
from ocpp.v201.datatypes import ChargingStationType
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued

IDENTITY, PASSWORD = "CS-001", "correct-horse-battery-staple"
BEGUN = 60.0
"""Seconds that a client is given on a loaded machine."""
RSA_SUITES = "AES128-GCM-SHA256:AES256-GCM-SHA384"


class Lab(msgspec.Struct, frozen=True, kw_only=True):
    """Where the lab waits, as a client has to know it."""

    tls: bool
    port: int
    root: Path | None
    """PEM."""
    authority: Authority
    """The lab's."""
    folder: Path
    """For files of the client."""

    @property
    def url(self) -> str:
        """What the station is given, without the identity."""
        return f"{'wss' if self.tls else 'ws'}://localhost:{self.port}/ocpp"


Client = Callable[[Lab], Awaitable[None]]


def context(lab: Lab, *, trusting: bool = True, shown: Issued | None = None) -> ssl.SSLContext:
    """Return the TLS of a station that has the lab's root, as Python has it."""
    made = ssl.create_default_context(cafile=str(lab.root) if trusting else None)
    made.set_ciphers(RSA_SUITES)
    if shown is not None:
        file = lab.folder / "client.pem"
        file.write_text(shown.key + shown.chain)
        made.load_cert_chain(file)
    return made


def basic(user: str = IDENTITY, password: str = PASSWORD) -> dict[str, str]:
    """Return the Authorization header."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def station(
    path: str = f"/{IDENTITY}",
    *,
    protocols: tuple[str, ...] = ("ocpp2.0.1",),
    headers: dict[str, str] | None = None,
    trusting: bool = True,
    issue: Callable[[Lab], Issued] | None = None,
    compression: str | None = None,
    scheme: str | None = None,
    name: str | None = None,
) -> Client:
    """Return a station on the packages `ocpp` and `websockets`, which boots if it can."""

    async def come(lab: Lab) -> None:
        tls = (scheme or lab.url.partition(":")[0]) == "wss"
        url = f"{'wss' if tls else 'ws'}://localhost:{lab.port}/ocpp{path}"
        if path.startswith("!"):
            url = f"{'wss' if tls else 'ws'}://localhost:{lab.port}{path[1:]}"
        options: dict[str, object] = {}
        if tls:
            options["ssl"] = context(lab, trusting=trusting, shown=issue(lab) if issue else None)
            options["server_hostname"] = name
        with suppress(OSError, WebSocketException, TimeoutError):
            async with (
                asyncio.timeout(BEGUN),
                connect(
                    url,
                    subprotocols=[Subprotocol(one) for one in protocols] or None,
                    additional_headers=basic() if headers is None else headers,
                    compression=compression,
                    proxy=None,
                    open_timeout=5,
                    **options,  # type: ignore[arg-type]
                ) as connection,
            ):
                await _boot(connection, protocols)

    return come


async def _boot(connection: object, protocols: tuple[str, ...]) -> None:
    if "ocpp2.0.1" not in protocols:
        point = ChargePoint16(IDENTITY, connection)
        await asyncio.wait_for(point.start(), 1)
        return
    life = ChargePoint(IDENTITY, connection)
    reading = asyncio.ensure_future(life.start())
    with suppress(TimeoutError):
        request = call.BootNotification(
            charging_station=ChargingStationType(vendor_name="Foreign", model="One"), reason="PowerUp"
        )
        await asyncio.wait_for(life.call(request), 0.5)
    reading.cancel()


def openssl(*arguments: str, request: str = "", root: bool = True) -> Client:
    """Return `openssl s_client`, which sends a request once TLS is there."""

    async def come(lab: Lab) -> None:
        trust = ["-CAfile", str(lab.root), "-verify_return_error"] if root and lab.root else []
        place = ["-connect", f"localhost:{lab.port}", "-servername", "localhost"]
        await run("openssl", "s_client", "-quiet", *place, *trust, *arguments, text=request)

    return come


def curl(*arguments: str, path: str = f"/ocpp/{IDENTITY}", scheme: str = "") -> Client:
    """Return curl."""

    async def come(lab: Lab) -> None:
        url = f"{scheme or ('https' if lab.tls else 'http')}://localhost:{lab.port}{path}"
        trust = ["--cacert", str(lab.root), "--ciphers", RSA_SUITES] if lab.root else []
        filled = [one.replace("{port}", str(lab.port)) for one in arguments]
        await run("curl", "--silent", "--max-time", "5", "--noproxy", "", *trust, *filled, url)

    return come


NODE = """
const [url, protocol, user] = process.argv.slice(2);
const socket = new WebSocket(url, protocol ? [protocol] : []);
const end = () => process.exit(0);
socket.onerror = end; socket.onclose = end;
socket.onopen = () => setTimeout(end, 500);
setTimeout(end, 8000);
"""


def node(protocol: str = "ocpp2.0.1", *, trusting: bool = True) -> Client:
    """Return the WebSocket of Node, which takes no header."""

    async def come(lab: Lab) -> None:
        file = lab.folder / "station.mjs"
        file.write_text(NODE)
        environment = {"NODE_EXTRA_CA_CERTS": str(lab.root)} if trusting and lab.root else {}
        flags = ["--experimental-websocket", "--no-warnings", f"--tls-cipher-list={RSA_SUITES}", "--tls-max-v1.2"]
        await run("node", *flags, str(file), f"{lab.url}/{IDENTITY}", protocol, environment=environment)

    return come


def raw(data: bytes, *, wait: float = 0.0) -> Client:
    """Return a socket that sends some bytes, and closes."""

    async def come(lab: Lab) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", lab.port)
        writer.write(data)
        with suppress(OSError):
            await writer.drain()
            if data:
                await asyncio.wait_for(reader.read(1000), 3)
        await asyncio.sleep(wait)
        writer.close()

    return come


def asking(*lines: str, path: str = f"/ocpp/{IDENTITY}", first: str = "") -> Client:
    """Return a client that writes its request by hand, on TLS of Python where the lab has TLS."""

    async def come(lab: Lab) -> None:
        tls = context(lab) if lab.tls else None
        reader, writer = await asyncio.open_connection("localhost", lab.port, ssl=tls)
        head = [first or f"GET {path} HTTP/1.1", f"Host: localhost:{lab.port}", *lines, "", ""]
        writer.write("\r\n".join(head).encode())
        with suppress(OSError, TimeoutError):
            await writer.drain()
            await asyncio.wait_for(reader.read(1000), 3)
        writer.close()

    return come


async def run(*command: str, text: str = "", environment: dict[str, str] | None = None) -> None:
    """Run a program to its end, within a limit, whatever it says."""
    path = shutil.which(command[0])
    assert path is not None
    process = await asyncio.create_subprocess_exec(
        path,
        *command[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", **(environment or {})},
    )
    try:
        async with asyncio.timeout(BEGUN):
            await process.communicate(text.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def there(program: str) -> bool:
    """Say whether a program is on this machine; of Node one that has a WebSocket."""
    return shutil.which(program) is not None
