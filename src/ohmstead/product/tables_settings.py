"""The table of other relevant settings (ORS), the time sources and the cache policies: values of variables."""

import re

from ohmstead.product.abstract import Abstract, Statement
from ohmstead.product.features import CACHE_POLICIES, FEATURES, FILE_PROTOCOLS, TIME_SOURCES
from ohmstead.product.profile import VariableSetting

Number = int | float
FEWEST_CERTIFICATES = 4
"""A CSMS root in use and its successor, a manufacturer root, one to try: less and the test cases cannot run."""
LABELS = {
    "itemspermessagegetreport": "ORS-1",
    "itemspermessagegetvariables": "ORS-2",
    "itemspermessagesetvariables": "ORS-3",
    "bytespermessagegetreport": "ORS-4",
    "bytespermessagegetvariables": "ORS-5",
    "bytespermessagesetvariables": "ORS-6",
    "minimumheartbeatintervalsupported": "ORS-11",
    "maximumheartbeatintervalsupported": "ORS-12",
    "minimumwebsocketpingintervalsupported": "ORS-14",
    "maximumwebsocketpingintervalsupported": "ORS-15",
    "websocketpinginterval": "ORS-16",
    "maximumcertificateentriessupported": "ORS-17",
    "maxcertificatechainsize": "ORS-18",
    "supportedfiletransferprotocols": "ORS-24",
}


def settings(abstract: Abstract) -> tuple[dict[str, str | int | float], dict[str, VariableSetting]]:
    """Return the settings by id and what they, C-23 and C-54 say about variables."""
    said = _by_meaning(abstract)
    values: dict[str, str | int | float] = {}
    for identifier, answer in said.items():
        value = _value(abstract, identifier, answer)
        if value is not None:
            values[identifier] = value
    return values, _variables(abstract, values, said)


def _by_meaning(abstract: Abstract) -> dict[str, Statement]:
    """Return the settings by the id that their label belongs to: laboratories number the list, vendors copy it."""
    found: dict[str, Statement] = {}
    for identifier, said in abstract.answers.items():
        if FEATURES[identifier].group != "Settings":
            continue
        meant = LABELS.get(re.sub(r"[^a-z]", "", said.label.lower()), identifier)
        if meant != identifier:
            abstract.warn(said.line, f"{identifier} is labeled {said.label!r}, which is {meant}; the label is followed")
        if meant in found and found[meant].value != said.value:
            reason = f"{meant} ({FEATURES[meant].text}) is {said.value!r} here and {found[meant].value!r} in line "
            abstract.fail(said.line, f"{reason}{found[meant].line}")
        found[meant] = said
    return dict(sorted(found.items(), key=lambda item: int(item[0].removeprefix("ORS-"))))


def _value(abstract: Abstract, identifier: str, said: Statement) -> str | Number | None:
    text = said.value.strip()
    if text.lower() in ("", "-", "–", "n/a", "not applicable"):
        abstract.note(said.line, f"{identifier} has no value; left out")
        return None
    if identifier == "ORS-24":
        return ",".join(_list(abstract, identifier, said, FILE_PROTOCOLS)) or None
    match = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?\s*(?:s|sec|seconds|bytes|items)?", text, re.IGNORECASE)
    if match is None:
        abstract.warn(said.line, f"{identifier}: {text!r} is not a number; left out")
        return None
    return int(match[1])


def _variables(
    abstract: Abstract, values: dict[str, str | int | float], said: dict[str, Statement]
) -> dict[str, VariableSetting]:
    numbers = {identifier: value for identifier, value in values.items() if isinstance(value, int | float)}
    found = _lists(abstract)
    for identifier in ("ORS-1", "ORS-2", "ORS-3", "ORS-4", "ORS-5", "ORS-6", "ORS-18"):
        if identifier in numbers:
            found[FEATURES[identifier].component] = VariableSetting(value=numbers[identifier])
    _range(abstract, numbers, found, said, "ORS-11", "ORS-12", "")
    _range(abstract, numbers, found, said, "ORS-14", "ORS-15", "ORS-16")
    if "ORS-17" in numbers:
        most = max(numbers["ORS-17"], FEWEST_CERTIFICATES)
        found["SecurityCtrlr.CertificateEntries"] = VariableSetting(max=most)
        if most != numbers["ORS-17"]:
            text = f"ORS-17: {numbers['ORS-17']} certificates cannot hold what the test cases install; the station "
            abstract.note(said["ORS-17"].line, f"{text}takes {most}, the claim is kept in the settings")
    if "ORS-24" in values:
        found["OCPPCommCtrlr.FileTransferProtocols"] = VariableSetting(value=values["ORS-24"])
    return found


def _range(
    abstract: Abstract,
    numbers: dict[str, Number],
    found: dict[str, VariableSetting],
    said: dict[str, Statement],
    least: str,
    most: str,
    actual: str,
) -> None:
    low, high, value = numbers.get(least), numbers.get(most), numbers.get(actual)
    if low is not None and high is not None and low > high:
        abstract.fail(said[least].line, f"{least}, {low}, is above {most}, {high} in line {said[most].line}")
    # 0 switches the pings off and needs no place between the limits (Part 4, 5.3).
    if value and ((low is not None and value < low) or (high is not None and value > high)):
        reason = f"{actual}, {value}, is not between {least}, {low}, and {most}, {high}"
        abstract.fail(said[actual].line, reason)
    if (low, high, value) != (None, None, None):
        found[FEATURES[least].component] = VariableSetting(value=value, min=low, max=high)


def _lists(abstract: Abstract) -> dict[str, VariableSetting]:
    found = {}
    sources = abstract.answers.get("C-23")
    if sources is not None:
        known = _list(abstract, "C-23", sources, TIME_SOURCES)
        if known:
            found["ClockCtrlr.TimeSource"] = VariableSetting(value=",".join(known), values=known)
    policies = abstract.answers.get("C-54")
    if policies is not None:
        remark = re.sub(r"^(yes|no)\b[\s,.:;(]*", "", policies.value, flags=re.IGNORECASE)
        known = _list(abstract, "C-54", Statement(policies.line, remark), CACHE_POLICIES)
        if known:
            found["AuthCacheCtrlr.Policy"] = VariableSetting(values=known)
    return found


def _list(abstract: Abstract, identifier: str, said: Statement, values: tuple[str, ...]) -> tuple[str, ...]:
    by_letters = {value.lower(): value for value in values}
    parts = [part for part in re.split(r"[\s,;/()]+", said.value) if part and part.lower() not in ("and", "-", "n")]
    for part in parts:
        if part.lower() not in by_letters:
            abstract.warn(said.line, f"{identifier}: {part!r} is not known; left out")
    return tuple(dict.fromkeys(by_letters[part.lower()] for part in parts if part.lower() in by_letters))
