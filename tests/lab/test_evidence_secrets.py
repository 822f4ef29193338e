"""Evidence shows no password, and leads to the same verdicts all the same; what earlier versions wrote still does."""

import base64
import re

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.a_password import RENEWED, TOO_SHORT
from ohmstead.lab.cases.case import Case, load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.persistent import on_persistent_station
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.evidence.digests import STAND_IN, Digests, traits
from ohmstead.lab.evidence.judge import is_misfit, judge_tape, judgment
from ohmstead.lab.rig import PersistentStation, Provisioning
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.link import Credentials, Link, Target
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from ohmstead.wire.secrets import redact_text
from tests.lab.mutation import mutants
from tests.lab.stranger import URL
from tests.lab.test_standing_tapes import StandingRig, a_case

PRODUCT, CONFIG = load("sec1000-240y"), LabConfig()
PASSWORDS = (Provisioning().password, RENEWED, TOO_SHORT)
FAILS = [
    ("TC_A_01_CS", "password-not-encoded"),
    ("TC_A_01_CS", "password-of-another-user"),
    ("TC_A_09_CS", "password-kept"),
    ("TC_A_09_CS", "password-told"),
    ("TC_A_10_CS", "password-of-any-length"),
    ("TC_A_10_CS", "password-not-encoded"),
]


def live(case: str, mutant: str = "", key: str | None = None) -> Result:
    if not mutant:
        return run_in_memory(load_cases()[case], PRODUCT, CONFIG, record=True, key=key)
    return run_in_memory(load_cases()[case], PRODUCT, CONFIG, mutate=mutants()[mutant].mutate, record=True, key=key)


def everything(result: Result) -> str:
    return msgspec.json.encode(result).decode()


def shows(text: str, password: str) -> bool:
    """Say whether a text has a password in it, also as HTTP writes it."""
    shown = base64.b64encode(f"CS-001:{password}".encode()).decode()
    return password in text or shown in text


@pytest.mark.parametrize(
    ("case", "mutant"), [("TC_A_01_CS", ""), ("TC_A_09_CS", ""), ("TC_A_10_CS", ""), ("TC_B_12_CS", ""), *FAILS]
)
def test_no_password_is_in_a_result_and_its_evidence_leads_to_the_same_verdict(case: str, mutant: str) -> None:
    result = live(case, mutant)
    assert result.verdict is (Verdict.FAIL if mutant else Verdict.PASS)
    assert not [password for password in PASSWORDS if shows(everything(result), password)]
    again = judge_tape(result.evidence, load_cases()[case], PRODUCT, CONFIG)
    assert judgment(again).encoded() == judgment(result).encoded()


@pytest.mark.parametrize(("case", "mutant"), [("TC_A_01_CS", ""), ("TC_A_09_CS", ""), ("TC_A_10_CS", ""), *FAILS])
def test_evidence_of_the_version_before_is_judged_as_it_was(case: str, mutant: str) -> None:
    """It has another name for its format, no key, and passwords as they were."""
    result = live(case, mutant, key="")
    first, _, rest = result.evidence.partition("\n")
    head = msgspec.json.decode(first, type=dict[str, object])
    assert head.pop("key") == ""
    old = msgspec.json.encode(head | {"format": "ohmstead-evidence/1"}).decode()
    again = judge_tape(f"{old}\n{rest}", load_cases()[case], PRODUCT, CONFIG)
    assert again.verdict is result.verdict
    assert redact_text(again.reason) == result.reason


def test_kept_passwords_are_kept() -> None:
    assert shows(live("TC_A_09_CS", key="").evidence, RENEWED)


def test_a_password_has_one_digest_in_a_report_and_another_in_the_next() -> None:
    def digests(key: str, case: str) -> set[str]:
        return {match[0] for match in STAND_IN.finditer(live(case, key=key).evidence)}

    assert digests("one", "TC_A_01_CS") & digests("one", "TC_A_10_CS")
    assert not digests("one", "TC_A_01_CS") & digests("two", "TC_A_01_CS")


@pytest.mark.parametrize(
    ("password", "length", "allowed"),
    [("short", 5, True), ("x" * 41, 41, True), ("Grüße-aus-Bielefeld", 19, True), ("with\x07a-bell-inside", 18, False)],
)
def test_what_stands_for_a_password_says_its_length_and_whether_its_characters_will_do(
    password: str, length: int, allowed: bool
) -> None:
    stand_in = Digests("key").of(password)
    assert password not in stand_in
    assert (traits(stand_in).length, traits(stand_in).allowed) == (length, allowed)
    assert traits(stand_in) == traits(password)


# A station of somebody else, whose password the lab does not know when it judges again

OWNERS = 'the-owner\'s "own" password'
CALL = '[2,"1","SecurityEventNotification",{"type":"X","timestamp":"2026-01-01T00:00:00Z","techInfo":"%s"}]'


class OwnedRig(StandingRig):
    """It shows the password that it was given."""

    async def start(self, provisioning: Provisioning) -> None:
        """Dial, and follow the script."""
        shown = Credentials(password=provisioning.password)
        target = Target(url=URL, identity=provisioning.identity, security_profile=1, credentials=shown)
        await self._script(await self._network.dialer().dial(target))


def owned(case: Case, says: tuple[str, ...], password: str = OWNERS) -> Result:
    async def script(link: Link) -> None:
        for text in says:
            await link.send(text)

    async def on_the_rig() -> Result:
        guest = PersistentStation(number=1, provisioning=Provisioning(password=password, security_profile=1))
        rig = OwnedRig(script, guest)
        ready = msgspec.structs.replace(on_persistent_station(case, guest), boots=False)
        return await run_case(ready, rig, PRODUCT, CONFIG, record=True)

    return run(on_the_rig(), limit=10_000)


async def _looks(t: Tester) -> None:
    await t.rig.start(t.provisioning)
    await t.elapse(1)
    shown = t.endpoint().handshakes[0]
    wanted = f"Basic {base64.b64encode(f'CS-001:{t.provisioning.password}'.encode()).decode()}"
    t.require(1, shown.password == t.provisioning.password, "password", "the one given", "another")
    t.require(1, shown.authorization == wanted, "Authorization", wanted, shown.authorization)
    for event in t.received(wire.SecurityEventNotificationRequest):
        t.require(2, event.tech_info == "nothing", "techInfo", "nothing", event.tech_info)
    seen = traits(t.provisioning.password)
    t.require(3, seen.allowed and 16 <= seen.length <= 40, "password", "16 to 40", f"{seen.length} characters")
    t.note(f"shown: {shown.password}")


CASE = msgspec.structs.replace(a_case(_looks), boots=False)
SAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), OWNERS),
    "its password in a text": ((CALL % 'the-owner\'s \\"own\\" password is it',), OWNERS),
    "its password in escapes": ((CALL % "".join(f"\\u{ord(one):04x}" for one in OWNERS),), OWNERS),
    "its password in a frame that is cut": ((CALL[:-2] % 'the-owner\'s \\"own\\" password',), OWNERS),
    "its password where the schema has none": (
        ('[2,"1","Heartbeat",{"password":"the-owner\'s \\"own\\" password"}]',),
        OWNERS,
    ),
    "a password that is too short": ((), "too-short"),
    "a password with a bell": ((), "a-bell-is-in-here\x07"),
}


@pytest.mark.parametrize("what", SAYS)
def test_a_password_that_the_lab_does_not_know_is_judged_by_its_digest(what: str) -> None:
    says, password = SAYS[what]
    result = owned(CASE, says, password)
    told = everything(result)
    assert not shows(told, password)
    assert not shows(told, msgspec.json.encode(password).decode()[1:-1])
    assert "u0074\\\\u0068" not in told
    again = judge_tape(result.evidence, CASE, PRODUCT, CONFIG)
    assert not is_misfit(again)
    assert judgment(again).encoded() == judgment(result).encoded()
    assert (result.verdict is Verdict.PASS) == (what == "nothing")


def test_a_frame_that_cannot_be_decoded_is_told_of_by_length_and_digest() -> None:
    result = owned(CASE, ('[2,"1","Heartbeat",{"x":',))
    assert result.finding is not None
    assert re.search(r": 24 bytes, SHA-256 [0-9a-f]{64}$", result.finding.got)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\v", "\f", "\x1c"])
def test_what_other_readers_take_for_the_end_of_a_line_ends_none(mark: str) -> None:
    """JSON has some of them in its texts as they are."""
    case = msgspec.structs.replace(a_case(_hears), boots=False)
    text = msgspec.json.encode(f"one{mark}two").decode()[1:-1]
    result = owned(case, (CALL % text,))
    assert result.notes == (f"heard one{mark}two",)
    again = judge_tape(result.evidence, case, PRODUCT, CONFIG)
    assert judgment(again).encoded() == judgment(result).encoded()


async def _hears(t: Tester) -> None:
    await t.rig.start(t.provisioning)
    await t.elapse(1)
    for event in t.received(wire.SecurityEventNotificationRequest):
        t.note(f"heard {event.tech_info}")
    t.rules.findings.clear()
