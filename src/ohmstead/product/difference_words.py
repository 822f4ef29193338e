"""A difference between two products in words, A the one before and B the one after."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from ohmstead.product.difference import FieldDifference, Key, Value
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Evse, Product, ProductConnector, VariableSetting

Say = Callable[[Value], str]


class DifferenceWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one difference."""

    id: str
    """Of the line of a certificate, where there is one: `C-49`, `HFS-9`."""
    text: str
    """`Authorization cache: Yes -> No`, `B has no EVSE 2 (DC, 240 kW, connector 1: cTesla, fixed cable)`."""

    def __str__(self) -> str:
        return f"{self.id} {self.text}".strip()


def in_words(
    difference: FieldDifference, before: Product, after: Product, units: Mapping[str, str] | None = None
) -> DifferenceWords:
    """Return what is said of a difference between two products.

    Args:
        difference: one of `differences(before, after)`.
        before: A.
        after: B.
        units: of variables, by `Component.Variable[instance]`, for their values and ranges.
    """
    match difference.key:
        case ("features", str(identifier)):
            return DifferenceWords(id=identifier, text=_changed(_feature(identifier), difference, _yes_no))
        case ("settings", str(identifier)):
            text, unit = _setting(identifier)
            return DifferenceWords(id=identifier, text=_changed(text, difference, _measured(unit)))
        case ("variables", str(name), *rest):
            return DifferenceWords(id="", text=_variable(name, rest, difference, (units or {}).get(name, "")))
        case ("evses", int(number)):
            owner = after if difference.before is None else before
            return DifferenceWords(
                id=Feature.EVSES, text=_lacking(f"EVSE {number}", difference, lambda v: _evse(v, owner))
            )
        case ("evses", int(number), "connectors", int(connector)):
            place = f"connector {connector} at EVSE {number}"
            return DifferenceWords(id="", text=_lacking(place, difference, _connector))
        case ("hardware", "rfid_readers"):
            return DifferenceWords(id=Feature.RFID_READERS, text=_readers(before, after))
        case ("certificate", "results" | "words" as field, str(name)):
            text = f"Result of {name}" if field == "results" else f"The paper's own words at {name}"
            return DifferenceWords(id="", text=_changed(text, difference, str))
        case key:
            return _field(key, difference)


def _field(key: Key, difference: FieldDifference) -> DifferenceWords:
    place = ", ".join(f"{name} {key[at + 1]}" for at, name in _places(key))
    pattern = ".".join(str(step) for step in key if isinstance(step, str))
    identifier, label, say = FIELDS[pattern]
    label = f"{place}: {label}" if place else label
    if isinstance(difference.before, tuple) and isinstance(difference.after, tuple):
        return DifferenceWords(id=identifier, text=f"{label}: {_lists(difference.before, difference.after, say)}")
    return DifferenceWords(id=identifier, text=_changed(label, difference, say))


def _places(key: Key) -> Iterable[tuple[int, str]]:
    names = {"evses": "EVSE", "connectors": "connector"}
    return ((at, names[step]) for at, step in enumerate(key) if isinstance(step, str) and step in names)


def _changed(label: str, difference: FieldDifference, say: Say) -> str:
    return f"{label}: {_said(difference.before, say)} -> {_said(difference.after, say)}"


def _said(value: Value, say: Say) -> str:
    return "not said" if value is None or value == "" else say(value)


def _lacking(what: str, difference: FieldDifference, say: Say) -> str:
    if difference.after is None:
        return f"B has no {what} ({say(difference.before)})"
    return f"B has {what} too ({say(difference.after)})"


def _lists(before: tuple[Value, ...], after: tuple[Value, ...], say: Say) -> str:
    gone = [say(value) for value in before if value not in after]
    new = [say(value) for value in after if value not in before]
    if not gone and not new:
        return f"in another order, {', '.join(map(say, before))} -> {', '.join(map(say, after))}"
    if not gone:
        return f"B has {_and(new)} too"
    return f"B has no {_and(gone)}" + (f", but {_and(new)}" if new else "")


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _feature(identifier: str) -> str:
    feature = FEATURES.get(identifier)
    if feature is None:
        return "Feature"
    heading = FEATURES.get(identifier.rpartition(".")[0])
    return feature.text if heading is None else f"{heading.text.rstrip(':')}: {feature.text}"


def _setting(identifier: str) -> tuple[str, str]:
    """Return the meaning of a setting, and its unit: they stand in one text of the table."""
    text = FEATURES[identifier].text if identifier in FEATURES else "Setting"
    label, _, unit = text.rpartition(", ")
    return (label, unit) if unit in ("s", "bytes") else (text, "")


def _variable(name: str, rest: list[str | int], difference: FieldDifference, unit: str) -> str:
    if not rest:
        whole = msgspec.convert(difference.before or difference.after, VariableSetting)
        said = setting_words(whole, unit)
        return f"{name}: {said} -> not said" if difference.after is None else f"{name}: not said -> {said}"
    say: Say = _yes_no if rest == ["absent"] else _measured(unit)
    label = {"value": "", "min": ", least", "max": ", most", "values": ", values"}.get(str(rest[0]), f", {rest[0]}")
    if isinstance(difference.before, tuple) and isinstance(difference.after, tuple):
        return f"{name}{label}: {_lists(difference.before, difference.after, _plain)}"
    return _changed(f"{name}{label}", difference, say)


def setting_words(setting: VariableSetting, unit: str = "") -> str:
    """Return what a product says about a variable: `60 s, at least 1 s, at most 120 s`."""
    if setting.absent:
        return "absent"
    say = _measured(unit)
    parts = [say(setting.value)] if setting.value is not None else []
    if setting.min is not None:
        parts.append(f"at least {say(setting.min)}")
    if setting.max is not None:
        parts.append(f"at most {say(setting.max)}")
    if setting.values is not None:
        parts.append(f"one of {', '.join(setting.values)}")
    if setting.mutability is not None:
        parts.append(setting.mutability)
    return ", ".join(parts)


def _readers(before: Product, after: Product) -> str:
    one, other = _reader_places(before), _reader_places(after)
    gone, new = [place for place in one if place not in other], [place for place in other if place not in one]
    lack = f"B has no reader {_and(gone)}" if gone else "B has a reader"
    return f"RFID readers: {lack}" + (f"{', but one' if gone else ''} {_and(new)}" if new else "")


def _reader_places(product: Product) -> list[str]:
    match product.hardware.rfid_readers:
        case "None":
            return []
        case "Single":
            return ["for the whole station"]
        case "PerEVSE":
            return [f"at EVSE {evse.id}" for evse in product.evses]


def _evse(value: Value, owner: Product) -> str:
    evse = msgspec.convert(_listed(value), Evse)
    phases = f", {evse.phases} phase{'s' if evse.phases > 1 else ''}" if evse.phases else ""
    parts = [f"{evse.current}{phases}, {_kilowatts(evse.max_power_w)}"]
    parts += [f"connector {one.id}: {_connector(msgspec.to_builtins(one))}" for one in evse.connectors]
    parts += ["an RFID reader"] if owner.hardware.rfid_readers == "PerEVSE" else []
    return "; ".join(parts)


def _listed(value: Value) -> object:
    """Return an EVSE with its connectors as a list."""
    if isinstance(value, dict) and isinstance(connectors := value["connectors"], dict):
        return {**value, "connectors": list(connectors.values())}
    return value


def _connector(value: Value) -> str:
    connector = msgspec.convert(value, ProductConnector)
    current = f", {connector.current}" if connector.current else ""
    phases = f", {connector.phases} phase{'s' if connector.phases > 1 else ''}" if connector.phases else ""
    return f"{connector.type}, {connector.cable.lower()} cable{current}{phases}"


def _yes_no(value: Value) -> str:
    return "Yes" if value else "No"


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value)) or "none"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _measured(unit: str) -> Say:
    """Return how numbers of a unit are said; what is no number has none."""

    def say(value: Value) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{_plain(value)} {unit}".rstrip() if number else _plain(value)

    return say


def _kilowatts(value: Value) -> str:
    return f"{value / 1000:.15g} kW" if isinstance(value, int | float) else _plain(value)


def _phases(value: Value) -> str:
    return _plain(value) if value else "none"


FIELDS: Mapping[str, tuple[str, str, Say]] = {
    "name": ("", "Name of the product", _plain),
    "identity.vendor_name": ("", "Vendor name", _plain),
    "identity.model": ("", "Model", _plain),
    "identity.firmware_version": ("", "Firmware version", _plain),
    "identity.serial_number": ("", "Serial number", _plain),
    "identity.config_id": ("", "Config ID", _plain),
    "identity.image_hash": ("", "Hash of the firmware image", _plain),
    "hardware.max_power_w": ("", "Power of the station", _kilowatts),
    "hardware.communication": (Feature.COMMUNICATION, "Ways to reach the CSMS", _plain),
    "hardware.displays": (Feature.DISPLAYS, "Number of displays", _plain),
    "hardware.ventilated": ("", "Ventilation for EVs that need it", _yes_no),
    "hardware.subtype": ("", "Product subtype", _plain),
    "evses.current": ("", "current", _plain),
    "evses.phases": ("", "phases", _phases),
    "evses.max_power_w": ("", "power", _kilowatts),
    "evses.connectors.type": ("", "type", _plain),
    "evses.connectors.cable": ("", "cable", _plain),
    "evses.connectors.current": ("", "current of its own", _plain),
    "evses.connectors.phases": ("", "phases of its own", _phases),
    "security.profiles": ("", "Security", lambda value: f"profile {_plain(value)}"),
    "security.cipher_suites": (Feature.CIPHER_SUITES, "TLS cipher suites", _plain),
    "measurands.tx_started": (Feature.TX_STARTED_MEASURANDS, "Measurands sampled at the start", _plain),
    "measurands.tx_updated": (Feature.TX_UPDATED_MEASURANDS, "Measurands sampled during a transaction", _plain),
    "measurands.tx_ended": (Feature.TX_ENDED_MEASURANDS, "Measurands sampled for the end", _plain),
    "measurands.aligned": (Feature.ALIGNED_MEASURANDS, "Clock-aligned measurands", _plain),
    "measurands.aligned_tx_ended": (
        Feature.ALIGNED_TX_ENDED_MEASURANDS,
        "Clock-aligned measurands for the end",
        _plain,
    ),
    "certificate.holder": ("", "Certificate holder", _plain),
    "certificate.number": ("", "Certificate number", _plain),
    "certificate.product_designation": ("", "Product designation", _plain),
    "certificate.date": ("", "Certification date", _plain),
    "certificate.laboratory": ("", "Test laboratory", _plain),
    "certificate.location": ("", "Location of the laboratory", _plain),
    "certificate.report_reference": ("", "Test report reference", _plain),
    "certificate.reference_specification": ("", "Tested against", _plain),
    "certificate.tool_version": ("", "Version of the test tool", _plain),
    "certificate.tool_instance": ("", "Instance of the test tool", _plain),
    "certificate.product_type": ("", "Product type", _plain),
    **{
        f"certificate.tested_measurands.{field}": ("", f"Tested measurands, {words}", _plain)
        for field, words in (
            ("tx_started", "at the start"),
            ("tx_updated", "during a transaction"),
            ("tx_ended", "for the end"),
            ("aligned", "clock-aligned"),
            ("aligned_tx_ended", "clock-aligned for the end"),
        )
    },
    "performance.technology": ("", "Technology that the figures were measured over", _plain),
    **{
        f"performance.{figure}.{field}": ("", f"{words}, {part}", _measured("s"))
        for figure, words in (
            ("response", "Response time"),
            ("triggered", "Time to a triggered message"),
            ("start", "Time from a remote start to the transaction"),
            ("stop", "Time from a remote stop to the end"),
        )
        for field, part in (("limit", "limit"), ("min", "shortest"), ("max", "longest"), ("average", "average"))
    },
}
"""Fields of a product without those that have keys of their own: (id, what it is, how a value is said)."""
