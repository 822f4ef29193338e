"""The two passwords of Basic authentication (A01, decided case 15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.credentials import Passwords, StationCredentials

FIRST = "provisioned-password"
NEW = "another-new-password"
NEWEST = "the-newest-password-"

step = st.one_of(
    st.tuples(st.just("renewed"), st.sampled_from([FIRST, NEW, NEWEST])),
    st.tuples(st.just("connected"), st.none()),
    st.tuples(st.just("refused"), st.none()),
    st.tuples(st.just("power cut"), st.none()),
)


@given(st.lists(step, max_size=30))
def test_neither_the_last_one_that_worked_nor_the_newest_is_ever_forgotten(steps: list[tuple[str, str | None]]) -> None:
    credentials = StationCredentials(Passwords.load(None, FIRST, ""), None, None)
    worked: str | None = FIRST
    newest: str | None = FIRST
    for what, password in steps:
        if what == "renewed" and password is not None:
            credentials.adopt(credentials.passwords.renewed(password))
            newest = password
        elif what == "connected":
            worked = credentials.password
            credentials.adopt(credentials.passwords.taken(worked))
        elif what == "refused":
            credentials.refuse()
        else:
            row = credentials.passwords.row()
            credentials = StationCredentials(Passwords.load(row, FIRST, credentials.passwords.latest), None, None)
        shown = set()
        for _ in range(2):
            shown.add(credentials.password)
            credentials.refuse()
        assert {worked, newest} <= shown


def test_the_new_one_goes_first_until_it_is_refused_where_the_old_one_is_taken() -> None:
    passwords = Passwords.load(None, FIRST, "").renewed(NEW)
    assert passwords.in_turn() == (NEW, FIRST)
    assert passwords.taken(FIRST).in_turn() == (FIRST, NEW)
    assert passwords.taken(NEW).in_turn() == (NEW,)


def test_a_password_that_was_stored_just_before_a_power_cut_is_taken_over() -> None:
    """The variable and this row are two commits."""
    row = Passwords.load(None, FIRST, "").row()
    assert Passwords.load(row, FIRST, NEW).in_turn() == (NEW, FIRST)


def test_a_new_provisioning_forgets_the_rest() -> None:
    row = Passwords.load(None, FIRST, "").renewed(NEW).row()
    assert Passwords.load(row, NEWEST, NEW).in_turn() == (NEWEST,)


def test_passwords_do_not_show_themselves() -> None:
    passwords = Passwords.load(None, FIRST, "").renewed(NEW)
    assert repr((passwords, StationCredentials(passwords, None, None))) == "(Passwords(...), Keyring(...))"


@pytest.mark.parametrize(
    ("chain", "key", "shown"),
    [("chain", "key", ("chain", "key")), ("chain", None, (None, None)), (None, "key", (None, None))],
)
def test_a_certificate_without_its_key_is_none(
    chain: str | None, key: str | None, shown: tuple[str | None, str | None]
) -> None:
    """A05.FR.03; neither is what was shown before kept beside the other."""
    credentials = StationCredentials(Passwords.load(None, FIRST, ""), "old chain", "old key")
    credentials.show(chain, key)
    assert (credentials.client_certificate, credentials.client_key) == shown


def test_the_new_password_goes_first_and_a_refusal_changes_turns() -> None:
    """A01: also after a start, and after each password that was adopted."""
    renewed = Passwords.load(None, FIRST, "").renewed(NEW)
    credentials = StationCredentials(renewed, None, None)
    assert credentials.password == NEW
    credentials.refuse()
    assert credentials.password == FIRST
    credentials.adopt(renewed.renewed(NEWEST))
    assert credentials.password == NEWEST


def test_a_password_that_worked_is_not_doubted() -> None:
    """Only one that was refused while the old one is taken is."""
    renewed = Passwords.load(None, FIRST, "").renewed(NEW)
    assert renewed.taken(FIRST).doubtful
    assert not renewed.taken(FIRST).taken(NEW).doubtful
    assert renewed.taken(FIRST).taken(NEW).candidate is None
