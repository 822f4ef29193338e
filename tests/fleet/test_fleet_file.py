"""A fleet file is read key by key: every mistake is a line that says where, what is wrong, and what is right."""

from pathlib import Path

import pytest

from ohmstead.fleet.example import TEXT
from ohmstead.fleet.plan import FleetPlan, card_of, stations
from ohmstead.fleet.reading import FleetFileWrong, profile_of, read_plan

GROUP = "[[group]]\n"
WS = '[csms]\nurl = "ws://csms.example"\n'


def read(folder: Path, text: str) -> FleetPlan:
    """Read a file of this text."""
    file = folder / "fleet.toml"
    file.write_text(text, "utf-8")
    return read_plan(file)


def mistakes(folder: Path, text: str) -> list[str]:
    """Return what is said of a file, without its name."""
    with pytest.raises(FleetFileWrong) as wrong:
        read(folder, text)
    return [line.partition("fleet.toml: ")[2] for line in wrong.value.mistakes]


def test_the_file_that_init_writes_is_read(tmp_path: Path) -> None:
    plan = read(tmp_path, TEXT)
    assert [(group.product, group.count) for group in plan.group] == [("flagship", 20), ("ac-wallbox", 10)]
    assert plan.duration == 600
    assert plan.group[0].stay == (300.0, 2400.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "group: there is none; right would be [[group]] with product and count"),
        ("group = 1", "group: not an array of tables; right would be [[group]] with product and count"),
        ("csms = 1\n" + GROUP, "csms: not a table; right would be [csms] with url"),
        ('duration = "10 minutes"\n' + GROUP, "duration: '10 minutes' is no duration, a number with ms, s, m or h"),
        ("duration = 0\n" + GROUP, 'duration: expected `float` > 0.0; right would be "10m"'),
        ("lenght = 1\n" + GROUP, "lenght: no such key; known are duration"),
        ("ramp = 700\n" + GROUP, "ramp: 700 s is not less than the duration, 600 s"),
        (GROUP + "count = 0", "group[1].count: expected `int` >= 1; right would be 100"),
        (GROUP + "cuont = 1", "group[1].cuont: no such key; did you mean count?"),
        (GROUP + "stay = [9, 8]", "group[1].stay: the shortest, 9 s, is longer than the longest, 8 s"),
        (GROUP + 'stay = "9m"', "group[1].stay: expected `array`"),
        (GROUP + 'product = "flagshi"', "group[1].product: flagshi: no such product"),
        (GROUP + 'evs = ["sedan-7"]', "group[1].evs: there is no EV 'sedan-7'; did you mean sedan-77"),
        (GROUP + 'identity = "CS"', 'group[1].identity: the same for all 10; right would be "CS-{number:04}"'),
        (GROUP + 'identity = "CS {number}"', "group[1].identity: 'CS 10' is none; 1 to 48 characters"),
        (GROUP + 'identity = "CS-{n}"', "group[1].identity: 'CS-{n}' cannot be filled in"),
        (
            GROUP + 'identity = "CS-{number:999999999}"',
            "group[1].identity: 'CS-{number:999999999}' cannot be filled in",
        ),
        (GROUP + 'cards = ["CARD-{number}"]', "group[1].cards: 'CARD-{number}' gives no UID of 8, 14 or 16 hex digits"),
        (GROUP + GROUP, "group: two stations are FLEET-0001; give each group its own pattern or `first`"),
        (GROUP + "[limits]\nlost_events = -1", "limits.lost_events: expected `int` >= 0; right would be 0"),
        (WS + GROUP, 'csms.password_file: ws://csms.example needs one; right would be "passwords.txt"'),
        ('[csms]\nurl = "http://a"\n' + GROUP, "csms.url: 'http://a' is no URL of a CSMS"),
        ('[csms]\nroot = "a.pem"\n' + GROUP, "csms.root: goes with a url"),
        (
            WS + 'password_file = "p"\n' + GROUP + 'product = "minimal"',
            "group[1].product: minimal has security profile 2, the CSMS is reached with 1",
        ),
    ],
)
def test_a_mistake_is_a_line_that_says_what_is_right(tmp_path: Path, text: str, said: str) -> None:
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(said)


def test_one_mistake_hides_no_other(tmp_path: Path) -> None:
    text = 'seed = "one"\n[csms]\nurl = 1\n[[group]]\ncount = 0\n[[group]]\ncount = 5\nfirst = "x"\n'
    places = [line.partition(":")[0] for line in mistakes(tmp_path, text)]
    assert places == ["seed", "csms.url", "group[1].count", "group[2].first"]


def test_a_password_in_the_url_is_not_said_again(tmp_path: Path) -> None:
    said = mistakes(tmp_path, '[csms]\nurl = "ws://ann:hidden-word@csms.example"\nsecurity_profile = 0\n' + GROUP)
    assert said == ["csms.url: no password in it: that goes into password_file"]


def test_every_station_and_every_evse_has_a_name_and_a_card_of_its_own(tmp_path: Path) -> None:
    plan = read(tmp_path, TEXT)
    fleet = list(stations(plan))
    assert len({one.identity for one in fleet}) == 30
    assert [one.number for one in fleet] == list(range(30))
    assert [one.starts_at for one in fleet] == sorted(one.starts_at for one in fleet)
    cards = [card_of(one.group, one.number, evse, 2) for one in fleet for evse in (1, 2)]
    assert len(set(cards)) == len(cards)


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (GROUP, 1),
        (GROUP + 'product = "minimal"', 2),
        ('[csms]\nurl = "ws://a"\nsecurity_profile = 0\n' + GROUP, 0),
        ('[csms]\nurl = "wss://a"\nroot = "r"\npassword_file = "p"\n' + GROUP, 2),
    ],
)
def test_the_security_profile_follows_from_csms_and_products(tmp_path: Path, text: str, profile: int) -> None:
    assert profile_of(read(tmp_path, text)) == profile
