"""The order of connection attempts (B10.FR.03, B10.FR.07 to B10.FR.09), and how stored slots are read."""

from itertools import groupby, islice

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ohmstead.model.network import PROVEN, PROVISIONED, NetworkSlots, Slot, walk
from ohmstead.product.load import load
from ohmstead.wire.messages import NetworkConnectionProfile, OCPPInterfaceEnum, OCPPTransportEnum, OCPPVersionEnum

PROFILE = NetworkConnectionProfile(
    ocpp_version=OCPPVersionEnum.OCPP20,
    ocpp_transport=OCPPTransportEnum.JSON,
    ocpp_csms_url="wss://csms.example/",
    message_timeout=30,
    security_profile=2,
    ocpp_interface=OCPPInterfaceEnum.Wired0,
)


def slot(number: int, security_profile: int = 2) -> Slot:
    return Slot(number, replace(PROFILE, security_profile=security_profile))


@given(
    numbers=st.lists(st.integers(0, 3), min_size=1, unique=True),
    attempts=st.integers(1, 5),
    patience=st.integers(1, 5),
)
def test_each_slot_has_its_attempts_then_the_last_good_one_has_its_own(
    numbers: list[int], attempts: int, patience: int
) -> None:
    fallback = slot(9)
    made = walk([slot(number) for number in numbers], lambda: attempts, fallback, lambda: patience)
    round_trip = len(numbers) * attempts + patience
    order = [tried.number for tried in islice(made, 3 * round_trip)]
    once = [(number, attempts) for number in numbers] + [(9, patience)]
    assert [(number, len(list(tries))) for number, tries in groupby(order)] == once * 3


def test_the_number_of_attempts_may_change_on_the_way() -> None:
    allowed = [3]
    made = walk([slot(1), slot(2)], lambda: allowed[0], None, lambda: 1)
    assert next(made).number == 1
    allowed[0] = 1
    assert [tried.number for tried in islice(made, 3)] == [2, 1, 2]


def test_the_provisioning_is_the_first_slot() -> None:
    network = NetworkSlots((), PROFILE)
    assert network.reprovisioned
    assert network.slots == {1: slot(1)}
    assert network.active == slot(1)


def test_a_slot_that_was_set_stays_while_the_provisioning_does() -> None:
    moved = Slot(1, replace(PROFILE, ocpp_csms_url="wss://elsewhere.example/"))
    rows = [("1", moved.row()), (PROVISIONED, slot(1).row()), (PROVEN, moved.row())]
    network = NetworkSlots(rows, PROFILE)
    assert not network.reprovisioned
    assert network.slots == {1: moved}
    assert network.active == moved


def test_a_new_provisioning_takes_the_first_slot_and_forgets_what_was_proven() -> None:
    rows = [("1", slot(1).row()), ("2", slot(2).row()), (PROVISIONED, slot(1).row()), (PROVEN, slot(2).row())]
    fresh = replace(PROFILE, ocpp_csms_url="wss://technician.example/")
    network = NetworkSlots(rows, fresh)
    assert network.slots == {1: Slot(1, fresh), 2: slot(2)}
    assert network.proven is None
    assert network.active == Slot(1, fresh)


def test_a_slot_below_the_security_profile_is_not_used() -> None:
    """A00.FR.005."""
    rows = [("0", slot(0, 1).row()), ("1", slot(1).row()), (PROVISIONED, slot(1).row())]
    network = NetworkSlots(rows, PROFILE)
    assert network.in_order(("0", "1", "3")) == [slot(1)]
    assert network.below(2) == (0,)


def test_interfaces_are_counted_by_kind() -> None:
    """HFS-9."""
    product = load("sec1000-240y")
    ways = ("Mobile network", "Ethernet", "Wi-Fi", "Ethernet")
    hardware = replace(product.hardware, communication=ways)
    assert tuple(replace(product, hardware=hardware).interfaces) == ("Wireless0", "Wired0", "Wireless1", "Wired1")


def test_a_slot_says_where_it_goes_and_no_secrets() -> None:
    assert repr(slot(2)) == "<slot 2: wss://csms.example/ over Wired0>"
