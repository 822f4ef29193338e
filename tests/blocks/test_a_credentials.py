"""A01 and the security events of A00: a new password proves itself, a faulty CSMS is reported once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from ohmstead.edge.memory_handshake import AcceptHandshakes, CloseAtOnce, Refuse
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.link import Handshake, Refusal
from ohmstead.wire import messages as wire
from tests.runtime.raw_csms import taken_over
from tests.runtime.site import CONFIG, Site, site

OLD = "correct-horse-battery"
NEW = "staple-of-the-horses"
NEWER = "battery-of-the-horses"


class PasswordGate:
    """A CSMS that checks passwords, and remembers which ones it was shown."""

    def __init__(self, here: Site, *passwords: str) -> None:
        self.passwords = set(passwords)
        self.shown: list[str | None] = []
        here.listener.admit = self.admit

    def admit(self, handshake: Handshake) -> int:
        """Answer the upgrade."""
        self.shown.append(handshake.password)
        return 101 if handshake.password in self.passwords else 401


async def renew(here: Site, password: str) -> wire.SetVariableStatusEnum:
    """Set a new password over the wire."""
    return await here.set("SecurityCtrlr", "BasicAuthPassword", password)


async def lose(here: Site) -> None:
    """Close the connection from the CSMS's side."""
    for link in here.listener.links:
        await link.close()


def events(here: Site, kind: str) -> list[wire.SecurityEventNotificationRequest]:
    """Return the security events of one type."""
    return [event for event in here.csms.of(wire.SecurityEventNotificationRequest) if event.type == kind]


def in_virtual_time(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene."""

    async def played() -> None:
        await scene()

    run(played(), limit=86400)


def test_the_station_comes_back_with_the_new_password() -> None:
    """TC_A_09: the response first, then the connection, at once and without a boot (A01.FR.01, A01.FR.11)."""

    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here, NEW)
            assert await renew(here, NEW) is wire.SetVariableStatusEnum.Accepted
            await here.csms.until(lambda: bool(events(here, "ReconfigurationOfSecurityParameters")))
            await asyncio.sleep(1)
            assert gate.shown == [NEW]
            assert not here.csms.of(wire.BootNotificationRequest)

    in_virtual_time(scene)


@pytest.mark.parametrize("latency", [0.0, 0.005, 0.1, 0.2, 0.24])
def test_the_security_event_of_a_new_password_comes_once(latency: float) -> None:
    """The old link stays until its last call is answered, or for half a second."""

    async def scene() -> None:
        async with site() as here:
            PasswordGate(here, NEW)
            here.network.latency_up = here.network.latency_down = latency
            assert await renew(here, NEW) is wire.SetVariableStatusEnum.Accepted
            await asyncio.sleep(60)
            assert len(events(here, "ReconfigurationOfSecurityParameters")) == 1
            assert here.csms.rpc is not None

    in_virtual_time(scene)


def test_a_csms_that_does_not_answer_any_more_does_not_keep_the_old_link() -> None:
    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here, OLD, NEW)
            csms = await taken_over(here)
            csms.replies["SecurityEventNotification"] = lambda _identifier, _payload: None
            gate.shown.clear()
            here.csms.instead = None
            names = '"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}'
            data = f'{{"setVariableData":[{{"attributeValue":"{NEW}",{names}}}]}}'
            assert "Accepted" in await csms.ask(f'[2,"p","SetVariables",{data}]')
            await asyncio.sleep(1)
            assert gate.shown == [NEW]
            await here.csms.until(lambda: bool(events(here, "ReconfigurationOfSecurityParameters")))

    in_virtual_time(scene)


def test_a_short_password_is_rejected_and_the_old_one_stays() -> None:
    """TC_A_10."""

    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here, OLD)
            assert await renew(here, NEW[:15]) is wire.SetVariableStatusEnum.Rejected
            await lose(here)
            await asyncio.sleep(60)
            assert gate.shown == [OLD]

    in_virtual_time(scene)


def test_a_refused_password_gives_way_to_the_old_one() -> None:
    """Decided case 15: 401 with the new password, so the old one is shown; each one in turn until one is taken."""

    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here)
            await renew(here, NEW)
            await asyncio.sleep(600)
            assert gate.shown[:4] == [NEW, OLD, NEW, OLD]
            gate.passwords = {OLD}
            await asyncio.sleep(600)
            assert here.csms.rpc is not None
            gate.shown.clear()
            await lose(here)
            await asyncio.sleep(60)
            assert gate.shown == [OLD], "the one that was taken goes first"

    in_virtual_time(scene)


def test_a_doubtful_password_is_not_forgotten() -> None:
    """A CSMS that lagged behind takes only the new password in the end (A01.FR.03): the station still knows it."""

    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here, OLD)
            await renew(here, NEW)
            await asyncio.sleep(60)
            gate.passwords = {NEW}
            gate.shown.clear()
            await lose(here)
            await asyncio.sleep(120)
            assert gate.shown == [OLD, NEW]
            gate.shown.clear()
            gate.passwords = set()
            await lose(here)
            await asyncio.sleep(600)
            assert set(gate.shown) == {NEW}, "what has been proven replaces what was proven before"

    in_virtual_time(scene)


def test_the_newest_password_replaces_one_that_never_worked() -> None:
    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here, OLD)
            await renew(here, NEW)
            await asyncio.sleep(60)
            gate.shown.clear()
            gate.passwords = set()
            await renew(here, NEWER)
            await asyncio.sleep(120)
            assert set(gate.shown) == {NEWER, OLD}

    in_virtual_time(scene)


@pytest.mark.parametrize("taken", [True, False])
def test_both_passwords_survive_a_power_cut(taken: bool) -> None:
    """The candidate is on the disk before the connection is closed; what is proven, once it is."""

    async def scene() -> None:
        async with site(store=MemoryStore()) as here:
            gate = PasswordGate(here, *((NEW,) if taken else ()))
            await renew(here, NEW)
            await asyncio.sleep(1)
            await here.hand.cut_power()
            await here.hand.restore_power()
            gate.shown.clear()
            gate.passwords = set()
            await asyncio.sleep(600)
            assert set(gate.shown) == ({NEW} if taken else {NEW, OLD})

    in_virtual_time(scene)


def test_a_new_provisioning_replaces_the_passwords() -> None:
    """A technician's word goes first."""

    async def scene() -> None:
        store = MemoryStore()
        async with site(store=store) as here:
            PasswordGate(here, NEW)
            await renew(here, NEW)
            await asyncio.sleep(5)
            await here.hand.cut_power()
        async with site(store=store.reopen(), config=replace(CONFIG, password=NEWER)) as here:
            gate = PasswordGate(here, NEWER)
            await lose(here)
            await asyncio.sleep(60)
            assert gate.shown == [NEWER]

    in_virtual_time(scene)


@pytest.mark.parametrize("refusal", ["InvalidCsmsCertificate", "InvalidTLSVersion", "InvalidTLSCipherSuite"])
def test_a_faulty_csms_is_reported_once(refusal: str) -> None:
    """TC_A_05, TC_A_06, A00.FR.310, A00.FR.316, A00.FR.323: however many attempts fail, and once it is over."""

    async def scene() -> None:
        async with site() as here:
            for _ in range(2):
                here.csms.received.clear()
                here.listener.behavior = Refuse(Refusal(refusal))
                await lose(here)
                await asyncio.sleep(300)
                assert not events(here, refusal)
                failed = here.clock.now()
                here.listener.behavior = AcceptHandshakes()
                await here.csms.until(lambda: bool(events(here, refusal)))
                await asyncio.sleep(60)
                assert len(events(here, refusal)) == 1
                assert (failed - events(here, refusal)[0].timestamp).total_seconds() > 200, "dated when it happened"

    in_virtual_time(scene)


@pytest.mark.parametrize("behavior", [Refuse(), Refuse(Refusal.Protocol), CloseAtOnce(), Refuse(Refusal.TimedOut)])
def test_garbage_and_silence_are_no_security_events(behavior: Refuse | CloseAtOnce) -> None:
    async def scene() -> None:
        async with site() as here:
            here.listener.behavior = behavior
            await lose(here)
            await asyncio.sleep(120)
            here.listener.behavior = AcceptHandshakes()
            await asyncio.sleep(300)
            assert here.csms.rpc is not None
            assert not here.csms.of(wire.SecurityEventNotificationRequest)

    in_virtual_time(scene)


def test_no_password_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A01.FR.12, as far as the station's own log goes."""

    async def scene() -> None:
        async with site() as here:
            gate = PasswordGate(here)
            await renew(here, NEW)
            await asyncio.sleep(60)
            gate.passwords = {OLD}
            await asyncio.sleep(60)
            station = here.host.station
            assert station is not None
            logging.getLogger("test").info("%r %r", station.access.credentials, station.access.credentials.passwords)

    with caplog.at_level(logging.DEBUG):
        in_virtual_time(scene)
    assert OLD not in caplog.text
    assert NEW not in caplog.text
