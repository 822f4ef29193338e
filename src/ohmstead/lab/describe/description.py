"""A product out of what a station has said and a person has answered; each line knows where it comes from.

What neither told is assumed to be as little as a station can do, and marked: a claim picks cases.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from ohmstead.lab.client_hello import SUITES
from ohmstead.lab.describe.claims import Claim, shown
from ohmstead.lab.describe.hardware import Ask, EvseReader
from ohmstead.lab.describe.inquiry import StationFound
from ohmstead.lab.describe.questions import ASKED_ALWAYS, READERS, StationQuestion, one_of, profiles, tokens
from ohmstead.lab.describe.variables import anywhere
from ohmstead.product.exclusions import exclusions
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import CIPHER_SUITES, FEATURES, FILE_PROTOCOLS, MEASURANDS, TIME_SOURCES
from ohmstead.product.profile import (
    Evse,
    HardwareFeatures,
    Identity,
    Measurands,
    Product,
    Security,
    VariableSetting,
)
from ohmstead.product.token_types import CARDS, LOCAL_START, LOCAL_STOP, REMOTE_START

NOT_SEEN = "assumed: not seen"
LISTS = {
    "tx_started": "SampledDataCtrlr.TxStartedMeasurands",
    "tx_updated": "SampledDataCtrlr.TxUpdatedMeasurands",
    "tx_ended": "SampledDataCtrlr.TxEndedMeasurands",
    "aligned": "AlignedDataCtrlr.Measurands",
    "aligned_tx_ended": "AlignedDataCtrlr.TxEndedMeasurands",
}
"""Field of Measurands -> its variable."""
NUMBERS = {
    **dict.fromkeys(("ORS-1", "ORS-2", "ORS-3", "ORS-4", "ORS-5", "ORS-6", "ORS-16", "ORS-18"), "value"),
    **dict.fromkeys(("ORS-11", "ORS-14"), "min"),
    **dict.fromkeys(("ORS-12", "ORS-15", "ORS-17"), "max"),
}
"""Setting of the certificate -> what of its variable says it."""
NEEDED_ONE_OF = (
    (("C-09.1", "C-09.2", "C-09.4", "C-09.5", "C-09.6"), ("C-09.4",)),
    (("C-10.1", "C-10.2", "C-10.3", "C-10.4", "C-10.5"), ("C-10.1", "C-10.2")),
    (("C-06.1", "C-06.2"), ("C-06.2",)),
    (("C-12.1", "C-12.2"), ("C-12.2",)),
    (("C-48.1", "C-48.2"), ("C-48.2",)),
)
"""Of these features a station has at least one -> what is assumed where none is seen."""
TLS_PROFILES = frozenset({2, 3})
REGISTRY = {0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256"}
MORE_OF_TLS12 = {
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0x009E: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    0x009F: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
}
NAMES = {f"0x{number:04X}": name for number, name in {**REGISTRY, **MORE_OF_TLS12}.items()}
"""Suites as a ClientHello is read -> their names in the registry."""


ALONE = (
    *("AuthCtrlr.SupportedIdTokenTypes", "AuthCtrlr.MasterPassGroupId", "ClockCtrlr.TimeSource"),
    *("EVSE#1.SupplyPhases", "Connector#1/1.ConnectorType", "EVSE#2.SupplyPhases", "Connector#2/1.ConnectorType"),
)


def known_keys() -> list[str]:
    """Return the variables beside those of features that a description reads."""
    settings = (FEATURES[name].component for name in (*NUMBERS, Feature.FILE_TRANSFER_PROTOCOLS))
    return list(dict.fromkeys((*ALONE, *LISTS.values(), *settings)))


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A product, and where each of its lines comes from."""

    product: Product
    sources: dict[str, str]
    """Key path as in the file (`features.C-49`) -> `seen: ...`, `told`, `assumed ...`."""

    @property
    def assumed(self) -> int:
        """How many lines nobody told."""
        return sum(source.startswith("assumed") for source in self.sources.values())


def describe(found: StationFound, ask: Ask) -> Description:
    """Return the product that a station is.

    Args:
        found: what it has said.
        ask: answers a question, or returns what is usual.
    """
    return _Describer(found, ask).describe()


class _Describer:
    def __init__(self, found: StationFound, ask: Ask) -> None:
        self._found = found
        self._ask = ask
        self.sources: dict[str, str] = {}
        self._features: dict[str, bool] = {}

    def describe(self) -> Description:
        """Go through the sections of a product file."""
        identity = self._identity()
        evses = EvseReader(self._found, self._ask).read()
        self.sources.update(evses.sources)
        answers = {question.name: self._ask(question) for question in ASKED_ALWAYS}
        for name in ("displays", "communication"):
            self.sources[f"hardware.{name}"] = answers[name].source
        displays, ways = answers["displays"].value, answers["communication"].value
        self._flags(shown(self._found))
        for name, reply in answers.items():
            if name in FEATURES:
                self._say(name, bool(reply.value), reply.source)
        readers = self._tokens()
        security = self._security()
        self._hardware(evses.evses, has_display=displays != 0)
        self._settle()
        self.sources["hardware.max_power_w"] = "assumed: the sum of the EVSEs"
        product = Product(
            name="-".join(re.findall(r"[a-z0-9]+", identity.model.lower())) or "station",
            identity=identity,
            hardware=HardwareFeatures(
                max_power_w=sum(evse.max_power_w for evse in evses.evses),
                communication=tuple(map(str, ways)) if isinstance(ways, tuple) else ("Ethernet",),
                rfid_readers=readers,
                displays=int(displays) if isinstance(displays, int | float) else 0,
            ),
            evses=evses.evses,
            features=self._features,
            security=security,
            measurands=self._measurands(),
            settings=self._settings(),
            variables=self._variables(),
        )
        return Description(product=self._possible(product), sources=self.sources)

    def _possible(self, product: Product) -> Product:
        """Take back what the product's own hardware, or another answer, excludes."""
        for excluded in exclusions():
            if product.has(excluded.feature) and excluded.holds(product):
                self._say(excluded.feature.id, False, f"assumed: it cannot be beside {excluded.other}")
                product = msgspec.structs.replace(product, features=dict(self._features))
        return product

    def _say(self, feature: str, holds: bool, source: str) -> None:
        self._features[feature] = holds
        self.sources[f"features.{feature}"] = source

    def _identity(self) -> Identity:
        boot = self._found.boot
        if boot is not None:
            station = boot.charging_station
            keys = ("vendor_name", "model", "firmware_version", "serial_number")
            self.sources.update({f"identity.{key}": "seen: BootNotification" for key in keys if getattr(station, key)})
            return Identity(
                vendor_name=station.vendor_name,
                model=station.model,
                firmware_version=station.firmware_version or "",
                serial_number=station.serial_number or "",
            )
        words = {}
        for key, text, most in (("vendor_name", "Vendor name", 50), ("model", "Model", 20)):
            reply = self._ask(StationQuestion(name=key, text=text, usual="unknown", read=lambda text: text.strip()))
            words[key] = str(reply.value)[:most] or "unknown"
            self.sources[f"identity.{key}"] = reply.source
        return Identity(vendor_name=words["vendor_name"], model=words["model"])

    def _flags(self, claims: dict[Feature, Claim]) -> None:
        for feature in FEATURES.values():
            if feature.kind == "flag" and "(asked of a CSMS)" not in feature.text and feature.group != "Hardware":
                claim = claims.get(feature, Claim(False, NOT_SEEN))
                self._say(feature.id, claim.holds, claim.source)

    def _tokens(self) -> Literal["None", "Single", "PerEVSE"]:
        """Say which tokens are taken for what; returns the readers."""
        variables = self._found.variables
        seen = anywhere(variables, "AuthCtrlr.SupportedIdTokenTypes")
        places = {key.partition(".")[0] for key in variables if key.startswith("TokenReader")}
        if places:
            readers, source = ("PerEVSE" if any("#" in place for place in places) else "Single"), "seen: TokenReader"
        else:
            reply = self._ask(
                StationQuestion(
                    name="readers", text="RFID readers: none, single, per-evse", usual="single", read=one_of(READERS)
                )
            )
            readers, source = str(reply.value), reply.source
        self.sources["hardware.rfid_readers"] = source
        if seen and seen[0].options:
            kinds, source = seen[0].options, "seen: AuthCtrlr.SupportedIdTokenTypes"
        else:
            usual = "ISO14443" if readers != "None" else "Central"
            text = "Tokens: ISO14443, ISO15693, KeyCode, Local, MacAddress, NoAuthorization, Central"
            reply = self._ask(StationQuestion(name="tokens", text=text, usual=usual, read=tokens))
            kinds, source = tuple(map(str, reply.value)) if isinstance(reply.value, tuple) else (), reply.source
        for table in (LOCAL_START, LOCAL_STOP, REMOTE_START):
            for kind, feature in table.items():
                no_reader = kind in CARDS and readers == "None" and table is not REMOTE_START
                self._say(feature, kind in kinds and not no_reader, source)
        return "None" if readers == "None" else "PerEVSE" if readers == "PerEVSE" else "Single"

    def _security(self) -> Security:
        usual = str(self._found.security_profile)
        reply = self._ask(
            StationQuestion(name="profiles", text="Security profiles, such as 1,2", usual=usual, read=profiles)
        )
        given = reply.value if isinstance(reply.value, tuple) else (self._found.security_profile,)
        has = tuple(sorted(int(one) for one in given if isinstance(one, int)))
        self.sources["security.profiles"] = (
            reply.source
            if has != (self._found.security_profile,)
            else "seen: how it connected; add those that it has besides"
        )
        offered = (NAMES.get(suite.upper().replace("X", "x"), suite) for suite in self._found.suites)
        suites = tuple(suite for suite in dict.fromkeys(offered) if suite in CIPHER_SUITES)
        source = "seen: its ClientHello"
        if not suites and TLS_PROFILES & set(has):
            suites, source = tuple(SUITES.values()), "assumed: those of OCPP; no ClientHello was seen"
        self.sources["security.cipher_suites"] = source if suites else "assumed: none without TLS"
        self._say(Feature.SECURITY_PROFILE_1, 1 in has, self.sources["security.profiles"])
        return Security(profiles=has, cipher_suites=suites)

    def _hardware(self, evses: Iterable[Evse], *, has_display: bool) -> None:
        """Say what follows from the EVSEs."""
        every = list(evses)
        cables = {connector.cable for evse in every for connector in evse.connectors}
        types = [connector.type for evse in every for connector in evse.connectors]
        phases = {evse.phases_of(connector) for evse in every for connector in evse.connectors}
        currents = {evse.current_of(connector) for evse in every for connector in evse.connectors}
        alternating = "AC" in currents
        follows = "follows from the EVSEs"
        facts = {
            Feature.DETACHABLE_CABLE: "Detachable" in cables,
            Feature.FIXED_CABLE: "Fixed" in cables,
            Feature.AC: alternating,
            Feature.DC: "DC" in currents,
            Feature.ONE_PHASE: 1 in phases,
            Feature.TWO_PHASES: 2 in phases,
            Feature.THREE_PHASES: 3 in phases,
        }
        for feature, holds in facts.items():
            self._say(feature, holds, follows)
        assumed = f"assumed: {follows}"
        self._say(Feature.PHASES_MISSING, alternating and not {1, 2, 3} <= phases, assumed)
        self._say(Feature.IEC61851_MODE_3, alternating, assumed)
        self._say(Feature.STATION_SIDE_MOTOR_LOCK, any(one in ("sType2", "sType3") for one in types), assumed)
        if anywhere(self._found.variables, "AuthCtrlr.MasterPassGroupId"):
            has, lacks = Feature.MASTER_PASS_WITH_UI, Feature.MASTER_PASS_WITHOUT_UI
            if not has_display:
                has, lacks = lacks, has
            self._say(has, True, "seen: AuthCtrlr.MasterPassGroupId")
            self._say(lacks, False, "seen: AuthCtrlr.MasterPassGroupId")

    def _settle(self) -> None:
        """Take back what means nothing by itself, and assume what no station can be without."""
        for several, usual in NEEDED_ONE_OF:
            if not any(self._features.get(one) for one in several):
                for one in usual:
                    self._say(one, True, "assumed: a station has at least one of them")
        pruned = True
        while pruned:
            pruned = False
            for name, holds in list(self._features.items()):
                need = FEATURES[name].needs
                if holds and need and not self._features.get(need):
                    self._say(name, False, f"assumed: it means nothing without {need}")
                    pruned = True

    def _measurands(self) -> Measurands:
        lists = {}
        for key, name in LISTS.items():
            seen = anywhere(self._found.variables, name)
            lists[key] = tuple(one for one in (seen[0].options if seen else ()) if one in MEASURANDS)
            if lists[key]:
                self.sources[f"measurands.{key}"] = f"seen: {name}"
        return Measurands(**lists)

    def _settings(self) -> dict[str, str | int | float]:
        settings: dict[str, str | int | float] = {}
        for name, attribute in NUMBERS.items():
            seen = anywhere(self._found.variables, FEATURES[name].component)
            value = getattr(seen[0], attribute) if seen else None
            if isinstance(value, str):
                value = float(value) if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", value) else None
            if isinstance(value, float) and 0 <= value < 1e9:
                settings[name] = int(value) if value.is_integer() else value
                self.sources[f"settings.{name}"] = f"seen: {FEATURES[name].component}"
        for low, high in (("ORS-11", "ORS-12"), ("ORS-14", "ORS-15"), ("ORS-14", "ORS-16"), ("ORS-16", "ORS-15")):
            one, other = settings.get(low), settings.get(high)
            if isinstance(one, int | float) and isinstance(other, int | float) and one > other:
                del settings[low]
        name = Feature.FILE_TRANSFER_PROTOCOLS
        seen = anywhere(self._found.variables, name.component)
        protocols = [one for one in (seen[0].options if seen else ()) if one in FILE_PROTOCOLS]
        if protocols:
            settings[name.id] = " ".join(protocols)
            self.sources[f"settings.{name}"] = f"seen: {name.component}"
        return settings

    def _variables(self) -> dict[str, VariableSetting]:
        variables: dict[str, VariableSetting] = {}
        for name, prefix in (("TxCtrlr.TxStartPoint", "C-09."), ("TxCtrlr.TxStopPoint", "C-10.")):
            seen = anywhere(self._found.variables, name)
            has = {FEATURES[one].text for one, holds in self._features.items() if holds and one.startswith(prefix)}
            value = re.sub(r"\s", "", seen[0].value or "") if seen else ""
            if value and set(value.split(",")) <= has:
                variables[name] = VariableSetting(value=value)
                self.sources[f"variables.{name}"] = "seen"
        sources = anywhere(self._found.variables, Feature.TIME_SOURCES.component)
        known = tuple(one for one in (sources[0].options if sources else ()) if one in TIME_SOURCES)
        if known:
            variables[Feature.TIME_SOURCES.component] = VariableSetting(values=known)
            self.sources[f"variables.{Feature.TIME_SOURCES.component}"] = "seen"
        return variables
