"""Results as files: JSON for programs, JUnit XML for the servers that show test runs."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import msgspec

from ohmstead.lab.verdict import Result, Verdict


def write_json(path: Path, results: Sequence[Result]) -> None:
    """Write results with their wire logs, as `{"summary": {verdict: count}, "results": [...]}`."""
    summary = {verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict}
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"summary": summary, "results": results}), indent=1))


def write_junit(path: Path, results: Sequence[Result]) -> None:
    """Write results as JUnit XML: inconclusive is an error, not applicable is skipped."""
    suite = ElementTree.Element(
        "testsuite",
        name="ohmstead lab",
        tests=str(len(results)),
        failures=str(sum(result.verdict is Verdict.FAIL for result in results)),
        errors=str(sum(result.verdict is Verdict.INCONCLUSIVE for result in results)),
        skipped=str(sum(result.verdict is Verdict.NOT_APPLICABLE for result in results)),
    )
    kinds = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "error", Verdict.NOT_APPLICABLE: "skipped"}
    for result in results:
        name = f"{result.id} {result.title}".strip()
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"lab.{result.id[3]}", name=name, time=f"{result.seconds:.3f}"
        )
        kind = kinds.get(result.verdict)
        if kind is not None:
            child = ElementTree.SubElement(case, kind, message=_printable(result.reason))
            if kind != "skipped":
                child.text = _printable("\n".join(map(str, result.log)))
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """XML has no place for most control characters."""
    return "".join(
        character if character >= " " or character in "\n\t" else "\N{REPLACEMENT CHARACTER}" for character in text
    )
