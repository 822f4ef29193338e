"""Hostile places to get firmware from: URLs and servers; each refused, and the old version charges on."""

from pathlib import Path

import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.files_memory import Behavior
from ohmstead.edge.virtual_time import run
from ohmstead.ports.files import Reason
from ohmstead.wire import messages as wire
from tests.edge.file_servers import HttpServer, http_server
from tests.hostile.firmware import GOOD, PLACE, Seen, lives, ready, sign, update
from tests.runtime.site import site

# URLs

URLS = {
    "a file": "file:///etc/passwd",
    "a file in capitals": "FILE:///etc/passwd",
    "a path": "/etc/passwd",
    "a Windows share": "\\\\files.example\\firmware.bin",
    "an unknown scheme": "gopher://files.example/firmware.bin",
    "a scheme that the product lacks": "sftp://files.example/firmware.bin",
    "a scheme of scripts": "javascript:alert(1)",
    "data": "data:application/octet-stream;base64,AAAA",
    "nothing": "",
    "a blank": " ",
    "no host": "https:///firmware.bin",
    "no host but a user": "https://me:s3cret@/firmware.bin",
    "one slash": "https:/files.example/firmware.bin",
    "a new line": "https://files.example/\r\nHost: evil.example",
    "a zero byte": "https://files.example/\0.bin",
    "a blank in the host": "https://files example/firmware.bin",
    "a tab": "https://files.example/\tx",
    "a port that is too great": "https://files.example:99999/firmware.bin",
    "a port that is none": "https://files.example:http/firmware.bin",
    "half an address": "https://[::1/firmware.bin",
}


def test_no_hostile_url_is_followed() -> None:
    """ORS-24: Rejected, nothing is fetched, nothing is told."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            seen = {what: await update(here, location=url) for what, url in URLS.items()}
            assert seen == dict.fromkeys(URLS, ("Rejected", (), ()))
            assert here.servers.transfers == []
            await lives(here)

    assert len(URLS) >= 20
    run(scene(), limit=100_000)


# Servers

SERVERS: dict[str, Behavior] = {
    "silent": Behavior(hold=True),
    "ends in the middle": Behavior(cut_after=1000),
    "denies": Behavior(refuse=Reason.Denied),
    "not there": Behavior(refuse=Reason.Unreachable),
    "with a certificate of somebody else": Behavior(refuse=Reason.Untrusted),
    "sends one on for ever": Behavior(refuse=Reason.Redirects),
    "fills the disk": Behavior(refuse=Reason.NoRoom),
    "speaks nonsense": Behavior(refuse=Reason.BadMessage),
}
FAILED: Seen = "Accepted", ("Downloading", "DownloadFailed"), ()


def test_no_hostile_server_stops_the_station() -> None:
    """L01.FR.30: DownloadFailed, and the next attempt starts from nothing."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            seen = dict[str, Seen]()
            for what, behavior in SERVERS.items():
                here.servers.behave(behavior)
                seen[what] = await update(here)
            here.servers.behave(Behavior())
            here.servers.files[PLACE] = bytes((256 << 20) + 1)
            seen["too large"] = await update(here, signature=sign(GOOD))
            del here.servers.files[PLACE]
            seen["empty-handed"] = await update(here)
            assert seen == dict.fromkeys(seen, FAILED)
            await lives(here)

    run(scene(), limit=100_000)


PATHS = {
    "a redirect to a file": "/to/file:///etc/passwd",
    "a redirect to another protocol": "/to/ftp://localhost/x",
    "a redirect to nowhere": "/to/",
    "a redirect with a new line": "/to/http://localhost/%0d%0ax",
    "redirects in a circle": "/loop/",
    "garbage": "/garbage/",
    "400": "/status/400",
    "401": "/status/401",
    "404": "/status/404",
    "500": "/status/500",
    "no content": "/status/204",
}


def test_no_hostile_http_server_stops_the_station(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Over real HTTP; a password in the URL gets into no log, no message and no file."""
    caplog.set_level("DEBUG")

    async def scene(server: HttpServer) -> None:
        async with site() as here:
            here.files = lambda: RemoteFiles(tmp_path)
            await here.hand.reboot()
            await here.csms.until(lambda: len(here.csms.of(wire.StatusNotificationRequest)) >= 2)
            await ready(here)
            url = server.url.replace("://", "://me:s3cret@")
            seen = {what: await update(here, location=url + path) for what, path in PATHS.items()}
            empty = seen.pop("no content")
            assert seen == dict.fromkeys(seen, FAILED)
            assert empty[1][-1] in ("DownloadFailed", "InvalidSignature")
            said = "".join(text for _, direction, text in here.csms.frames if direction.value == "Received")
            assert "s3cret" not in said
            await lives(here)

    with http_server() as server:
        run(scene(server), limit=100_000)
    assert "s3cret" not in caplog.text
    assert list(tmp_path.iterdir()) == []
