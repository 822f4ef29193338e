"""Who may connect: identities, passwords, certificates, security profiles."""

import pytest

from ohmstead.csms.settings import KnownStation
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.link import Handshake, LinkRefused, Refusal, TlsFacts
from ohmstead.wire import messages as m
from tests.csms.office import CP1, PASSWORD, World, run, set_variables, with_settings

NEW_PASSWORD = "battery-staple-horse"
CHANGE = {
    "setVariableData": [
        {
            "attributeValue": NEW_PASSWORD,
            "component": {"name": "SecurityCtrlr"},
            "variable": {"name": "BasicAuthPassword"},
        }
    ]
}


def shown(
    path: str = "/ocpp/CP1",
    user: str | None = "CP1",
    password: str | None = PASSWORD,
    *,
    tls: bool = True,
    subject: str | None = None,
) -> Handshake:
    facts = TlsFacts(version="TLSv1.2", cipher_suite="TLS_X", client_certificate_subject=subject) if tls else None
    return Handshake(
        url=f"wss://csms.example{path}", subprotocols=("ocpp2.0.1",), user=user, password=password, tls=facts
    )


@pytest.mark.parametrize(
    ("handshake", "status"),
    [
        (shown(), 101),
        (shown(tls=False), 101),
        (shown("/ocpp/CP9", "CP9"), 404),
        (shown("/ocpp/"), 404),
        (shown(password="wrong"), 401),
        (shown(password=""), 401),
        (shown(password=None), 401),
        (shown(user=None), 401),
        (shown(user="CP2"), 401),
        (shown(user=None, password=None, subject="CN=CP1,O=Example"), 101),
        (shown(user=None, password=None, subject="CN=CP2,O=Example"), 401),
        (shown(user=None, password=None, subject="O=CP1"), 401),
        (shown(user=None, password=None, subject="CN=CP1,CN=CP2"), 401),
        (shown(user=None, password=None, subject="no name at all"), 401),
    ],
)
def test_the_answer_to_a_handshake(handshake: Handshake, status: int) -> None:
    async def main() -> None:
        assert World().csms.admit(handshake) == status

    run(main)


def test_an_identity_is_percent_decoded() -> None:
    async def main() -> None:
        known = KnownStation(identity="RDAM 12/3", password=PASSWORD)
        world = World(with_settings(stations=(known,)))
        assert world.csms.admit(shown("/ocpp/RDAM%2012%2F3", user="RDAM 12/3")) == 101

    run(main)


def test_a_station_without_a_password_needs_a_certificate() -> None:
    async def main() -> None:
        world = World(with_settings(stations=(KnownStation(identity="CP1", serial_number="SN-1"),)))
        assert world.csms.admit(shown(password="")) == 401
        assert world.csms.admit(shown(user=None, password=None, subject="CN=SN-1")) == 101

    run(main)


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("CN=CP1,O=Volt", 101),
        ("CN=CP1,O=Watt", 101),
        ("CN=CP1,O=Other", 401),
        ("CN=CP1", 401),
        ("CN=CP1,O=Volt,O=A", 401),
    ],
)
def test_a_certificate_must_be_owned_by_one_of_the_organizations(subject: str, status: int) -> None:
    """A00.FR.404; what it refuses is noted as InvalidChargingStationCertificate (A00.FR.408)."""

    async def main() -> None:
        world = World(with_settings(organizations=("Volt", "Watt")))
        assert world.csms.admit(shown(user=None, password=None, subject=subject)) == status
        noted = [notice.partition(":")[0] for notice in world.csms.notices("CP1")]
        assert noted == ([] if status == 101 else ["InvalidChargingStationCertificate"])

    run(main)


def test_a_lowest_security_profile_can_be_set() -> None:
    async def main() -> None:
        known = KnownStation(identity="CP1", password=PASSWORD, min_security_profile=2)
        world = World(with_settings(stations=(known,)))
        assert (world.csms.admit(shown(tls=False)), world.csms.admit(shown())) == (401, 101)

    run(main)


def test_a_profile_below_the_proven_one_is_refused_from_then_on() -> None:
    async def main() -> None:
        world = World()
        assert world.csms.admit(shown(tls=False)) == 101
        async with world.station() as station:
            await station.boot()
        assert world.csms.admit(shown(tls=False)) == 401

    run(main)


def test_a_wrong_password_is_refused_on_the_network() -> None:
    async def main() -> None:
        with pytest.raises(LinkRefused) as refused:
            await World().dial(password="wrong")
        assert refused.value.refusal is Refusal.Unauthorized

    run(main)


@pytest.mark.parametrize("restart", [False, True])
def test_an_accepted_password_change_ends_the_old_one(restart: bool) -> None:
    async def main() -> None:
        store = MemoryStore()
        world = World(store=store)
        async with world.station() as station:
            await station.boot()
            station.script = accept
            result = await world.csms.send("CP1", "SetVariables", CHANGE)
        assert result.kind == "CALLRESULT"
        office = World(store=store.reopen()) if restart else world
        assert (office.csms.admit(shown()), office.csms.admit(shown(password=NEW_PASSWORD))) == (401, 101)

    run(main)


def test_a_password_in_the_settings_that_was_edited_wins_over_the_stored_one() -> None:
    async def main() -> None:
        store = MemoryStore()
        world = World(store=store)
        async with world.station() as station:
            await station.boot()
            station.script = accept
            await world.csms.send("CP1", "SetVariables", CHANGE)
        edited = KnownStation(identity="CP1", password="edited-by-hand-2026")
        later = World(with_settings(stations=(edited,)), store=store.reopen())
        assert later.csms.admit(shown(password=NEW_PASSWORD)) == 401
        assert later.csms.admit(shown(password="edited-by-hand-2026")) == 101

    run(main)


def test_a_refused_password_change_keeps_the_old_one() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            await world.csms.send("CP1", "SetVariables", CHANGE)
        assert (world.csms.admit(shown(password=NEW_PASSWORD)), world.csms.admit(shown())) == (401, 101)

    run(main)


@pytest.mark.parametrize(("used", "dead"), [(PASSWORD, NEW_PASSWORD), (NEW_PASSWORD, PASSWORD)])
def test_an_unanswered_password_change_leaves_both_until_one_is_shown(used: str, dead: str) -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            station.script = accept
            world.network.cut("Wired0")
            assert (await world.csms.send("CP1", "SetVariables", CHANGE)).kind == "Timeout"
        world.network.restore()
        assert world.csms.admit(shown(password=used)) == 101
        assert world.csms.admit(shown(password=dead)) == 401

    run(main)


def test_passwords_are_in_no_trace_and_no_repr() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            await world.csms.send("CP1", "SetVariables", CHANGE)
        assert NEW_PASSWORD not in repr(world.csms.trace())
        assert PASSWORD not in repr(CP1)

    run(main)


def accept(request: object) -> m.SetVariablesResponse:
    assert isinstance(request, m.SetVariablesRequest)
    return set_variables(request, m.SetVariableStatusEnum.Accepted)
