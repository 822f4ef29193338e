"""A table of plain text: nothing is lost in it, and it fits where it is shown."""

import pytest

from ohmstead.cli.main import execute
from ohmstead.cli.plain_table import lines

COLUMNS = ("Case", "Title", "Because")
ROWS = [
    ("TC_A_01_CS", "A title that is long enough to be wrapped at a narrow terminal", "security profile 1 = Yes"),
    ("TC_B_02_CS", "", "W" * 40),
]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_and_loses_nothing(width: int) -> None:
    head, *rest = lines(COLUMNS, ROWS, width)
    assert "".join(head).split() == list(COLUMNS)
    for row, some in zip(ROWS, rest, strict=True):
        assert max(map(len, some)) <= width
        assert some[0].startswith(row[0])
        assert sorted("".join("".join(some).split())) == sorted("".join("".join(row).split()))


def test_a_row_is_a_line_where_nobody_says_how_wide() -> None:
    assert [len(some) for some in lines(COLUMNS, ROWS, None)] == [1, 1, 1]


def test_in_a_pipe_each_case_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["lab", "list", "--block", "g"]) == 0
    title, head, *cases, end = capsys.readouterr().out.splitlines()
    assert (title, head.split()[0]) == ("Cases for sec1000-240y", "Case")
    assert all(line.startswith("TC_G_") for line in cases)
    assert end.startswith(f"{sum(' yes ' in line for line in cases)} of {len(cases)} cases apply")
