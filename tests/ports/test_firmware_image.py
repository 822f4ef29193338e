"""Firmware images: what was packed opens, and whatever else is in a file does not."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.ports.firmware import MAGIC, MOST_HEADER, Image, ImageBroken, packed
from tests.pieces import image_of

IMAGE = Image(vendor="Maker", model="Model", version="1.2.3")


def cut(data: bytes, size: int) -> list[bytes]:
    """Return data in chunks."""
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(program=st.binary(max_size=5000), size=st.integers(1, 700))
def test_an_image_opens_however_it_is_cut(program: bytes, size: int) -> None:
    found = image_of(cut(packed(IMAGE, program), size))
    assert (found.version, found.size) == ("1.2.3", len(program))


@given(program=st.binary(min_size=1, max_size=200), at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_found_or_changes_nothing_but_words(program: bytes, at: int, flip: int) -> None:
    """The checksum covers the program; the signature covers the rest."""
    data = bytearray(packed(IMAGE, program))
    start = len(data) - len(program)
    data[start + at % len(program)] ^= flip
    with pytest.raises(ImageBroken):
        image_of([bytes(data)])


@given(st.binary(max_size=400))
def test_garbage_is_no_image(data: bytes) -> None:
    for content in (data, MAGIC + data):
        with pytest.raises(ImageBroken):
            image_of([content])


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b'{"vendor":"a","model":"b","version":""}',
        b'{"vendor":"a","model":"b","version":"1","more":1}',
        b'{"vendor":"a","model":"b","version":"1","fault":"Explodes"}',
        b"[" * 20_000,
        b"x" * (MOST_HEADER + 1),
    ],
)
def test_a_hostile_header_is_refused(header: bytes) -> None:
    with pytest.raises(ImageBroken):
        image_of(cut(MAGIC + header + b"\n", 1000))


def test_a_header_without_an_end_does_not_fill_the_memory() -> None:
    def endless() -> Iterator[bytes]:
        yield MAGIC
        for _ in range(10_000):
            yield b"x" * 1000
        pytest.fail("it was read for ever")

    with pytest.raises(ImageBroken):
        image_of(endless())
