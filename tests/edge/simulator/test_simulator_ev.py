"""EV models and the sharing of power."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.edge.simulator.ev import MODELS, SimulatedEvModel, draw
from ohmstead.edge.simulator.limits import share

models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


@models
def test_a_curve_is_positive_from_empty_to_full(model: SimulatedEvModel) -> None:
    assert [model.curve[0][0], model.curve[-1][0]] == [0, 100]
    assert all(model.curve_w(soc / 10) > 0 for soc in range(1001))


@models
def test_a_curve_tapers_to_a_few_percent_of_its_peak(model: SimulatedEvModel) -> None:
    after = [model.curve_w(80 + step) for step in range(21)]
    assert after == sorted(after, reverse=True)
    assert after[-1] < 0.05 * model.most_w(0)


@models
def test_a_curve_has_a_single_peak(model: SimulatedEvModel) -> None:
    powers = [power for _, power in model.curve]
    peak = powers.index(max(powers))
    assert powers[: peak + 1] == sorted(powers[: peak + 1])
    assert powers[peak:] == sorted(powers[peak:], reverse=True)


@models
def test_the_pack_voltage_rises_with_the_charge(model: SimulatedEvModel) -> None:
    volts = [model.pack_v(soc) for soc in range(101)]
    assert volts == sorted(volts)
    assert [volts[0], volts[-1]] == pytest.approx(list(model.voltage))


@models
def test_what_is_still_to_come_is_never_underrated(model: SimulatedEvModel) -> None:
    for start in range(0, 101, 7):
        most = model.most_w(start)
        assert all(model.curve_w(soc) <= most for soc in range(start, 101))


@models
def test_the_usable_battery_is_what_the_name_says(model: SimulatedEvModel) -> None:
    assert model.usable_wh / 1000 == pytest.approx(float(model.name.rpartition("-")[2]), rel=0.02)


def test_a_car_can_be_told_its_charge_and_its_target() -> None:
    ev = draw("sedan-77@20-80", Random(1), dc=True)
    assert [ev.soc(), ev.target_soc] == pytest.approx([20, 80])


def test_a_car_arrives_with_a_charge_of_its_models_range() -> None:
    random = Random(5)
    low, high = MODELS["city-36"].start_soc
    assert all(low <= draw("city-36", random, dc=True).soc() <= high for _ in range(200))


def test_the_draws_do_not_depend_on_the_spec() -> None:
    one, other = Random(5), Random(5)
    draw("city-36", one, dc=True)
    draw("suv-100@30", other, dc=False)
    assert one.random() == other.random()


@pytest.mark.parametrize("spec", ["", None])
def test_where_nobody_names_a_car_the_first_model_comes(spec: str | None) -> None:
    assert draw(spec, Random(1), dc=True).model.name == next(iter(MODELS))


@pytest.mark.parametrize("spec", ["spaceship", "sedan-77@", "sedan-77@80-20", "sedan-77@101", "sedan-77@20-120"])
def test_an_impossible_car_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"sedan-77"):
        draw(spec, Random(1), dc=True)


wishes = st.lists(st.floats(0, 400_000), max_size=6)


@given(wishes, st.floats(0, 500_000))
def test_shares_stay_below_wishes_and_their_sum_below_the_limit(wanted: list[float], limit: float) -> None:
    given_ = share(wanted, limit)
    assert all(0 <= part <= wish for part, wish in zip(given_, wanted, strict=True))
    assert sum(given_) <= limit * (1 + 1e-12)


@given(wishes, st.floats(0, 500_000))
def test_nothing_is_held_back_while_somebody_wishes_more(wanted: list[float], limit: float) -> None:
    assert sum(share(wanted, limit)) == pytest.approx(min(limit, sum(wanted)))


@given(wishes, st.floats(0, 500_000))
def test_who_gets_less_than_it_wishes_gets_as_much_as_anybody(wanted: list[float], limit: float) -> None:
    given_ = share(wanted, limit)
    most = max(given_, default=0.0)
    assert all(
        part == pytest.approx(most)
        for part, wish in zip(given_, wanted, strict=True)
        if part < wish and part != pytest.approx(wish)
    )
