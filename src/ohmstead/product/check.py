"""What must hold within a product beyond the types of its fields."""

import math
import re
from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.product.exclusions import exclusions
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import (
    CIPHER_SUITES,
    CONNECTOR_TYPES,
    FEATURES,
    FILE_PROTOCOLS,
    MEASURANDS,
    PROFILES,
    SUITE_PAIRS,
    TIME_SOURCES,
    has_pair,
)
from ohmstead.product.profile import Evse, Figure, Product, VariableSetting

VARIABLE = re.compile(r"[A-Za-z0-9]{1,50}(\[[^\[\]]{1,50}\])?\.[A-Za-z0-9]{1,50}(\[[^\[\]]{1,50}\])?")
"""`Component.Variable`, each with an instance in brackets where it has one."""
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

MOST_INTERFACES = 4


class ProductProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a product."""

    where: str
    """Key path: `evses[0].phases`."""
    wrong: str
    right: str


def problems(product: Product) -> Iterator[ProductProblem]:
    """Yield what contradicts itself, is out of range or is unknown in a product."""
    if not NAME.fullmatch(product.name):
        yield ProductProblem("name", f"{product.name!r} is no name", "lower-case letters and digits, joined by hyphens")
    yield from _identity(product)
    yield from _hardware(product)
    for index, evse in enumerate(product.evses):
        yield from _evse(index, evse)
    yield from _features(product)
    yield from _against_hardware(product)
    yield from _security(product)
    yield from _measurands(product)
    yield from _settings(product)
    for name, setting in product.variables.items():
        yield from _variable(name, setting)
    yield from _certificate(product)


def _identity(product: Product) -> Iterator[ProductProblem]:
    identity = product.identity
    limits = (
        ("vendor_name", identity.vendor_name, 1, 50),
        ("model", identity.model, 1, 20),
        ("firmware_version", identity.firmware_version, 0, 50),
        ("serial_number", identity.serial_number, 0, 25),
    )
    for key, text, least, most in limits:
        if not least <= len(text) <= most:
            yield ProductProblem(f"identity.{key}", f"{len(text)} characters", f"{least} to {most}")


def _hardware(product: Product) -> Iterator[ProductProblem]:
    hardware = product.hardware
    if not _positive(hardware.max_power_w):
        yield ProductProblem("hardware.max_power_w", f"{hardware.max_power_w}", "more than 0 W")
    if not hardware.communication:
        yield ProductProblem("hardware.communication", "no way to reach a CSMS", 'at least one, such as "Ethernet"')
    for kind in ("Wired", "Wireless"):
        if sum(name.startswith(kind) for name in product.interfaces) > MOST_INTERFACES:
            right = f"at most {MOST_INTERFACES} of a kind (OCPPInterfaceEnumType)"
            yield ProductProblem("hardware.communication", f"more than {MOST_INTERFACES} are {kind}", right)
    if hardware.displays < 0:
        yield ProductProblem("hardware.displays", f"{hardware.displays}", "0 or more")
    if [evse.id for evse in product.evses] != list(range(1, len(product.evses) + 1)) or not product.evses:
        ids = ", ".join(str(evse.id) for evse in product.evses) or "no EVSE"
        yield ProductProblem("evses", f"ids are {ids}", "1, 2, 3 ... without a gap, at least one")


def _evse(index: int, evse: Evse) -> Iterator[ProductProblem]:
    where = f"evses[{index}]"
    ids = [connector.id for connector in evse.connectors]
    if ids != list(range(1, len(ids) + 1)) or not ids:
        wrong = ", ".join(map(str, ids)) or "no connector"
        yield ProductProblem(f"{where}.connectors", f"ids are {wrong}", "1, 2, 3 ... without a gap, at least one")
    allowed = (0,) if evse.current == "DC" else (1, 2, 3)
    if evse.phases not in allowed:
        right = "0" if evse.current == "DC" else "1, 2 or 3"
        yield ProductProblem(f"{where}.phases", f"{evse.phases} phases of {evse.current}", right)
    for number, connector in enumerate(evse.connectors):
        other = connector.current not in (None, evse.current)
        beside = other and connector.current == "AC"
        if connector.phases not in ((1, 2, 3) if beside else (0,)):
            wrong = f"{connector.phases} phases of {connector.current or f'the {evse.current} of its EVSE'}"
            right = "1, 2 or 3" if beside else "none: the EVSE says them"
            yield ProductProblem(f"{where}.connectors[{number}].phases", wrong, right)
    if not _positive(evse.max_power_w):
        yield ProductProblem(f"{where}.max_power_w", f"{evse.max_power_w}", "more than 0 W")
    for number, connector in enumerate(evse.connectors):
        if connector.type not in CONNECTOR_TYPES:
            right = f"one of {', '.join(CONNECTOR_TYPES)}"
            yield ProductProblem(
                f"{where}.connectors[{number}].type", f"unknown connector type {connector.type!r}", right
            )


def _features(product: Product) -> Iterator[ProductProblem]:
    for identifier in product.features:
        feature = FEATURES.get(identifier)
        if feature is None:
            yield ProductProblem(
                f"features.{identifier}", "unknown feature", "an id of the certificate, such as C-09.1"
            )
        elif feature.kind != "flag":
            place = "a heading" if feature.kind == "heading" else "a value, kept elsewhere in the product"
            yield ProductProblem(f"features.{identifier}", f"{feature.text!r} is {place}", "no such line")
    if not product.start_points:
        yield ProductProblem("features", "no transaction can start", "one of C-09.1 to C-09.6 true")
    if not product.stop_points:
        yield ProductProblem("features", "no transaction can stop", "one of C-10.1 to C-10.5 true")
    for feature in Feature:
        if feature.needs and product.has(feature) and not product.features.get(feature.needs):
            yield ProductProblem(f"features.{feature}", f"true without {feature.needs}", f"both, or {feature} false")


def _against_hardware(product: Product) -> Iterator[ProductProblem]:
    cables = {connector.cable for evse in product.evses for connector in evse.connectors}
    types = [connector.type for evse in product.evses for connector in evse.connectors]
    currents = {evse.current_of(connector) for evse in product.evses for connector in evse.connectors}
    # A DC EVSE may have an AC socket beside its cable, though its connector does not say so.
    sockets = any(name.startswith(("s", "Other", "cType")) for name in types) and product.has(Feature.AC)
    phases = {evse.phases_of(connector) for evse in product.evses for connector in evse.connectors}
    facts = (
        (Feature.DETACHABLE_CABLE, "Detachable" in cables, "a detachable cable"),
        (Feature.FIXED_CABLE, "Fixed" in cables, "a fixed cable"),
        (Feature.AC, "AC" in currents or sockets, "AC"),
        (Feature.DC, "DC" in currents, "DC"),
    )
    for identifier, fact, what in facts:
        claim = product.features.get(identifier)
        if claim is not None and claim is not fact:
            wrong = f"{str(claim).lower()}, but {'an' if fact else 'no'} EVSE has {what}"
            yield ProductProblem(f"features.{identifier}", wrong, str(fact).lower())
    for count, identifier in ((1, Feature.ONE_PHASE), (2, Feature.TWO_PHASES), (3, Feature.THREE_PHASES)):
        if count in phases and product.features.get(identifier) is False:
            yield ProductProblem(f"features.{identifier}", f"false, and an EVSE has {count} phases", "true")
    for one in exclusions():
        if product.has(one.feature) and one.holds(product):
            yield ProductProblem(f"features.{one.feature}", *one.words)
    if product.hardware.subtype and product.has(Feature.IEC61851_MODE_3):
        wrong = f"true, and the subtype is {product.hardware.subtype}"
        yield ProductProblem(f"features.{Feature.IEC61851_MODE_3}", wrong, "false: modes 1 and 2 have no control pilot")


def _security(product: Product) -> Iterator[ProductProblem]:
    profiles, suites = product.security.profiles, product.security.cipher_suites
    if not profiles or not set(profiles) <= {1, 2, 3} or list(profiles) != sorted(set(profiles)):
        yield ProductProblem("security.profiles", f"{list(profiles)}", "some of 1, 2, 3, in order")
    elif (1 in profiles) != product.has(Feature.SECURITY_PROFILE_1):
        claim = "true" if product.has(Feature.SECURITY_PROFILE_1) else "false"
        yield ProductProblem(
            "security.profiles", f"{list(profiles)} while C-61 is {claim}", "profile 1 exactly with C-61"
        )
    unknown = [suite for suite in suites if suite not in CIPHER_SUITES]
    if unknown:
        yield ProductProblem(
            "security.cipher_suites", f"unknown {', '.join(unknown)}", f"some of {', '.join(CIPHER_SUITES)}"
        )
    if set(profiles) & {2, 3} and not has_pair(suites):
        right = " or ".join(" and ".join(pair) for pair in SUITE_PAIRS)
        wrong = f"{', '.join(suites) or 'none'}: no pair that a station with TLS has to offer (A00.FR.319)"
        yield ProductProblem("security.cipher_suites", wrong, f"{right} among them")


def _measurands(product: Product) -> Iterator[ProductProblem]:
    lists = (
        ("measurands", product.measurands),
        ("certificate.tested_measurands", product.certificate.tested_measurands),
    )
    for place, measurands in lists:
        for key in measurands.__struct_fields__:
            values: tuple[str, ...] = getattr(measurands, key)
            unknown = [value for value in values if value not in MEASURANDS]
            if unknown:
                yield ProductProblem(f"{place}.{key}", f"unknown {', '.join(unknown)}", "values of MeasurandEnumType")


def _settings(product: Product) -> Iterator[ProductProblem]:
    for identifier, value in product.settings.items():
        if identifier not in FEATURES or FEATURES[identifier].group != "Settings":
            yield ProductProblem(
                f"settings.{identifier}", "unknown setting", "an id of the certificate, such as ORS-12"
            )
        elif identifier != Feature.FILE_TRANSFER_PROTOCOLS and (not isinstance(value, int | float) or value < 0):
            yield ProductProblem(f"settings.{identifier}", f"{value!r}", "a number, 0 or more")
    if not set(product.time_sources) <= set(TIME_SOURCES):
        right = f"some of {', '.join(TIME_SOURCES)}"
        yield ProductProblem(f"variables.{Feature.TIME_SOURCES.component}", ", ".join(product.time_sources), right)
    protocols = product.file_protocols
    if not protocols or not set(protocols) <= set(FILE_PROTOCOLS):
        right = f"some of {', '.join(FILE_PROTOCOLS)}"
        yield ProductProblem(f"settings.{Feature.FILE_TRANSFER_PROTOCOLS}", ", ".join(protocols) or "none", right)
    for least, most in (
        (Feature.HEARTBEAT_INTERVAL_MIN, Feature.HEARTBEAT_INTERVAL_MAX),
        (Feature.PING_INTERVAL_MIN, Feature.PING_INTERVAL_MAX),
        (Feature.PING_INTERVAL_MIN, Feature.PING_INTERVAL),
        (Feature.PING_INTERVAL, Feature.PING_INTERVAL_MAX),
    ):
        low, high = product.settings.get(least), product.settings.get(most)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high and 0 not in (low, high):
            yield ProductProblem(f"settings.{least}", f"{low} is above {most}, {high}", f"at most {high}")


def _variable(name: str, setting: VariableSetting) -> Iterator[ProductProblem]:
    where = f"variables.{name}"
    if not VARIABLE.fullmatch(name):
        yield ProductProblem(where, "no name of a variable", "Component.Variable or Component.Variable[instance]")
    if setting.min is not None and setting.max is not None and setting.min > setting.max:
        yield ProductProblem(f"{where}.min", f"{setting.min} is above max, {setting.max}", f"at most {setting.max}")
    if not all(math.isfinite(limit) for limit in (setting.min, setting.max) if limit is not None):
        yield ProductProblem(where, "a limit is not finite", "finite min and max")
    value = setting.value
    # WebSocketPingInterval says 0 for "no pings" (Part 4, 5.3), whatever its limits are.
    if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
        low = -math.inf if setting.min is None else setting.min
        high = math.inf if setting.max is None else setting.max
        if not low <= value <= high:
            yield ProductProblem(f"{where}.value", f"{value}", f"{low} to {high}")


def _certificate(product: Product) -> Iterator[ProductProblem]:
    for profile, result in product.certificate.results.items():
        where = f"certificate.results.{profile}"
        if profile not in PROFILES:
            yield ProductProblem(where, "unknown certification profile", f"one of {', '.join(PROFILES)}")
        if result not in ("Pass", "Fail", "Not Tested"):
            yield ProductProblem(where, f"{result!r}", "Pass, Fail or Not Tested")
    performance = product.performance
    figures = (performance.response, performance.triggered, performance.start, performance.stop)
    for key, figure in zip(("response", "triggered", "start", "stop"), figures, strict=True):
        if any(not _sensible(number) for number in _numbers(figure)):
            yield ProductProblem(f"performance.{key}", "a figure is negative or not finite", "seconds, 0 or more")


def _numbers(figure: Figure) -> Iterable[float]:
    return (number for number in (figure.limit, figure.min, figure.max, figure.average) if number is not None)


def _sensible(number: float) -> bool:
    return math.isfinite(number) and number >= 0


def _positive(number: float) -> bool:
    return math.isfinite(number) and number > 0
