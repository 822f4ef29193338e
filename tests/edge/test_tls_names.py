"""Whose certificate is it? (A00.FR.309, A00.FR.510, AllowCSMSTLSWildcards)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.edge.names import Names, name_fault

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join).filter(lambda host: not host.replace(".", "").isdigit())


def named(*alternative: str, common: str = "Nobody") -> Names:
    return Names((common,), alternative)


@given(HOST, st.booleans())
def test_the_exact_name_in_either_place_is_right_whatever_its_case(host: str, wildcards: bool) -> None:
    assert name_fault(named(common=host.upper()), host, wildcards) is None
    assert name_fault(named("other.example.com", host), host.upper(), wildcards) is None
    assert name_fault(named(host + "."), host, wildcards) is None


@given(HOST, HOST, st.booleans())
def test_another_name_is_wrong(one: str, other: str, wildcards: bool) -> None:
    assert (name_fault(named(one), other, wildcards) is None) == (one == other)


@given(HOST, LABEL)
def test_a_wildcard_stands_for_one_label_and_only_if_it_may(parent: str, label: str) -> None:
    wildcard = named(f"*.{parent}")
    assert name_fault(wildcard, f"{label}.{parent}", True) is None
    assert name_fault(wildcard, f"{label}.{parent}", False) is not None
    assert name_fault(wildcard, parent, True) is not None
    assert name_fault(wildcard, f"{label}.{label}.{parent}", True) is not None


def test_a_wildcard_beside_the_right_name_makes_a_wildcard_certificate() -> None:
    assert name_fault(named("csms.example.com", "*.example.com"), "csms.example.com", False) is not None
    assert name_fault(named("csms.example.com", common="*.example.com"), "csms.example.com", False) is not None


@pytest.mark.parametrize("name", ["*", "*.com", "c*.example.com", "*.*.com", "csms.*.com", "*example.com", "", "."])
def test_odd_wildcards_match_nothing(name: str) -> None:
    assert name_fault(named(name), "csms.example.com", True) is not None


def test_names_with_a_zero_byte_match_nothing() -> None:
    assert name_fault(named("csms.example.com\0.evil.org"), "csms.example.com", True) is not None


@pytest.mark.parametrize(
    ("name", "host", "right"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1", True),
        ("2001:db8::1", "[2001:db8::1]", True),
        ("*.0.2.1", "192.0.2.1", False),
        ("192.0.2.1", "csms.example.com", False),
    ],
)
def test_addresses_are_compared_as_addresses(name: str, host: str, right: bool) -> None:
    assert (name_fault(named(name), host, True) is None) == right


def test_international_names_are_compared_in_their_ascii_form() -> None:
    assert name_fault(named("xn--mnchen-3ya.example.com"), "münchen.example.com", False) is None


def test_names_are_read_from_what_the_standard_library_reports() -> None:
    certificate = {
        "subject": ((("organizationName", "Acme"),), (("commonName", "csms.example.com"),)),
        "subjectAltName": (("DNS", "a.example.com"), ("IP Address", "192.0.2.1"), ("email", "b@example.com")),
    }
    assert Names.of(certificate) == Names(("csms.example.com",), ("a.example.com", "192.0.2.1"))
    assert Names.of({}) == Names()


def test_a_certificate_without_names_belongs_to_nobody() -> None:
    assert "nobody" in str(name_fault(Names(), "csms.example.com", True))
