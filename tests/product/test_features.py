"""The table of features is one table: no id twice, every group in one place."""

import re

import pytest

from ohmstead.product.features import FEATURES
from ohmstead.product.profile import START_POINTS, STOP_POINTS


def test_an_option_stands_under_its_heading() -> None:
    for identifier in FEATURES:
        if "." in identifier:
            assert FEATURES[identifier.split(".")[0]].kind == "heading"


def test_components_are_written_as_the_device_model_writes_them() -> None:
    for feature in FEATURES.values():
        assert re.fullmatch(r"|[A-Z]\w+(\.\w+(\[\w+\])?)?", feature.component), feature


@pytest.mark.parametrize(("identifier", "point"), [*START_POINTS, *STOP_POINTS])
def test_the_points_of_a_product_are_those_of_the_table(identifier: str, point: str) -> None:
    assert FEATURES[identifier].text == point


def test_what_a_feature_needs_is_another_feature() -> None:
    for feature in FEATURES.values():
        assert not feature.needs or FEATURES[feature.needs].kind == "flag", feature


def test_what_needs_an_unbuilt_feature_is_not_built() -> None:
    for feature in FEATURES.values():
        assert not feature.needs or FEATURES[feature.needs].built or not feature.built or "CSMS" in feature.text, (
            feature
        )
