"""The lab's file servers, one a protocol, as a station meets them: they serve, hold, throttle and refuse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.files import RemoteFiles
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.file_protocol import file_protocol
from ohmstead.lab.rigs.file_servers import ServedFiles, file_server
from ohmstead.ports.files import Reason, TransferFailed, TransferTerms
from ohmstead.product.features import FILE_PROTOCOLS
from ohmstead.product.load import load

IMAGE = bytes(range(256)) * 400
LOOPBACK = "127.0.0.1"


@cache
def authority() -> Authority:
    return Authority.generate()


@cache
def shown() -> Issued:
    return authority().issue_server([], [LOOPBACK])


@asynccontextmanager
async def served(protocol: str) -> AsyncIterator[ServedFiles]:
    server = file_server(protocol, LOOPBACK, shown)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


def terms(silence: float = 10.0) -> TransferTerms:
    return TransferTerms(protocols=FILE_PROTOCOLS, roots=(authority().root,), silence=silence)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(30_000):  # a real server works beside, on a machine that may be loaded
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


@pytest.mark.parametrize("protocol", FILE_PROTOCOLS)
def test_files_go_up_and_come_down(tmp_path: Path, protocol: str) -> None:
    async def scene() -> None:
        async with served(protocol) as server:
            files = RemoteFiles(tmp_path / "files")
            url, place = server.offer("firmware/Good.bin", IMAGE), server.place("logs")
            assert url.startswith(f"{protocol.lower()}://") and place.endswith("/logs/")
            await files.download(url, "image", terms())
            assert b"".join(files.read("image")) == IMAGE
            await files.upload(place, "a.log", [b"one ", b"two"], terms())
            await until(lambda: bool(server.uploads))  # some hear of the end of a file after the station does
            assert server.uploads == ((f"{place}a.log", b"one two"),)
            assert server.attempts == (url, f"{place}a.log")

    asyncio.run(asyncio.wait_for(scene(), 60))


@pytest.mark.parametrize("protocol", FILE_PROTOCOLS)
def test_a_server_that_is_held_answers_when_it_is_let_go(tmp_path: Path, protocol: str) -> None:
    async def scene() -> None:
        async with served(protocol) as server:
            files = RemoteFiles(tmp_path / "files")
            server.hold(True)
            url = server.offer("image.bin", IMAGE)
            going = asyncio.create_task(files.download(url, "image", terms()))
            await until(lambda: bool(server.attempts))
            await asyncio.wait((going,), timeout=0.2)
            assert not going.done()
            server.hold(False)
            await going
            assert b"".join(files.read("image")) == IMAGE

    asyncio.run(asyncio.wait_for(scene(), 60))


@pytest.mark.parametrize("protocol", FILE_PROTOCOLS)
def test_a_server_that_refuses_says_that_there_is_nothing(tmp_path: Path, protocol: str) -> None:
    async def scene() -> None:
        async with served(protocol) as server:
            files = RemoteFiles(tmp_path / "files")
            place = server.place("logs")
            for target, refused in ((place, True), (place.removesuffix("logs/") + "nowhere/", False)):
                server.refuse(refused)
                with pytest.raises(TransferFailed) as failed:
                    await files.upload(target, "a.log", [b"x"], terms())
                assert failed.value.reason is Reason.NotFound
                assert server.attempts[-1].startswith(target)
            assert server.uploads == ()

    asyncio.run(asyncio.wait_for(scene(), 60))


@pytest.mark.parametrize("protocol", FILE_PROTOCOLS)
def test_a_server_that_is_throttled_is_slow(tmp_path: Path, protocol: str) -> None:
    async def scene() -> None:
        async with served(protocol) as server:
            files, loop = RemoteFiles(tmp_path / "files"), asyncio.get_running_loop()
            url = server.offer("image.bin", IMAGE)
            server.throttle(4 * len(IMAGE))
            began = loop.time()
            await files.download(url, "image", terms())
            assert loop.time() - began > 0.15

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_a_campaign_uses_every_protocol_of_the_product_unless_one_is_configured() -> None:
    product = load("sec1000-240y")
    cases = [f"TC_N_{number}_CS" for number in range(20, 30)]
    assert {file_protocol(product, LabConfig(), case) for case in cases} == set(product.file_protocols)
    assert {file_protocol(product, LabConfig(file_protocol="FTPS"), case) for case in cases} == {"FTPS"}
    assert {file_protocol(load("minimal"), LabConfig(file_protocol="FTPS"), case) for case in cases} == {"HTTPS"}
    assert file_protocol(product, LabConfig(), cases[0], lambda protocol: protocol == "HTTPS") == "HTTPS"
