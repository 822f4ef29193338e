"""The journal: bounded by bytes whatever comes how often, and what is worth more outlives what is worth less."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.model.journal import KIND, LONGEST, MOST_BYTES, SHARES, Journal, JournalLine, Topic, cut
from ohmstead.wire.rows import from_row
from tests.generators import examples

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


class Kept:
    """A journal and the rows that a store would hold for it."""

    def __init__(self, rows: dict[str, bytes] | None = None) -> None:
        self.rows = rows or {}
        self.journal = Journal(sorted(self.rows.items()))

    def write(self, topic: Topic, text: str, at: datetime = START) -> None:
        """Write a line."""
        added = self.journal.add(at, topic, text)
        self.rows[added.kept.key] = added.value
        for gone in added.gone:
            del self.rows[gone.key]

    def again(self) -> "Kept":
        """Return it as the next boot reads it."""
        return Kept(self.rows)

    @property
    def size(self) -> int:
        """Bytes of all rows, as the bound counts them."""
        return sum(len(KIND) + len(key) + len(value) for key, value in self.rows.items())

    def lines(self, topic: Topic | None = None) -> list[JournalLine]:
        """Return the lines of a topic, or all, in the order of their keys."""
        lines = [from_row(value, JournalLine) for _, value in sorted(self.rows.items())]
        return [line for line in lines if topic in (None, line.topic)]


def test_thirty_days_of_charging_leave_boots_and_faults_of_the_first() -> None:
    """A car every hour, a value every minute, the link lost twice a day."""
    kept = Kept()
    kept.write(Topic.Boot, "boot PowerUp")
    kept.write(Topic.Fault, "fault GroundFailure at 1.1 appeared")
    kept.write(Topic.Security, "security event StartupOfTheDevice")
    kept.write(Topic.Setting, "availability of EVSE 2: Inoperative")
    first = kept.lines()
    for minute in range(30 * 24 * 60):
        at = START + minute * MINUTE
        if minute % 60 in (0, 50):
            kept.write(Topic.Charging, "transaction 00000007-000001-0000000009 seqNo 0 Started Authorized", at)
        if minute % 720 == 0:
            kept.write(Topic.Link, "offline", at)
        kept.write(Topic.Reading, "transaction 00000007-000001-0000000009 seqNo 2 Updated MeterValuePeriodic", at)
    assert kept.lines()[: len(first)] == first
    assert kept.size <= MOST_BYTES
    assert len(kept.lines(Topic.Charging)) == 2 * 24 * 30
    assert len(kept.lines(Topic.Reading)) > 1000


@pytest.mark.parametrize("often", list(Topic))
def test_what_comes_often_pushes_out_nothing_of_another_topic(often: Topic) -> None:
    """Whatever it is: a fault that comes and goes, boots in a circle, a CSMS that sets a variable every second."""
    kept = Kept()
    for topic in Topic:
        for number in range(20):
            kept.write(topic, f"{topic} {number}")
    before = [line for line in kept.lines() if line.topic != often]
    for number in range(20_000):
        kept.write(often, f"it happens again, and now for the {number}th time")
    assert [line for line in kept.lines() if line.topic != often] == before
    assert kept.size <= MOST_BYTES
    assert kept.lines(often)[-1].text.endswith("19999th time")
    assert len(kept.lines(often)) > 3000, "what the others do not need is not used"


def test_what_is_borrowed_is_given_back_by_the_least_worthy_first() -> None:
    """Faults take what readings had; once every topic is full, each has its share."""
    kept = Kept()
    for topic in Topic:
        for number in range(12_000):
            kept.write(topic, f"{topic} {number} is a line of some length")
        assert kept.size <= MOST_BYTES
    for topic in Topic:
        size = sum(len(KIND) + len(line.key) + len(kept.rows[line.key]) for line in kept.lines(topic))
        assert SHARES[topic] - 2 * LONGEST < size
        numbers = [int(line.text.split()[1]) for line in kept.lines(topic) if topic]
        assert numbers == list(range(12_000 - len(numbers), 12_000)), "it is the oldest that go"


HOSTILE = st.text(st.characters(), max_size=50).flatmap(
    lambda text: st.integers(0, 20_000 // max(1, len(text))).map(lambda times: text * times)
)


@settings(max_examples=examples(50, 1000))
@given(st.lists(st.tuples(st.sampled_from(Topic), HOSTILE), max_size=20), st.sampled_from(Topic), HOSTILE)
def test_a_line_of_any_length_is_cut_and_nothing_grows(said: list[tuple[Topic, str]], topic: Topic, often: str) -> None:
    """Also control characters, halves of characters, and what a reader takes for the end of a line."""
    kept = Kept()
    for about, text in [*said, *[(topic, often)] * 100]:
        kept.write(about, text)
    for line in kept.lines():
        assert len(line.text) <= LONGEST
        assert len(f"{line.text}.".splitlines()) == 1
        assert len(kept.rows[line.key]) < 4 * LONGEST + 200
    assert kept.size <= MOST_BYTES


@settings(max_examples=examples(50, 1000))
@given(st.lists(st.sampled_from(Topic), max_size=60), st.integers(0, 60))
def test_a_journal_that_was_read_again_goes_on_as_if_nothing_had_been(topics: list[Topic], boot: int) -> None:
    """Numbers, order and what goes for whom; the lines are long, so that something has to go."""
    one, other = Kept(), Kept()
    for number, topic in enumerate(topics):
        if number == boot:
            other = other.again()
        for kept in (one, other):
            for _ in range(10):
                kept.write(topic, f"{number} " + "\U0001f50c" * LONGEST)
    assert one.rows == other.rows
    numbers = [line.number for line in one.lines()]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("topic", list(Topic))
def test_a_line_that_was_not_committed_counts_nowhere(topic: Topic) -> None:
    """Neither it nor what had to go for it; another one may have come meanwhile, about the failure itself."""
    kept, lost = Kept(), Kept()
    for journal in (kept, lost):
        for number in range(12_000):
            journal.write(Topic.Reading, f"{number} is a line that will have to go")
        for _ in range(2000):
            journal.write(topic, "full")
    added = lost.journal.add(START, topic, "x" * LONGEST)
    lost.journal.take_back(added)
    for journal in (kept, lost):
        for _ in range(5000):
            journal.write(topic, "what comes after it")
        assert journal.size <= MOST_BYTES
    assert [line.text for line in lost.lines()] == [line.text for line in kept.lines()]


@pytest.mark.parametrize(
    "row",
    [
        b'{"number":7,"at":"2026-01-01T00:00:00Z","text":"boot PowerUp, firmware 1.0.0"}',
        b'{"number":7,"at":"2026-01-01T00:00:00Z","text":"door open","topic":"Doors","floor":3}',
        b"no JSON at all",
        b"",
    ],
)
def test_a_row_of_another_version_counts_and_goes_in_its_turn(row: bytes) -> None:
    """An earlier version had no topics, a later one may have more (decided case 17)."""
    kept = Kept({"0000000007": row})
    kept.write(Topic.Boot, "boot FirmwareUpdate")
    assert sorted(kept.rows) == ["0000000007", "0000000008"]
    for _ in range(12_000):
        kept.write(Topic.Unknown, "of another version")
    assert "0000000007" not in kept.rows
    assert kept.size <= MOST_BYTES


def test_an_earlier_version_reads_what_this_one_writes() -> None:
    """A firmware slot that comes back (decided case 17) reads a number, a moment and a text."""

    class Earlier(msgspec.Struct, frozen=True, kw_only=True):
        number: int
        at: datetime
        text: str

    kept = Kept()
    kept.write(Topic.Fault, "fault GroundFailure at 1.1 appeared")
    assert from_row(kept.rows["0000000001"], Earlier).text == "fault GroundFailure at 1.1 appeared"
    assert int(max(kept.rows)) == 1


def test_the_page_says_what_the_code_does() -> None:
    """Shares in the order in which they make room, their sum, and the longest line."""
    page = PAGE.read_text("utf-8").split("# What bounds the journal")[1]
    shares = {name: int(share) << 10 for name, share in re.findall(r"^\* ([A-Z][a-z]+): (\d+) KiB", page, re.MULTILINE)}
    assert list(shares.items()) == [(topic.name, SHARES[topic]) for topic in Topic]
    assert f"{MOST_BYTES >> 10} KiB in the store" in page
    assert f"of {LONGEST} characters" in page


@given(st.sampled_from(Topic), st.integers(0, 2 * LONGEST))
def test_secrets_are_hidden_before_a_long_line_is_cut(topic: Topic, length: int) -> None:
    """Half of a URL does not show any more that there is a password in it."""
    kept = Kept()
    kept.write(topic, f"{'x' * length} https://user:SECRET@host.example/ is set")
    assert "SECRET" not in kept.lines()[0].text


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_line_and_a_journal_may_be_as_long_as_their_bounds(beyond: int) -> None:
    """LONGEST characters are left as they are; one more, and the end is cut off."""
    text = "x" * (LONGEST + beyond)
    assert cut(text) == (f"{'x' * (LONGEST - 3)}..." if beyond else text)


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_journal_may_fill_its_bound(beyond: int) -> None:
    """MOST_BYTES, counted with kind and key of each row."""
    kept = Kept()
    while kept.size < MOST_BYTES - 2 * LONGEST:
        kept.write(Topic.Reading, "x" * LONGEST)
    before = kept.size
    kept.write(Topic.Reading, "")
    rest, lines = MOST_BYTES - kept.size, len(kept.lines())
    row = kept.size - before
    kept.write(Topic.Reading, "x" * (rest // 2 - row))
    kept.write(Topic.Reading, "x" * (MOST_BYTES - kept.size - row + beyond))
    assert (kept.size == MOST_BYTES) is not bool(beyond)
    assert len(kept.lines()) == lines + 2 - beyond
