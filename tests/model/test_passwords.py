"""The two passwords of Basic authentication (A01, decided case 15)."""

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
