"""Hosts that no resolver and no socket could take, and those that are only strange."""

import pytest

from ohmstead.wire.hosts import wrong_host


@pytest.mark.parametrize(
    "host",
    [
        *(
            "csms.example",
            "csms.example.",
            "localhost",
            "a",
            "my_csms",
            "xn--bcher-kva.example",
            "bücher.example",
            "1a.2b",
        ),
        *(
            "127.0.0.1",
            "0x7f.1",
            "1.2.3",
            "2130706433",
            "0.0.0.0",
            "::1",
            "fe80::1%25eth0",
            "::ffff:10.0.0.1",
            "a" * 63,
        ),
        ".".join(["a" * 49] * 5),
    ],
)
def test_a_host_that_may_be_reached_is_taken(host: str) -> None:
    assert wrong_host(host) is None


@pytest.mark.parametrize(
    "host",
    [
        *("", ".", "a..b", ".a", "-a.example", "a-.example", "a b", "a%41.example", "a/b", "a,b", "*", "a" * 64),
        *("256.1.1.1", "1.2.3.4.5", "1.2.3.256", "4294967296", "csms.1", "0x100.1.1.1", "::1::", "fe80:", "12345::"),
        *(".".join(["a" * 63] * 4), "xn--\udc80"),
    ],
)
def test_a_host_that_cannot_be_one_is_refused_with_a_reason(host: str) -> None:
    assert wrong_host(host)
