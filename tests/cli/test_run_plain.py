"""`ohmstead run --csms ws://...`: at a CSMS under development, which has neither TLS nor, perhaps, passwords."""

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.e2e.running import running
from tests.peers.ocpp_office import OcppOffice


class PlainOffice(OcppOffice):
    """The CSMS of the package `ocpp`, without TLS, in a thread of its own.

    Attributes:
        authorizations: the Authorization header of each connection.
    """

    def __init__(self) -> None:
        super().__init__()
        self.authorizations: list[str | None] = []

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        assert connection.request is not None
        self.authorizations.append(connection.request.headers.get("Authorization"))
        await super().serve(connection)


@contextmanager
def plain_office() -> Iterator[PlainOffice]:
    """Run it on a free port of loopback."""
    office, ready = PlainOffice(), threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def listen() -> None:
        async with serve(
            office.serve, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")], close_timeout=1
        ) as server:
            office.url = f"ws://localhost:{server.sockets[0].getsockname()[1]}"
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield office
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(60)
        loop.close()


@pytest.mark.parametrize("profile", [None, 0])
def test_it_simply_charges(profile: int | None, tmp_path: Path) -> None:
    """Without a product one of security profile 1 is taken; profile 0 shows no password, and no message says 0."""
    asked = ("--security-profile", "0") if profile == 0 else ()
    with plain_office() as office:
        options = ("--csms", office.url, "--data", str(tmp_path / "data"), *asked)
        with running(*options, errors=subprocess.PIPE) as station:
            station.hand("plug", evse_id=1)
            station.hand("present", id_token="04A1B2C3")
            station.until("energy", lambda: float(str(station.session(1).get("energy_wh", 0))) > 0.1)
            view = station.get("station")["connection"]
            station.stop()
            assert station.process.stderr is not None
            said = station.process.stderr.read()
    assert isinstance(view, dict)
    assert (view["state"], view["boot_status"], view["security_profile"]) == (
        "Connected",
        "Accepted",
        1 - (profile == 0),
    )
    assert [given is None for given in office.authorizations] == [profile == 0]
    assert "this station is flagship" in said
    assert f"connected to {office.url}/OHM-0001 (no TLS)" in said
    assert "registered: the CSMS has accepted OHM-0001" in said
    assert ("no password and no TLS" in said) == (profile == 0)
    assert not [frame for frame in office.frames if "SecurityProfile" in frame.text and '"0"' in frame.text]
