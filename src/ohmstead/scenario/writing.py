"""Writes a recording as a scenario file."""

from collections.abc import Mapping, Sequence
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ohmstead.scenario.document import parse_scenario
from ohmstead.scenario.recording import RecordedStep, Recording
from ohmstead.scenario.steps import BARE

WIDTH = 4096
"""A step takes one line."""


def scenario_text(recording: Recording, *, name: str, products: Mapping[str, str]) -> str:
    """Return the file.

    Args:
        recording: what is to be done again.
        name: of the scenario.
        products: identity -> product; of others nothing is said.

    Raises ScenarioError where it would be none, which is a mistake of ours.
    """
    document = CommentedMap({"name": name})
    document["stations"] = CommentedMap(
        {
            identity: _flow({"product": products[identity]} if identity in products else {})
            for identity in recording.stations
        }
    )
    document["timeouts"] = _flow({"message": f"{recording.patience} s"})
    if recording.tokens:
        document["csms"] = CommentedMap({"tokens": CommentedSeq(_flow(token) for token in recording.tokens)})
    several = len(recording.stations) > 1
    document["steps"] = CommentedSeq(_step(step, several) for step in recording.steps)
    if recording.left_out:
        document.yaml_set_start_comment("\n".join(("Not recorded, or not whole:", *recording.left_out)))
    yaml = YAML(typ="rt")
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(document, stream)
    text = stream.getvalue()
    parse_scenario(text, name)
    return text


def _step(step: RecordedStep, several: bool) -> CommentedMap:
    bare = BARE.get(step.verb)
    written = CommentedMap({step.verb: _flow(step.arguments[bare] if bare else step.arguments)})
    if several:
        written["station"] = step.station
    if step.verb == "check":
        written["within"] = "message"
    return written


def _flow(value: object) -> object:
    """Return a value in the style with braces, which takes one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({name: _flow(field) for name, field in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, Sequence) and not isinstance(value, str):
        sequence = CommentedSeq(_flow(item) for item in value)
        sequence.fa.set_flow_style()
        return sequence
    return value
