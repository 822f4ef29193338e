"""What our own station does not do yet is switched off as a whole, and nothing else is."""

import msgspec
import pytest

from ohmstead.product.built import PROFILE_FEATURES, unbuilt, without_unbuilt
from ohmstead.product.features import FEATURES, PROFILES
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product


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
