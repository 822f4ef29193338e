"""Results as files: JSON for programs, JUnit XML for the servers that show test runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import msgspec

from ohmstead.lab.report.explanation import Explanation, explain
from ohmstead.lab.report.plain_text import plain_text
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.wire.printable import printable_text


class JsonResults:
    """A file as `write_json` writes it, which grows: it is whole after each result, and no result is written twice."""

    def __init__(self, path: Path) -> None:
        """Begin it. Raises OSError."""
        self._path = path
        self._results: list[Verdict] = []
        self._length = path.write_bytes(b'{"results": [')

    def add(self, result: Result) -> None:
        """Add a result."""
        piece = (b",\n" if self._results else b"\n") + msgspec.json.encode(_listed(result))
        self._results.append(result.verdict)
        with self._path.open("r+b") as file:
            file.seek(self._length)
            file.write(piece + b'\n], "summary": ' + msgspec.json.encode(_summary(self._results)) + b"}\n")
            file.truncate()
        self._length += len(piece)


def _summary(verdicts: Sequence[Verdict]) -> dict[str, int]:
    return {verdict.value: verdicts.count(verdict) for verdict in Verdict}


def _listed(result: Result) -> dict[str, object]:
    return {**told(result), "specification": result.specification.value, "tool": result.tool.value}


def told(result: Result) -> dict[str, object]:
    """Return a result for programs, with the explanation of a FAIL; empty where there is none to explain."""
    explanation = explain(result)
    return {**msgspec.to_builtins(result), **({"explanation": explanation} if explanation is not None else {})}


def write_json(path: Path, results: Sequence[Result]) -> None:
    """Write results with their wire logs, as `{"summary": {verdict: count}, "results": [...]}`.

    Beside `verdict` stand `specification` and `tool`: the verdict by each of them alone; of a FAIL its `explanation`.
    """
    summary = _summary([result.verdict for result in results])
    listed = list(map(_listed, results))
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"summary": summary, "results": listed}), indent=1))


def columns(results: Sequence[Result]) -> str:
    """Return one line on what passed by the specification and by the official cases; empty where both are the same."""
    if not any(result.disputed for result in results):
        return ""
    asked = sum(result.verdict is not Verdict.NOT_APPLICABLE for result in results)
    by_specification = sum(result.specification is Verdict.PASS for result in results)
    by_tool = sum(result.tool is Verdict.PASS for result in results)
    return f"by the specification {by_specification} of {asked} pass, by the text of the official cases {by_tool}"


def write_junit(path: Path, results: Sequence[Result], explanations: Mapping[str, Explanation] | None = None) -> None:
    """Write results as JUnit XML: inconclusive is an error, not applicable is skipped.

    Args:
        path: of the file.
        results: what to write.
        explanations: why cases failed, by id, as a report has them; None: they are made of the results.
    """
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
        name = printable_text(f"{result.id} {result.title}".strip())
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"lab.{result.id[3]}", name=name, time=f"{result.seconds:.3f}"
        )
        if result.disputed:
            properties = ElementTree.SubElement(case, "properties")
            for name, verdict in (("specification", result.specification), ("tool", result.tool)):
                ElementTree.SubElement(properties, "property", name=name, value=verdict.value)
        kind = kinds.get(result.verdict)
        if kind is not None:
            child = ElementTree.SubElement(case, kind, message=printable_text(result.reason))
            if kind != "skipped":
                why = explain(result) if explanations is None else explanations.get(result.id)
                text = f"{plain_text(why)}\n\n" if why is not None else ""
                child.text = printable_text(text + "\n".join(map(str, result.log)))
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
