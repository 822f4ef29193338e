"""The CSMS that the stations of these tests dial."""

from collections.abc import Iterator

import pytest

from tests.testing.small_csms import small_csms


@pytest.fixture(scope="module")
def csms_url() -> Iterator[str]:
    """Return the URL of a CSMS that accepts everything."""
    with small_csms() as url:
        yield url
