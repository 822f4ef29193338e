"""What our own station does not do yet is switched off as a whole, and nothing else is."""

import msgspec
import pytest

from ohmstead.model.metering import UNITS
from ohmstead.ports.hardware import MeterReading
from ohmstead.ports.measurands import measurands_of
from ohmstead.product.built import BUILT_MEASURANDS, PROFILE_FEATURES, unbuilt, without_unbuilt
from ohmstead.product.features import FEATURES, PROFILES
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Measurands, Product


def _claiming(*features: str, passed: str = "Core") -> Product:
    product = load("flagship")
    claims = product.features | dict.fromkeys(features, True)
    certificate = msgspec.structs.replace(product.certificate, results={"Core": "Pass", passed: "Pass"})
    return msgspec.structs.replace(product, features=claims, certificate=certificate)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_product_claims_nothing_that_is_not_built(name: str) -> None:
    product = load(name)
    assert unbuilt(product) == ()
    assert without_unbuilt(product) == product


@pytest.mark.parametrize("feature", [feature for feature in FEATURES.values() if feature.kind == "flag"])
def test_an_unbuilt_claim_is_named_and_switched_off(feature: str) -> None:
    product = _claiming(feature)
    named = [claim for claim in unbuilt(product) if claim.startswith(f"{feature} (")]
    assert bool(named) is not FEATURES[feature].built
    assert without_unbuilt(product).features[feature] is FEATURES[feature].built
    assert unbuilt(without_unbuilt(product)) == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_passed_profile_is_kept_if_one_of_its_features_is_built(profile: str) -> None:
    built = any(feature.built for feature in PROFILE_FEATURES[profile]) if profile in PROFILE_FEATURES else True
    product = without_unbuilt(_claiming(passed=profile))
    assert product.certified(profile) is built
    assert product.certified("Core")


@pytest.mark.parametrize("key", Measurands.__struct_fields__)
def test_a_measurand_that_is_never_sent_is_named_and_taken_away(key: str) -> None:
    product = load("sec1000-240y")
    lists = msgspec.structs.replace(product.measurands, **{key: ("Power.Factor", "Voltage")})
    claiming = msgspec.structs.replace(product, measurands=lists)
    assert unbuilt(claiming) == ("the measurand Power.Factor",)
    reduced = without_unbuilt(claiming)
    assert getattr(reduced.measurands, key) == ("Voltage",)
    assert unbuilt(reduced) == ()


def test_what_a_reading_can_tell_is_what_is_built() -> None:
    whole = MeterReading(
        energy_wh=1.0, exported_wh=1.0, frequency_hz=50.0, offered_w=1.0, offered_a=1.0, soc_percent=1.0
    )
    assert {measurand.value for measurand in measurands_of(whole)} == BUILT_MEASURANDS == {one.value for one in UNITS}
