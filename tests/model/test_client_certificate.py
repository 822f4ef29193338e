"""The renewal of a certificate as rows and steps: nothing that is needed is forgotten, whatever happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.client_certificate import RENEWAL, Certified, ClientCertificate, Renewal, RenewalStep


def test_every_state_has_its_steps() -> None:
    assert set(RENEWAL) == set(Renewal)


def _walked(steps: list[RenewalStep | bool]) -> list[ClientCertificate]:
    """Return all that a station goes through: steps that can be made, and connections with the new or the old one."""
    own = ClientCertificate.load(None, "f", "old chain")
    seen = [own]
    for number, step in enumerate(steps):
        if isinstance(step, bool):
            certified = own.candidate if step else own.proven
            own = own.used(certified) if certified is not None and own.candidate is not None else own
        elif own.takes(step):
            match step:
                case RenewalStep.KeyMade:
                    own = own.key_made(f"key {number}", f"request {number}")
                case RenewalStep.Signed:
                    own = own.signed(f"chain {number}")
                case _:
                    own = own.stepped(step)
        seen.append(own)
    return seen


STEPS = st.lists(st.sampled_from([*RenewalStep, True, False]), max_size=30)


@given(STEPS)
def test_there_is_always_a_certificate_that_has_worked(steps: list[RenewalStep | bool]) -> None:
    assert all(own.proven is not None for own in _walked(steps))


@given(STEPS)
def test_a_key_is_kept_exactly_while_it_is_on_its_way(steps: list[RenewalStep | bool]) -> None:
    for own in _walked(steps):
        on_its_way = own.renewal in (Renewal.Requesting, Renewal.Waiting)
        assert bool(own.key) == bool(own.request) == on_its_way


@given(STEPS)
def test_what_is_stored_is_what_is_read(steps: list[RenewalStep | bool]) -> None:
    own = _walked(steps)[-1]
    assert ClientCertificate.load(own.row(), "f", "old chain") == own


def test_another_provisioning_replaces_everything() -> None:
    own = _walked([RenewalStep.Asked, RenewalStep.KeyMade, RenewalStep.Signed])[-1]
    again = ClientCertificate.load(own.row(), "g", "another chain")
    assert again == ClientCertificate(provisioned="g", proven=Certified("another chain"))


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (False, RenewalStep.Invalid, True),
        (True, RenewalStep.Overdue, True),
        (False, RenewalStep.Overdue, False),
        (True, RenewalStep.Asked, False),
        (False, RenewalStep.Asked, False),
    ],
)
def test_an_invalid_certificate_bars_until_the_csms_asks(before: bool, step: RenewalStep, after: bool) -> None:
    """A02: the station does not ask again by itself after an answer that it could not use."""
    state = next(state for state in RENEWAL if step in RENEWAL[state])
    own = ClientCertificate(provisioned="f", barred=before, renewal=state)
    assert own.stepped(step).barred is after


def test_a_certificate_is_shown_by_the_name_of_its_key() -> None:
    """A log that shows it has neither the chain nor a line that nobody can tell from the next."""
    assert repr(Certified("chain", "key 7")) == "<certificate of key key 7>"
    assert repr(Certified("chain")) == "<certificate of key provisioned>"
