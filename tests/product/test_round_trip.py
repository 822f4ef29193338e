"""From a product to its printed abstract and back: what is easily lost, and what no station can have together."""

import msgspec
import pytest

from ohmstead.product.certificate import read
from ohmstead.product.check import problems
from ohmstead.product.exclusions import FeatureExclusion, exclusions
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load, parse
from ohmstead.product.profile import Product, ProductConnector, Security
from ohmstead.product.write import write
from tests.matrix.round_trip import abstract_of, differences, imported

replace = msgspec.structs.replace
BESIDE = ProductConnector(id=2, type="sType2", cable="Detachable", current="AC", phases=3)


def ac_beside_dc() -> Product:
    """Return a DC product whose first EVSE has an AC socket beside its cable."""
    made = load("sec1000-240y")
    first = replace(made.evses[0], connectors=(made.evses[0].connectors[0], BESIDE))
    answers = dict.fromkeys(("HFS-1", "HFS-3", "HFS-7", "AQ-4", "AQ-9", "AQ-18"), True)
    return replace(made, evses=(first, *made.evses[1:]), features=made.features | answers)


def without_pilot() -> Product:
    """Return a product of the subtype Mode 1/2-only."""
    made = load("minimal")
    return replace(made, hardware=replace(made.hardware, subtype="Mode 1/2-only"))


def profile_1_alone() -> Product:
    """Return a product without TLS."""
    made = load("minimal")
    return replace(made, features=made.features | {"C-61": True}, security=Security(profiles=(1,), cipher_suites=()))


@pytest.mark.parametrize("made", [ac_beside_dc, without_pilot, profile_1_alone], ids=lambda made: made.__name__)
def test_nothing_is_lost(made: object) -> None:
    assert callable(made)
    product = made()
    assert list(problems(product)) == []
    assert differences(product, imported(abstract_of(product))) == []
    assert parse(write(product).encode()) == product


def test_an_ac_connector_beside_a_dc_cable_keeps_its_phases_and_says_so() -> None:
    product = ac_beside_dc()
    first = product.evses[0]
    assert [first.current_of(one) for one in first.connectors] == ["DC", "AC"]
    assert [first.phases_of(one) for one in first.connectors] == [0, 3]
    wrong = replace(product, evses=(replace(first, connectors=(first.connectors[0], replace(BESIDE, phases=0))),))
    assert "evses[0].connectors[1].phases" in {one.where for one in problems(wrong)}


@pytest.mark.parametrize("words", ["None", "no TLS", "n/a"])
def test_an_abstract_of_security_profile_1_alone_says_that_there_are_no_cipher_suites(words: str) -> None:
    text = abstract_of(profile_1_alone())
    assert read(text.replace("None", words)).product.security.profiles == (1,)
    assert read(text).product.security == Security(profiles=(1,), cipher_suites=())


# Exclusions


@pytest.mark.parametrize("one", exclusions(), ids=lambda one: f"{one.feature}-{one.other}{one.value}")
def test_a_product_with_both_is_refused(one: FeatureExclusion) -> None:
    made = load("flagship")
    hardware = made.hardware
    if one.other is Feature.DISPLAYS:
        hardware = replace(hardware, displays=int(one.value))
    if one.other is Feature.RFID_READERS:
        hardware = replace(hardware, rfid_readers="None")
    answers = {one.feature.id: True} | ({} if one.value else {one.other.id: True})
    both = replace(made, hardware=hardware, features=made.features | answers)
    assert f"features.{one.feature}" in {each.where for each in problems(both)}


def test_of_two_lines_that_exclude_each_other_a_paper_has_one() -> None:
    made = load("flagship")
    both = replace(made, features=made.features | {"C-34": True, "AQ-2": True})
    found = read(abstract_of(both))
    assert found.product.features["C-34"] and not found.product.features["AQ-2"]
    assert any("AQ-2 is Yes, but C-34 is Yes" in note.text for note in found.notes)
