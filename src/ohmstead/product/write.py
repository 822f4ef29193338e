"""A product as a TOML file that a person likes to read: grouped, each feature beside its meaning."""

from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Evse, HardwareFeatures, Measurands, Performance, Product

Scalar = str | int | float | bool
HEADINGS = {
    "identity": "Who the station says it is (BootNotification), and what its file keeps beside that.",
    "hardware": "What is built in; the EVSEs share max_power_w.",
    "security": "Security profiles, and cipher suites by their IANA names (C-41, C-61).",
    "measurands": "Measurands that each list may hold (C-40.1 to C-40.5).",
    "settings": "Limits and settings of the certificate, by id.",
    "variables": "What this product says about single variables of the device model.",
    "certificate": "Where this profile comes from; the abstract is printed from it.",
    "performance": "Figures of the certificate in seconds; an absent one was not measurable.",
}


def write(product: Product, remark: str = "") -> str:
    """Return the TOML text of a product; `load.parse` of it gives an equal product.

    `remark` becomes a comment at the top, line by line.
    """
    parts = [*_remark(remark), f"name = {_text(product.name)}", *([] if product.evses else ["evses = []"])]
    parts += _section("identity", _fields(product.identity))
    parts += _section("hardware", _hardware(product.hardware))
    parts += [line for evse in product.evses for line in _evse(evse)]
    parts += ["", "# Features of the certificate; one that is not listed is not supported.", "[features]"]
    parts += _features(product.features)
    parts += _section("security", _fields(product.security))
    parts += _section("measurands", _measurands(product.measurands))
    parts += _section("settings", _settings(product.settings))
    variables = [f"{_key(name)} = {_inline(_changed(setting))}" for name, setting in product.variables.items()]
    parts += _section("variables", variables)
    parts += _certificate(product)
    parts += _performance(product.performance)
    return "\n".join(parts) + "\n"


def _remark(remark: str) -> list[str]:
    # A comment may hold no control characters but the tab (TOML 1.0).
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in remark.splitlines())
    return [*(f"# {line}".rstrip() for line in lines), ""] if remark else []


def _section(name: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", f"# {HEADINGS[name]}", f"[{name}]", *found] if found else []


def _hardware(hardware: HardwareFeatures) -> Iterator[str]:
    usual = {"ventilated = false", 'subtype = ""'}
    return (line for line in _fields(hardware) if line not in usual)


def _evse(evse: Evse) -> Iterator[str]:
    yield from ("", "[[evses]]")
    yield from (f"{key} = {_value(value)}" for key, value in _scalars(evse) if (key, value) != ("phases", 0))
    yield "connectors = ["
    for connector in evse.connectors:
        fields = {key: value for key, value in _scalars(connector) if (key, value) != ("phases", 0)}
        yield f"    {_inline(fields)},"
    yield "]"


def _features(features: dict[str, bool]) -> Iterator[str]:
    group = ""
    for identifier, feature in FEATURES.items():
        if identifier not in features and not _heads(identifier, features):
            continue
        if feature.group != group:
            group = feature.group
            yield from ("", f"# {group}")
        if identifier not in features:
            yield f"# {identifier} {feature.text}:"
        else:
            answer = f"{_key(identifier)} = {_value(features[identifier])}"
            yield f"{answer:<16} # {feature.text}"
    # `load` refuses ids outside the table, but a product is more than what `load` made.
    yield from (f"{_key(name)} = {_value(claim)}" for name, claim in features.items() if name not in FEATURES)


def _heads(identifier: str, features: dict[str, bool]) -> bool:
    return FEATURES[identifier].kind == "heading" and any(name.startswith(f"{identifier}.") for name in features)


def _settings(settings: dict[str, str | int | float]) -> Iterator[str]:
    for identifier, value in settings.items():
        line = f"{_key(identifier)} = {_value(value)}"
        yield f"{line:<16} # {FEATURES[identifier].text}" if identifier in FEATURES else line


def _measurands(measurands: Measurands) -> Iterator[str]:
    for key in measurands.__struct_fields__:
        values: tuple[str, ...] = getattr(measurands, key)
        if values:
            yield f"{key} = {_array(values)}"


def _certificate(product: Product) -> list[str]:
    certificate = product.certificate
    lines = _section("certificate", (f"{key} = {_value(value)}" for key, value in _scalars(certificate) if value))
    if certificate.product_type == "":
        lines += [*([] if lines else ["", "[certificate]"]), 'product_type = ""']
    if certificate.results:
        results = (f"{_key(profile)} = {_text(result)}" for profile, result in certificate.results.items())
        lines += ["", "[certificate.results]", *results]
    if certificate.words:
        words = (f"{_key(place)} = {_text(text)}" for place, text in certificate.words.items())
        lines += ["", "# The paper's own words, where they were read otherwise.", "[certificate.words]", *words]
    tested = list(_measurands(certificate.tested_measurands))
    return lines + (["", "[certificate.tested_measurands]", *tested] if tested else [])


def _performance(performance: Performance) -> list[str]:
    lines = [f"technology = {_text(performance.technology)}"] if performance.technology else []
    for key in ("response", "triggered", "start", "stop"):
        figure = _changed(getattr(performance, key))
        if figure:
            lines.append(f"{key} = {_inline(figure)}")
    return _section("performance", lines)


def _fields(struct: msgspec.Struct) -> Iterator[str]:
    for key in struct.__struct_fields__:
        value = getattr(struct, key)
        yield f"{key} = {_array(value) if isinstance(value, tuple) else _value(value)}"


def _scalars(struct: msgspec.Struct) -> Iterator[tuple[str, Scalar]]:
    for key in struct.__struct_fields__:
        value = getattr(struct, key)
        if isinstance(value, str | int | float):
            yield key, value


def _changed(struct: msgspec.Struct) -> dict[str, Scalar | tuple[Scalar, ...]]:
    """Return the fields that are not at their default, in order."""
    defaults = type(struct)()
    pairs = ((key, getattr(struct, key), getattr(defaults, key)) for key in struct.__struct_fields__)
    return {key: value for key, value, default in pairs if value != default}


def _inline(fields: dict[str, Scalar | tuple[Scalar, ...]] | dict[str, Scalar]) -> str:
    pairs = (
        f"{_key(key)} = {_array(value) if isinstance(value, tuple) else _value(value)}" for key, value in fields.items()
    )
    inner = ", ".join(pairs)
    return f"{{ {inner} }}" if inner else "{}"


def _array(values: tuple[Scalar, ...]) -> str:
    line = f"[{', '.join(map(_value, values))}]"
    if len(line) <= 100:
        return line
    return "[\n" + "".join(f"    {_value(value)},\n" for value in values) + "]"


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _text(key)


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return repr(value)


def _text(text: str) -> str:
    escaped = (ESCAPES.get(character) or _character(character) for character in text)
    return f'"{"".join(escaped)}"'


ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _character(character: str) -> str:
    """Return a character that TOML does not allow, or that whoever reads it would not see, as its escape."""
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
