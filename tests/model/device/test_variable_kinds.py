"""Data types: what a value may look like (Part 2, 2.1.4; DataEnumType; B05.FR.07 and FR.08)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.device.kinds import Boolean, Decimal, Instant, Integer, MemberList, OptionList, String
from ohmstead.model.device.variable import READ_WRITE, AnyVariable, Refused, T, Trait, Variable

COUNT = Integer("Count", 1, source="test")
SWITCHED = Integer("Interval", 1, allow_empty=True, source="test")
RATIO = Decimal("Percent", 0.0, source="test")
FLAG = Boolean("Flag", False, source="test")
NAME = String("Name", "", source="test")
MOMENT = Instant("Time", None, source="test")
CLEARABLE = Instant("Time", None, allow_empty=True, source="test")
CHOICE = OptionList("Mode", "a", source="test")
SET = MemberList("Set", (), source="test")
EMPTIABLE = MemberList("Set", (), allow_empty=True, source="test")

NOTHING: tuple[str, ...] = ()
UNSET: datetime | None = None


def limits(default: T, low: float | None = None, high: float | None = None, *values: str) -> Trait[T]:
    """Return the trait of a writable variable."""
    return Trait(True, READ_WRITE, default, low, high, values)


def refusal(variable: Variable[T], text: str, trait: Trait[T]) -> str:
    """Return the reason code of a refused value."""
    with pytest.raises(Refused) as caught:
        variable.parse(text, trait)
    return caught.value.reason_code


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_32_bit_integer_comes_back(number: int) -> None:
    assert COUNT.parse(COUNT.format(number), limits(0)) == number


@pytest.mark.parametrize("text", ["", " 1", "01", "+1", "1.0", "300.1", "10.000", "true", "abc", "-", "-0", "1e3", "١"])
def test_what_is_no_integer_is_malformed(text: str) -> None:
    assert refusal(COUNT, text, limits(0)) == "InvalidValue"


@pytest.mark.parametrize("text", ["2147483648", "-2147483649", "9" * 1000])
def test_an_integer_has_32_bits(text: str) -> None:
    assert refusal(COUNT, text, limits(0)) == "ValueOutOfRange"


@given(st.integers(-1000, 1000), st.integers(-100, 100), st.integers(0, 100))
def test_limits_hold_at_both_ends(number: int, low: int, span: int) -> None:
    trait = limits(0, low, low + span)
    if low <= number <= low + span:
        assert COUNT.parse(str(number), trait) == number
    else:
        assert refusal(COUNT, str(number), trait) == "ValueOutOfRange"


@pytest.mark.parametrize(("text", "taken"), [("0", True), ("1", True), ("120", True), ("121", False), ("-1", False)])
def test_zero_switches_off_below_the_least_value(text: str, taken: bool) -> None:
    # Part 4, 8.4: WebSocketPingInterval 0 disables pings, negative values are Rejected.
    trait = limits(1, 1, 120)
    if taken:
        assert SWITCHED.parse(text, trait) == int(text)
    else:
        assert refusal(SWITCHED, text, trait) == "ValueOutOfRange"


@given(st.decimals(-10000, 10000, places=6))
def test_a_decimal_keeps_six_places(number: float) -> None:
    assert RATIO.parse(f"{number:.6f}", limits(0.0)) == pytest.approx(float(number))
    assert float(RATIO.format(float(number))) == pytest.approx(float(number))


@pytest.mark.parametrize("text", ["", ".5", "1.", "1.1234567", "1e3", "nan", "inf", "+1.0", "01.5"])
def test_what_is_no_decimal_is_malformed(text: str) -> None:
    assert refusal(RATIO, text, limits(0.0)) == "InvalidValue"


@pytest.mark.parametrize("text", ["True", "TRUE", "1", "0", "", "yes", " true"])
def test_a_boolean_is_true_or_false_in_lower_case(text: str) -> None:
    assert refusal(FLAG, text, limits(False)) == "InvalidValue"


@pytest.mark.parametrize("text", ["2024-04-12T23:20:50Z", "2024-04-12T23:20:50.520Z", "2024-04-13T01:20:50+02:00"])
def test_a_moment_is_rfc_3339_in_any_zone(text: str) -> None:
    moment = MOMENT.parse(text, limits(UNSET))
    assert moment == datetime(2024, 4, 12, 23, 20, 50, tzinfo=UTC)
    assert MOMENT.format(moment) == "2024-04-12T23:20:50Z"


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"])
def test_a_moment_may_be_in_a_leap_second(text: str) -> None:
    assert MOMENT.format(MOMENT.parse(text, limits(UNSET))) == "2016-12-31T23:59:59Z"


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "300",
        "2024-04-12T22:20:50+00:60",
        "2024-04-12T22:20:50-01:99",
        "2024-04-12T23:20:60Z",
        "2024-04-12",
        "2024-04-12T23:20:50",
        "2024-04-12 23:20:50Z",
        "2024-13-12T23:20:50Z",
        "2024-02-30T00:00:00Z",
        "2024-04-12T23:20:50.1234Z",
        "0001-01-01T00:00:00+14:00",
        "",
    ],
)
def test_what_is_no_moment_is_malformed(text: str) -> None:
    assert refusal(MOMENT, text, limits(UNSET)) == "InvalidValue"


def test_a_moment_can_be_taken_away_where_it_may_be_unset() -> None:
    assert CLEARABLE.parse("", limits(UNSET)) is None
    assert CLEARABLE.format(None) == ""


@pytest.mark.parametrize(("length", "taken"), [(15, False), (16, True), (40, True), (41, False)])
def test_limits_of_text_are_those_of_its_length(length: int, taken: bool) -> None:
    trait = limits("", 16, 40)
    if taken:
        assert NAME.parse("x" * length, trait) == "x" * length
    else:
        assert refusal(NAME, "x" * length, trait) == "ValueOutOfRange"


def test_an_option_is_one_of_the_values() -> None:
    trait = limits("a", None, None, "a", "b")
    assert CHOICE.parse("b", trait) == "b"
    assert refusal(CHOICE, "a,b", trait) == "InvalidValue"
    assert refusal(CHOICE, "B", trait) == "InvalidValue"


@given(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1), st.sampled_from([",", ", ", " , "]))
def test_members_come_in_any_order_with_blanks_between_them(members: list[str], separator: str) -> None:
    trait = limits(NOTHING, None, 5, "a", "b", "c")
    assert SET.parse(separator.join(members), trait) == tuple(members)


@pytest.mark.parametrize("text", ["d", "a,d", "a,,b", "a,", "a,a", "", " ", ","])
def test_a_set_holds_allowed_values_once(text: str) -> None:
    assert refusal(SET, text, limits(NOTHING, None, None, "a", "b")) == "InvalidValue"


def test_a_set_may_be_empty_where_that_has_a_meaning() -> None:
    assert EMPTIABLE.parse("", limits(NOTHING, None, None, "a")) == ()
    assert refusal(EMPTIABLE, ",", limits(NOTHING, None, None, "a")) == "InvalidValue"


@given(st.text(max_size=200), st.sampled_from([COUNT, RATIO, FLAG, MOMENT, CHOICE, SET]))
def test_no_text_breaks_a_parser(text: str, variable: AnyVariable) -> None:
    try:
        variable.accept(text, limits(None, None, None, "a", "b"))
    except Refused as refused:
        assert len(refused.reason_code) <= 20
        assert len(refused.text) <= 512


@pytest.mark.parametrize(
    ("variable", "default", "trait", "kept"),
    [
        (COUNT, 300, limits(1, 600, 86400), 600),
        (COUNT, 300, limits(1, 1, 60), 60),
        (COUNT, 30, limits(1, 1, 60), 30),
        (SWITCHED, 0, limits(1, 30, 60), 0),
        (RATIO, 0.5, limits(0.0, 1, 2), 1.0),
        (CHOICE, "a", limits("a", None, None, "b", "c"), "b"),
        (CHOICE, "c", limits("a", None, None, "b", "c"), "c"),
        (SET, ("a", "b"), limits(NOTHING, None, None, "b", "c"), ("b",)),
        (SET, ("a",), limits(NOTHING, None, None, "b", "c"), ("b", "c")),
        (EMPTIABLE, (), limits(NOTHING, None, None, "b"), ()),
        (NAME, "x", limits(""), "x"),
    ],
)
def test_a_default_keeps_to_what_a_product_allows(variable: AnyVariable, default: T, trait: Trait[T], kept: T) -> None:
    assert variable.within(default, trait) == kept
