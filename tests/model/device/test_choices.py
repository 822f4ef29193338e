"""What of a variable follows from the product: whether it exists, its value, and whether it can be set."""

from itertools import product as combinations

import msgspec
import pytest

from ohmstead.model.device import DeviceModel
from ohmstead.model.device.choices import among, fixed_cables_only, sessions_pending_firmware, wrong_time_zone
from ohmstead.model.device.kinds import Integer
from ohmstead.model.device.variable import Place, Trait
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire.messages import GetVariableStatusEnum, MutabilityEnum
from tests.model.device.asking import certified, get
from tests.model.device.asking import product as asked_product
from tests.requirements.charging import product

ANSWERS = list(combinations((False, True), repeat=2))


def cables(*kinds: str) -> Product:
    """Return a product whose EVSEs have these cables, in turn."""
    made = product()
    evses = tuple(
        msgspec.structs.replace(
            evse, connectors=tuple(msgspec.structs.replace(one, cable=kind) for one in evse.connectors)
        )
        for evse, kind in zip(made.evses, kinds, strict=True)
    )
    return msgspec.structs.replace(made, evses=evses)


def with_profiles(*profiles: int) -> Product:
    """Return a product with these security profiles."""
    made = certified()
    return msgspec.structs.replace(made, security=msgspec.structs.replace(made.security, profiles=profiles))


@pytest.mark.parametrize(("first", "second"), ANSWERS)
def test_a_boolean_with_a_feature_for_each_value(*, first: bool, second: bool) -> None:
    """C-36 and its like: both values can be set where both are claimed, else the one that is claimed is fixed."""
    on, off = Feature.REMOTE_START_AUTHORIZED_FIRST, Feature.REMOTE_START_NOT_AUTHORIZED
    having = [feature for feature, yes in ((on, first), (off, second)) if yes]
    without = [feature for feature in (on, off) if feature not in having]
    device = DeviceModel(product(having=having, without=without))
    (found,) = [one for one in device.components if one.name == "AuthCtrlr"]
    (variable,) = [one for one in found.variables if one.name == "AuthorizeRemoteStart"]
    writable = found.trait(variable).mutability is MutabilityEnum.ReadWrite
    assert writable is (first and second)
    if first is not second:
        assert found.value(variable) is first


@pytest.mark.parametrize(
    ("kinds", "only"),
    [
        (("Fixed", "Fixed"), True),
        (("Fixed", "Socket"), False),
        (("Socket", "Fixed"), False),
        (("Socket", "Socket"), False),
    ],
)
def test_one_cable_that_can_be_unlocked_is_enough(kinds: tuple[str, str], *, only: bool) -> None:
    """UnlockOnEVSideDisconnect is about cables of the driver."""
    assert fixed_cables_only(Place(cables(*kinds))) is only


@pytest.mark.parametrize(("pending", "installs", "downloads"), list(combinations((False, True), repeat=3)))
def test_sessions_while_firmware_is_pending(*, pending: bool, installs: bool, downloads: bool) -> None:
    """AllowNewSessionsPendingFirmwareUpdate is about nothing where an update never waits for a transaction."""
    answers = {
        Feature.SESSIONS_PENDING_FIRMWARE: pending,
        Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION: installs,
        Feature.FIRMWARE_DOWNLOADED_DURING_TRANSACTION: downloads,
    }
    made = product(
        having=[name for name, yes in answers.items() if yes],
        without=[name for name, yes in answers.items() if not yes],
    )
    assert sessions_pending_firmware(Place(made)) is (pending and not (installs and downloads))


@pytest.mark.parametrize(
    ("profiles", "exists"),
    [((1,), True), ((2,), True), ((3,), False), ((1, 2), True), ((1, 3), True), ((2, 3), True), ((1, 2, 3), True)],
)
def test_a_password_exists_where_a_profile_has_basic_authentication(profiles: tuple[int, ...], *, exists: bool) -> None:
    """2.2.1: BasicAuthPassword; it can never be read."""
    found = get(DeviceModel(with_profiles(*profiles)), "SecurityCtrlr", "BasicAuthPassword").attribute_status
    assert found is (GetVariableStatusEnum.Rejected if exists else GetVariableStatusEnum.UnknownVariable)


@pytest.mark.parametrize(
    ("preferred", "supported", "kept"),
    [
        (("a", "b"), ("b", "c"), ("b",)),
        (("b", "a"), ("a", "b"), ("b", "a")),
        (("a",), ("b", "c"), ("b", "c")),
        ((), ("b",), ("b",)),
    ],
)
def test_what_is_preferred_of_what_is_supported(
    preferred: tuple[str, ...], supported: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """A default of a list is never empty where something can be chosen."""
    assert among(preferred, supported) == kept


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Europe", "/etc/localtime", "Europe/Oslo\x00"])
def test_a_time_zone_that_does_not_exist(name: str) -> None:
    """ClockCtrlr.TimeZone (2.1.29)."""
    assert wrong_time_zone(name) == "not a name of the IANA time zone database such as `Europe/Oslo`"


@pytest.mark.parametrize("name", ["", "Europe/Oslo", "UTC", "America/Argentina/Ushuaia"])
def test_a_time_zone_that_exists(name: str) -> None:
    """The empty string is unset."""
    assert wrong_time_zone(name) is None


@pytest.mark.parametrize(
    ("allow_empty", "value", "kept"), [(True, 0, 0), (False, 0, 10), (True, 5, 10), (False, 5, 10), (True, 20, 20)]
)
def test_zero_lies_outside_of_the_limits_and_may_be_allowed(*, allow_empty: bool, value: int, kept: int) -> None:
    """An interval of 0 switches off, whatever the smallest interval is (J02.FR.10 and its like)."""
    variable = Integer("Interval", 10, minimum=10, maximum=60, allow_empty=allow_empty, source="J02.FR.10")
    trait = Trait(True, MutabilityEnum.ReadWrite, 10, minimum=10, maximum=60)
    assert variable.within(value, trait) == kept


@pytest.mark.parametrize(("fixed", "first", "second"), list(combinations((False, True), repeat=3)))
def test_a_cable_of_the_driver_is_unlocked_as_the_product_says(*, fixed: bool, first: bool, second: bool) -> None:
    """UnlockOnEVSideDisconnect (2.1.12): C-12.1 and C-12.2; of both, it unlocks until the CSMS says otherwise."""
    on, off = Feature.UNLOCKS_ON_EV_SIDE_DISCONNECT, Feature.STAYS_LOCKED_ON_EV_SIDE_DISCONNECT
    made = cables(*["Fixed" if fixed else "Socket"] * 2)
    device = DeviceModel(msgspec.structs.replace(made, features={**made.features, on: first, off: second}))
    (found,) = [one for one in device.components if one.name == "OCPPCommCtrlr"]
    (variable,) = [one for one in found.variables if one.name == "UnlockOnEVSideDisconnect"]
    writable = found.trait(variable).mutability is MutabilityEnum.ReadWrite
    assert writable is (first and second and not fixed)
    assert found.value(variable) is (not fixed and (first or not second))


@pytest.mark.parametrize(("most", "value"), [(30, 30), (60, 60), (90, 60)])
def test_a_default_lies_within_what_a_product_allows(most: int, value: int) -> None:
    """A product that bounds a variable need not name its value, too."""
    device = DeviceModel(asked_product(OCPPCommCtrlr__OfflineThreshold=VariableSetting(max=most)))
    assert get(device, "OCPPCommCtrlr", "OfflineThreshold").attribute_value == str(value)


@pytest.mark.parametrize(("value", "told"), [(True, "true"), (False, "false")])
def test_a_product_sets_a_boolean(*, value: bool, told: str) -> None:
    """TOML has booleans of its own, and the wire has texts."""
    device = DeviceModel(asked_product(TxCtrlr__StopTxOnInvalidId=VariableSetting(value=value)))
    assert get(device, "TxCtrlr", "StopTxOnInvalidId").attribute_value == told
