"""Which installed root vouches for a certificate of the station at a moment (A02.FR.06)."""

from datetime import UTC, datetime, timedelta

import pytest

from ohmstead.blocks.a_certificates import path_fault
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Party, Validity, new_key, root_certificate, subject
from ohmstead.edge.x509 import X509Reader

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PARTY = Party(subject("Root", "Owner"), new_key())


def _valid(begins: timedelta, length: timedelta) -> Authority:
    """Return an authority of one and the same name and key, whose root is valid from then on for so long."""
    return Authority(root_certificate(PARTY, Validity(NOW + begins, length)), PARTY.key)


NOW_VALID, OVER, NOT_YET = _valid(-DAY, 2 * DAY), _valid(-9 * DAY, DAY), _valid(DAY, DAY)
LEAF = NOW_VALID.issue_client("CS-001", validity=Validity(NOW - DAY, 2 * DAY)).chain


@pytest.mark.parametrize(
    ("roots", "fault"),
    [
        ((NOW_VALID,), None),
        ((OVER,), "its root is not valid at 2026-01-01 00:00"),
        ((NOT_YET,), "its root is not valid at 2026-01-01 00:00"),
        ((OVER, NOW_VALID), None),
        ((NOT_YET, OVER, NOW_VALID), None),
        ((), "no root certificate that is installed vouches for it"),
    ],
)
def test_a_root_that_is_valid_now_has_to_vouch(roots: tuple[Authority, ...], fault: str | None) -> None:
    """A root that was renewed with its key is there twice: one of them is enough."""
    leaf = LEAF.split("-----END")[0] + "-----END CERTIFICATE-----\n"
    assert path_fault(X509Reader(), [leaf], [root.root for root in roots], NOW) == fault
