"""Files over real HTTP(S): up, down, resumed, redirected, refused."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.virtual_time import run
from ohmstead.ports.files import FileRefused, Reason, TransferFailed, TransferTerms
from tests.edge.file_servers import CONTENT, HttpServer, authority, http_server

NAME = "image"
TERMS = TransferTerms(silence=5.0)
Scene = Callable[[RemoteFiles, HttpServer], Awaitable[None]]


def play(tmp_path: Path, scene: Scene, *, tls: bool = False) -> None:
    """Run a scene against a server, in virtual time that waits for it."""
    with http_server(tls=tls) as server:
        run(_scene(scene, RemoteFiles(tmp_path), server), limit=60)


async def _scene(scene: Scene, files: RemoteFiles, server: HttpServer) -> None:
    await scene(files, server)


def read(files: RemoteFiles) -> bytes:
    """Return what was downloaded."""
    return b"".join(files.read(NAME))


async def failure(transfer: Awaitable[None]) -> Reason:
    """Return why a transfer fails."""
    with pytest.raises(TransferFailed) as caught:
        await transfer
    return caught.value.reason


def test_an_upload_arrives_with_its_name_and_type(tmp_path: Path) -> None:
    """N01.FR.18, N01.FR.19."""

    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        steps: list[tuple[int, int | None]] = []
        chunks = [b"one ", b"two ", b"three"]
        await files.upload(f"{server.url}/logs/", "a.log", chunks, TERMS, lambda now, of: steps.append((now, of)))
        assert server.received == {"/logs/a.log": b"one two three"}
        [(method, _, headers)] = server.seen
        assert method == "PUT"
        assert headers["Content-Type"] == "application/octet-stream"
        assert 'filename="a.log"' in headers["Content-Disposition"]
        assert steps == [(4, 13), (8, 13), (13, 13)]

    play(tmp_path, scene)


def test_a_server_that_wants_post_gets_post(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        await files.upload(f"{server.url}/post-only/x", "a.log", [b"text"], TERMS)
        assert [method for method, _, _ in server.seen] == ["PUT", "POST"]
        assert server.received == {"/post-only/x": b"text"}

    play(tmp_path, scene)


def test_an_upload_follows_a_redirect_that_keeps_the_method(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        await files.upload(f"{server.url}/moved/x", "a.log", [b"text"], TERMS)
        assert server.received == {"/new/x": b"text"}

    play(tmp_path, scene)


def test_a_file_arrives_whole(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        steps: list[tuple[int, int | None]] = []
        await files.download(f"{server.url}/file", NAME, TERMS, lambda now, of: steps.append((now, of)))
        assert read(files) == CONTENT
        assert steps[-1] == (len(CONTENT), len(CONTENT))

    play(tmp_path, scene)


def test_a_broken_download_asks_for_the_rest_only(tmp_path: Path) -> None:
    """Range with If-Range; another run of the station goes on just so."""

    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        server.cut_after = 100_000
        assert await failure(files.download(f"{server.url}/file", NAME, TERMS)) is Reason.Broken
        await RemoteFiles(tmp_path).download(f"{server.url}/file", NAME, TERMS)
        assert read(files) == CONTENT
        assert server.seen[1][2]["Range"] == "bytes=100000-"
        await files.download(f"{server.url}/file", NAME, TERMS)
        assert read(files) == CONTENT

    play(tmp_path, scene)


def test_what_another_url_left_is_not_continued(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        server.cut_after = 100_000
        assert await failure(files.download(f"{server.url}/one", NAME, TERMS)) is Reason.Broken
        await files.download(f"{server.url}/two", NAME, TERMS)
        assert read(files) == CONTENT
        assert "Range" not in server.seen[1][2]

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("status/400", Reason.BadMessage),
        ("status/401", Reason.Denied),
        ("status/403", Reason.Denied),
        ("status/404", Reason.NotFound),
        ("status/413", Reason.TooLarge),
        ("status/501", Reason.Unsupported),
        ("status/503", Reason.Broken),
        ("loop/", Reason.Redirects),
        ("to/file:///etc/passwd", Reason.Redirects),
        ("to/ftp://localhost/x", Reason.Redirects),
        ("garbage/", Reason.Broken),
    ],
)
def test_what_a_server_does_wrong_has_a_name(tmp_path: Path, path: str, reason: Reason) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        assert await failure(files.download(f"{server.url}/{path}", NAME, TERMS)) is reason

    play(tmp_path, scene)


def test_a_file_beyond_the_limit_is_not_taken(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        small = TransferTerms(limit=1000)
        assert await failure(files.download(f"{server.url}/file", NAME, small)) is Reason.TooLarge

    play(tmp_path, scene)


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        patient = TransferTerms(silence=0.3)
        assert await failure(files.download(f"{server.url}/silent/", NAME, patient)) is Reason.TimedOut

    play(tmp_path, scene)


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, _server: HttpServer) -> None:
        assert await failure(files.download("http://127.0.0.1:9/x", NAME, TERMS)) is Reason.Unreachable

    play(tmp_path, scene)


def test_tls_needs_a_root_that_vouches(tmp_path: Path) -> None:
    """N01.FR.15."""

    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        assert await failure(files.download(f"{server.url}/file", NAME, TERMS)) is Reason.Untrusted
        await files.download(f"{server.url}/file", NAME, TransferTerms(roots=(authority().root,)))
        assert read(files) == CONTENT

    play(tmp_path, scene, tls=True)


def test_tls_does_not_end_in_a_plain_redirect(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        terms = TransferTerms(roots=(authority().root,))
        assert await failure(files.download(f"{server.url}/to/http://localhost/x", NAME, terms)) is Reason.Redirects

    play(tmp_path, scene, tls=True)


def test_credentials_go_to_their_server_and_into_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        await files.download(server.url.replace("://", "://me:s3cret@") + "/file", NAME, TERMS)
        assert server.seen[0][2]["Authorization"] == "Basic bWU6czNjcmV0"
        with http_server() as elsewhere:
            moved = server.url.replace("://", "://me:s3cret@") + f"/to/{elsewhere.url}/file"
            files.discard(NAME)
            await files.download(moved, NAME, TERMS)
            assert "Authorization" not in elsewhere.seen[0][2]
        assert await failure(files.download(server.url.replace("://", "://me:s3cret@") + "/status/404", NAME, TERMS))

    play(tmp_path, scene)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps"])
@pytest.mark.parametrize(
    "host", ["a..b", f"{'a' * 100}.example", "xn--", "xn--a", ".example", "\u2603..example", "a_b.example"]
)
def test_a_host_that_cannot_be_is_a_failure_like_others(tmp_path: Path, scheme: str, host: str) -> None:
    """Names with empty or endless labels, or with what only looks like punycode."""

    async def scene(files: RemoteFiles, _server: HttpServer) -> None:
        url = f"{scheme}://{host}/x"
        for transfer in (files.upload(url, NAME, [b"x"], TERMS), files.download(url, NAME, TERMS)):
            with pytest.raises((FileRefused, TransferFailed)):
                await transfer

    play(tmp_path, scene)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://x/", "http://", "https:/x", "http://a b/", "http://x:99999/", "\x00"]
)
def test_urls_that_are_none_are_refused_before_anything_moves(tmp_path: Path, url: str) -> None:
    """ORS-24."""

    async def scene(files: RemoteFiles, _server: HttpServer) -> None:
        with pytest.raises(FileRefused):
            await files.download(url, NAME, TERMS)

    play(tmp_path, scene)


def test_after_a_power_cut_nothing_moves(tmp_path: Path) -> None:
    """Decided case 18."""

    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        files.sever()
        assert await failure(files.download(f"{server.url}/file", NAME, TERMS)) is Reason.Severed

    play(tmp_path, scene)


def test_a_cancelled_download_keeps_what_it_has(tmp_path: Path) -> None:
    async def scene(files: RemoteFiles, server: HttpServer) -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(files.download(f"{server.url}/file", NAME, TERMS, lambda *_: begun.set()))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await files.download(f"{server.url}/file", NAME, TERMS)
        assert read(files) == CONTENT

    play(tmp_path, scene)
