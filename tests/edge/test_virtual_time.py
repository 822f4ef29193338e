"""The loop that jumps: order, determinism, real work, and what happens when nothing can happen any more."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from itertools import count, pairwise
from pathlib import Path
from time import perf_counter

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.virtual_time import Deadlock, OutOfTime, VirtualLoop, run


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def test_sleeping_costs_no_real_time_and_lands_exactly() -> None:
    async def main() -> float:
        await asyncio.sleep(10 * 365 * 86_400 + 0.1)
        return asyncio.get_running_loop().time()

    begun = perf_counter()
    assert run(main()) == 10 * 365 * 86_400 + 0.1
    assert perf_counter() - begun < 86_400  # seconds instead of ten years, on a machine however busy


def test_a_heartbeat_and_forty_sessions_live_through_a_day_in_seconds() -> None:
    async def session(beats: list[float]) -> None:
        for _ in range(60):
            await asyncio.sleep(30)
            beats.append(asyncio.get_running_loop().time())

    async def main() -> list[float]:
        beats: list[float] = []
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                asyncio.get_running_loop().call_later(number * 2_000, lambda: group.create_task(session(beats)))
            for _ in range(1_440):
                await asyncio.sleep(60)
                beats.append(asyncio.get_running_loop().time())
        return beats

    begun = perf_counter()
    beats = run(main())
    assert (len(beats), beats[-1]) == (40 * 60 + 1_440, 86_400.0)
    assert perf_counter() - begun < 3600  # not the day that it plays


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e7), max_size=30))
def test_timers_fire_in_order_and_at_their_time(delays: list[float]) -> None:
    fired: list[tuple[float, int, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number, delay in enumerate(delays):
            loop.call_at(delay, lambda timer: fired.append((*timer, loop.time())), (delay, number))
        await asyncio.sleep(1e7)

    run(main())
    assert [(delay, number) for delay, number, _ in fired] == sorted((d, n) for n, d in enumerate(delays))
    assert all(abs(now - delay) <= 2e-9 for delay, _, now in fired)


def test_timers_of_one_instant_fire_in_the_order_of_their_creation() -> None:
    order: list[int] = []

    async def sleeper(number: int) -> None:
        await asyncio.sleep(1)
        order.append(number)

    async def main() -> None:
        await asyncio.gather(*(sleeper(number) for number in range(50)))

    run(main())
    assert order == list(range(50))


def test_cancelled_timers_are_not_jumped_to() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        for _ in range(300):
            loop.call_later(10, print).cancel()
        await asyncio.sleep(20)
        return loop.time()

    assert run(main()) == 20


def test_time_stands_still_while_code_runs() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        threading.Event().wait(0.02)
        await asyncio.sleep(0)
        return loop.time() - before

    assert run(main()) == 0


def test_tasks_of_a_group_are_cancelled_in_the_same_order_in_every_run() -> None:
    def once() -> list[str]:
        ended: list[str] = []

        async def waiter(name: str) -> None:
            try:
                await for_ever()
            finally:
                ended.append(name)

        async def main() -> None:
            async with asyncio.TaskGroup() as group:
                for number in range(40):
                    group.create_task(waiter(str(number)))
                await asyncio.sleep(1)
                raise ValueError

        with pytest.raises(BaseExceptionGroup):
            run(main())
        return ended

    assert once() == once() == [str(number) for number in range(40)]


def test_time_is_real_while_an_executor_job_runs() -> None:
    async def main() -> tuple[float, list[float]]:
        loop = asyncio.get_running_loop()
        ticks: list[float] = []

        async def ticker() -> None:
            while True:
                await asyncio.sleep(0.02)
                ticks.append(loop.time())

        task = asyncio.create_task(ticker())
        await asyncio.to_thread(threading.Event().wait, 0.1)
        task.cancel()
        return loop.time(), ticks

    begun = perf_counter()
    now, ticks = run(main())
    # The job may have begun a little before the loop's time did.
    assert 0.02 <= now <= perf_counter() - begun
    assert 1 <= len(ticks) <= now / 0.02


def test_real_blocks_nest_and_waiting_in_them_is_no_deadlock() -> None:
    async def main() -> float:
        loop = virtual_loop()
        woken = asyncio.Event()
        threading.Timer(0.05, lambda: loop.call_soon_threadsafe(woken.set)).start()
        with loop.real():
            with loop.real():
                pass
            await woken.wait()
        now = loop.time()
        await asyncio.sleep(1_000)
        return loop.time() - now

    assert run(main()) == 1_000


def test_a_deadlock_is_raised_and_names_what_tasks_wait_for() -> None:
    async def waits_for_a_queue() -> None:
        await asyncio.Queue[int]().get()

    async def main() -> None:
        await asyncio.sleep(5)
        async with asyncio.TaskGroup() as group:
            group.create_task(waits_for_a_queue(), name="reader of nothing")

    with pytest.raises(Deadlock, match=r"at 5 s\n(.*\n)*  reader of nothing: .*waits_for_a_queue .* -> Queue.get"):
        run(main())


def test_a_deadlock_cancels_what_is_left() -> None:
    ended: list[str] = []

    async def main() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(1)
            ended.append("main")

    with pytest.raises(Deadlock):
        run(main())
    assert ended == ["main"]


def test_a_task_that_resists_cancellation_does_not_hide_the_first_error() -> None:
    async def main() -> None:
        while True:
            try:
                await for_ever()
            except asyncio.CancelledError:
                continue

    with pytest.raises(Deadlock, match="at 0 s"):
        run(main())


def test_the_limit_ends_a_life_that_goes_on() -> None:
    async def main() -> None:
        for _ in count():
            await asyncio.sleep(7)

    with pytest.raises(OutOfTime, match=r"at 100 s\n  Task-1: .*main"):
        run(main(), limit=100)


def test_the_limit_does_not_hide_a_deadlock() -> None:
    with pytest.raises(Deadlock):
        run(for_ever(), limit=100)


def test_leftover_tasks_are_cancelled_and_errors_come_out() -> None:
    ended: list[str] = []

    async def leftover() -> None:
        try:
            await for_ever()
        finally:
            ended.append("leftover")

    async def main() -> None:
        task = asyncio.create_task(leftover())
        await asyncio.sleep(0)
        raise KeyError(task.get_name())

    with pytest.raises(KeyError, match="Task-2"):
        run(main())
    assert ended == ["leftover"]


def test_two_ends_of_a_socket_live_on_the_loop() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            await asyncio.sleep(3)
            writer.write(line)
        writer.close()

    async def main() -> tuple[list[bytes], float]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        lines = []
        for number in range(20):
            writer.write(b"%d\n" % number)
            async with asyncio.timeout(10):
                lines.append(await reader.readline())
        writer.close()
        server.close()
        return lines, asyncio.get_running_loop().time()

    assert run(main()) == ([b"%d\n" % number for number in range(20)], 60.0)


def test_a_silent_socket_is_a_deadlock_too() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        reader, _ = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.read()

    with pytest.raises(Deadlock, match="StreamReader"):
        run(main())


@pytest.fixture(scope="module")
def server_pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return pem


def test_tls_works_with_both_ends_on_the_loop(server_pem: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.readline():
            writer.write(data)
        writer.close()

    async def main() -> list[float]:
        serving, dialling = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        serving.load_cert_chain(server_pem)
        dialling.load_verify_locations(server_pem)
        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=serving)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=dialling)
        answered = [asyncio.get_running_loop().time()]
        for _ in range(24):
            await asyncio.sleep(3_600)
            writer.write(b"x" * 50_000 + b"\n")
            assert len(await reader.readline()) == 50_001
            answered.append(asyncio.get_running_loop().time())
        writer.close()
        server.close()
        return answered

    answered = run(main())
    assert [later - earlier for earlier, later in pairwise(answered)] == [3_600.0] * 24
