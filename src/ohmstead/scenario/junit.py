"""Outcomes as JUnit XML, which every CI server reads: a suite a scenario, a case a step."""

from collections.abc import Sequence
from xml.etree import ElementTree

from ohmstead.scenario.outcome import ScenarioOutcome
from ohmstead.wire.printable import printable


def junit(outcomes: Sequence[ScenarioOutcome]) -> bytes:
    """Return the document."""
    root = ElementTree.Element("testsuites", name="ohmstead scenario")
    for outcome in outcomes:
        failures = sum(not step.passed for step in outcome.steps)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=outcome.name,
            file=outcome.source,
            tests=str(len(outcome.steps)),
            failures=str(failures),
            errors="0",
            time=f"{outcome.seconds:.3f}",
        )
        for step in outcome.steps:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=outcome.name,
                name=printable(f"{step.number} {step.station}: {step.title}"),
                file=outcome.source,
                line=str(step.line),
                time=f"{step.seconds:.3f}",
            )
            if not step.passed:
                first, _, _ = step.told.partition("\n")
                failure = ElementTree.SubElement(case, "failure", message=printable(first))
                failure.text = "\n".join(printable(line) for line in step.told.split("\n"))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text
