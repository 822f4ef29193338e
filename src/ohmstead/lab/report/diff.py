"""What has changed from one campaign to another: verdicts, profiles, claims, what was measured of them, and limits."""

from collections.abc import Iterator, Mapping

import msgspec

from ohmstead.lab.report.model import CaseReport, Report


class ReportChange(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not the same in both."""

    what: str
    """`case`, `profile`, `claim`, `measured`, `reason` or `limit`."""
    id: str
    before: str
    """Empty: it was not there."""
    after: str
    """Empty: it is not there any more."""
    worse: bool = False
    """A case or a profile that no longer passes or fails now, a claim that is contradicted now, a limit missed now."""

    def __str__(self) -> str:
        return f"{self.what:8} {self.id}: {self.before or '-'} -> {self.after or '-'}"


def changes(before: Report, after: Report) -> tuple[ReportChange, ...]:
    """Return what differs, the worst first."""
    found = (*_profiles(before, after), *_cases(before, after), *_rows(before, after), *_limits(before, after))
    return tuple(sorted(found, key=lambda change: not change.worse))


def _profiles(before: Report, after: Report) -> Iterator[ReportChange]:
    old = {profile.name: profile.result for profile in before.profiles}
    new = {profile.name: profile.result for profile in after.profiles}
    for name in dict.fromkeys((*old, *new)):
        yield from _change("profile", name, old.get(name, ""), new.get(name, ""), good="Pass", bad="Fail")


def _cases(before: Report, after: Report) -> Iterator[ReportChange]:
    old, new = _by_id(before), _by_id(after)
    for identifier in sorted(old.keys() | new.keys()):
        one, other = old.get(identifier), new.get(identifier)
        first, second = one.verdict if one else "", other.verdict if other else ""
        if first != second:
            yield from _change("case", identifier, first, second, good="PASS", bad="FAIL")
        elif one is not None and other is not None and one.reason != other.reason:
            yield ReportChange(what="reason", id=identifier, before=one.reason, after=other.reason)


def _by_id(report: Report) -> Mapping[str, CaseReport]:
    return {case.id: case for case in report.cases}


def _rows(before: Report, after: Report) -> Iterator[ReportChange]:
    old = {row.id: row for section in before.sections for row in section.rows}
    new = {row.id: row for section in after.sections for row in section.rows}
    for identifier in dict.fromkeys((*old, *new)):
        one, other = old.get(identifier), new.get(identifier)
        yield from _change("claim", identifier, one.claim if one else "", other.claim if other else "")
        if one is not None and other is not None and (one.verdict, one.measured) != (other.verdict, other.measured):
            worse = other.verdict == "contradicted" != one.verdict
            first, second = _measured(one.verdict, one.measured), _measured(other.verdict, other.measured)
            yield ReportChange(what="measured", id=identifier, before=first, after=second, worse=worse)


def _limits(before: Report, after: Report) -> Iterator[ReportChange]:
    """The figures themselves are never the same twice; whether they kept their limits is compared."""
    old = {one.technology: set(one.missed) for one in before.performance}
    new = {one.technology: set(one.missed) for one in after.performance}
    words = {True: "above it", False: "kept"}
    for technology in old.keys() & new.keys():
        for name in sorted(old[technology] ^ new[technology]):
            first, second = name in old[technology], name in new[technology]
            identifier = f"{name}, {technology}"
            yield ReportChange(what="limit", id=identifier, before=words[first], after=words[second], worse=second)


def _measured(verdict: str, text: str) -> str:
    return f"{verdict}, {text}" if verdict else text


def _change(
    what: str, identifier: str, before: str, after: str, *, good: str = "", bad: str = ""
) -> Iterator[ReportChange]:
    if before != after:
        worse = bool(good) and (before == good or after == bad)
        yield ReportChange(what=what, id=identifier, before=before, after=after, worse=worse)
