"""The product profile: what one charging station is, as frozen data decoded from a product TOML file.

Nothing else in the code knows a product's name. Feature ids are those of the certificate (`C-09.1`, `HFS-9`, `AQ-2`).
"""

import re
from typing import Literal

import msgspec

from ohmstead.product.feature_table import Feature

USUAL_PROFILES = (2, 3, 1)
"""Security profiles in the order in which they are preferred: TLS and a password need nothing of the station's own."""

FILE_PROTOCOLS = "HTTP HTTPS FTP FTPS"
"""What a product that says nothing of it has."""


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who the station says it is in BootNotification, and what its product file keeps beside that."""

    vendor_name: str
    """At most 50 characters (ChargingStationType.vendorName)."""
    model: str
    """At most 20 characters (ChargingStationType.model)."""
    firmware_version: str = ""
    """At most 50 characters (ChargingStationType.firmwareVersion); empty: none is claimed."""
    serial_number: str = ""
    """At most 25 characters; empty: the identity of the station stands in."""
    config_id: str = ""
    image_hash: str = ""


class ProductConnector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One connector of an EVSE."""

    id: int
    type: str
    """ConnectorEnumType of the appendix: `cCCS1`, `cTesla`, `sType2` ..."""
    cable: Literal["Fixed", "Detachable"] = "Fixed"
    current: Literal["DC", "AC"] | None = None
    """Where it is another one than that of its EVSE: an AC connector beside a DC cable."""
    phases: int = 0
    """Of such a connector, if it is AC."""


class Evse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One EVSE with its connectors."""

    id: int
    current: Literal["DC", "AC"]
    connectors: tuple[ProductConnector, ...]
    phases: int = 0
    """SupplyPhases: 0 is DC, else 1, 2 or 3."""
    max_power_w: float = 0.0

    def current_of(self, connector: ProductConnector) -> Literal["DC", "AC"]:
        """Return what flows at a connector."""
        return connector.current or self.current

    def phases_of(self, connector: ProductConnector) -> int:
        """Return how many phases a connector has; 0: it is DC."""
        return self.phases if connector.current in (None, self.current) else connector.phases


class HardwareFeatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The hardware feature set, as far as it is not said by the EVSEs."""

    max_power_w: float
    """What the whole station can give; the EVSEs share it."""
    communication: tuple[str, ...] = ("Ethernet",)
    """`Ethernet`, `Mobile network`, `Wi-Fi`, in the order of the certificate; each is one network interface."""
    rfid_readers: Literal["None", "Single", "PerEVSE"] = "Single"
    displays: int = 1
    ventilated: bool = False
    """Whether EVs that need ventilation get it, and energy (state D of IEC 61851-1); no certificate says it."""
    subtype: Literal["", "Mode 1/2-only"] = ""
    """Of the product, where a certificate of edition 4 says one: AC outlets without a control pilot."""


class Security(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Security profiles and cipher suites (the names of the IANA registry)."""

    profiles: tuple[int, ...]
    cipher_suites: tuple[str, ...]

    @property
    def usual_profile(self) -> int:
        """The security profile in which a station begins where nobody says another: TLS first, then what is left."""
        return next((profile for profile in USUAL_PROFILES if profile in self.profiles), USUAL_PROFILES[0])


class Measurands(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Supported measurands per list (C-40.1 to C-40.5)."""

    tx_started: tuple[str, ...] = ()
    tx_updated: tuple[str, ...] = ()
    tx_ended: tuple[str, ...] = ()
    aligned: tuple[str, ...] = ()
    aligned_tx_ended: tuple[str, ...] = ()


class VariableSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a product says about one variable; None leaves the declaration of the device model as it is."""

    value: str | int | float | bool | None = None
    mutability: Literal["ReadOnly", "ReadWrite", "WriteOnly"] | None = None
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] | None = None
    absent: bool = False
    """True: the station does not have this variable, whatever its features say."""


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of the performance tables, in seconds; None is `not measurable`."""

    limit: float | None = None
    min: float | None = None
    max: float | None = None
    average: float | None = None


class Performance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The four figures of the certificate and the technology that they were measured over."""

    technology: str = ""
    response: Figure = Figure()
    triggered: Figure = Figure()
    start: Figure = Figure()
    stop: Figure = Figure()


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the profile comes from, kept so that the abstract can be printed again."""

    holder: str = ""
    number: str = ""
    product_designation: str = ""
    date: str = ""
    laboratory: str = ""
    location: str = ""
    report_reference: str = ""
    reference_specification: str = ""
    results: dict[str, str] = {}
    """Certification profile -> `Pass`, `Fail` or `Not Tested`."""
    tool_version: str = ""
    tool_instance: str = ""
    product_type: str = "Charging Station"
    tested_measurands: Measurands = Measurands()
    """What the laboratory tested; `Product.measurands` is what the vendor says that the station supports."""
    words: dict[str, str] = {}
    """The paper's own words by id, `EVSE 1.2` for a connector, where they were read otherwise."""


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One charging station product."""

    name: str
    """The name of its TOML file, lower case: `sec1000-240y`."""
    identity: Identity
    hardware: HardwareFeatures
    evses: tuple[Evse, ...]
    features: dict[str, bool]
    """Feature id -> supported; an id that is absent is not supported."""
    security: Security
    measurands: Measurands = Measurands()
    settings: dict[str, str | int | float] = {}
    """Other relevant settings by id: `ORS-12` -> 1800."""
    variables: dict[str, VariableSetting] = {}
    """`Component.Variable` or `Component.Variable[instance]` -> what this product says about it."""
    certificate: Certificate = Certificate()
    performance: Performance = Performance()

    def has(self, feature: Feature) -> bool:
        """Say whether the product supports a feature of the certificate."""
        return self.features.get(feature, False)

    def has_lock(self, connector: ProductConnector) -> bool:
        """Say whether a motor holds a cable in a connector: AQ-18, which every socket of type 2 or 3 implies."""
        if connector.cable == "Fixed":
            return False
        return self.has(Feature.STATION_SIDE_MOTOR_LOCK) or connector.type in ("sType2", "sType3")

    @property
    def chooses_evse(self) -> bool:
        """Whether a driver has to choose an EVSE before showing a token (AQ-8); a single one, or its reader, is chosen.

        At the display, or by a button beside each EVSE where there is none.
        """
        named = len(self.evses) == 1 or self.hardware.rfid_readers == "PerEVSE"
        return self.has(Feature.EVSE_CHOSEN_BEFORE_AUTHORIZATION) and not named

    def certified(self, certification_profile: str) -> bool:
        """Say whether the product passed a certification profile of Part 5: `Core`, `Smart Charging` ..."""
        return self.certificate.results.get(certification_profile) == "Pass"

    def setting(self, identifier: Feature, default: int) -> int:
        """Return a whole-number setting of the certificate (ORS-...), or the default where it is absent."""
        value = self.settings.get(identifier, default)
        return int(value)

    @property
    def interfaces(self) -> dict[str, str]:
        """Network interfaces by their names of OCPPInterfaceEnumType, with the technology of each (HFS-9).

        `Wired0` ... for Ethernet, `Wireless0` ... for what has no cable.
        """
        names: dict[str, str] = {}
        for technology in self.hardware.communication or ("Ethernet",):
            kind = "Wired" if technology == "Ethernet" else "Wireless"
            names[f"{kind}{sum(name.startswith(kind) for name in names)}"] = technology
        return names

    @property
    def file_protocols(self) -> tuple[str, ...]:
        """Protocols over which files travel, in the order of the product (ORS-24)."""
        own = self.variables.get(Feature.FILE_TRANSFER_PROTOCOLS.component, VariableSetting()).value
        text = self.settings.get(Feature.FILE_TRANSFER_PROTOCOLS, FILE_PROTOCOLS) if own is None else own
        return tuple(re.findall(r"[A-Za-z0-9]+", str(text)))

    @property
    def time_sources(self) -> tuple[str, ...]:
        """Sources of the time of day, in the order of the product (C-23); the CSMS where it says nothing."""
        own = self.variables.get(Feature.TIME_SOURCES.component, VariableSetting())
        listed = own.values or tuple(re.findall(r"[A-Za-z]+", str(own.value or "")))
        return listed or ("Heartbeat",)

    @property
    def start_points(self) -> tuple[str, ...]:
        """TxStartPoint values that the product supports (C-09)."""
        return tuple(name for feature, name in START_POINTS if self.has(feature))

    @property
    def stop_points(self) -> tuple[str, ...]:
        """TxStopPoint values that the product supports (C-10)."""
        return tuple(name for feature, name in STOP_POINTS if self.has(feature))

    @property
    def own_start_points(self) -> tuple[str, ...]:
        """TxStartPoint as the product is delivered."""
        writable = self.has(Feature.TX_START_POINT_WRITABLE)
        return self._own("TxCtrlr.TxStartPoint", self.start_points, ("PowerPathClosed",), writable)

    @property
    def own_stop_points(self) -> tuple[str, ...]:
        """TxStopPoint as the product is delivered."""
        writable = self.has(Feature.TX_STOP_POINT_WRITABLE)
        return self._own("TxCtrlr.TxStopPoint", self.stop_points, ("Authorized", "EVConnected"), writable)

    def _own(
        self, variable: str, supported: tuple[str, ...], usual: tuple[str, ...], writable: bool
    ) -> tuple[str, ...]:
        """Return what the product sets a list to: what it says, else what is usual, else all that is supported.

        The conditions of Part 5 (chapter 3, TC_E_01 to TC_E_22) take what a product lists for a list that cannot be
        set (C-51, C-52 = No) as what is set.
        """
        said = self.variables.get(variable)
        if said is not None and isinstance(said.value, str):
            return tuple(filter(None, said.value.split(",")))
        chosen = tuple(value for value in usual if value in supported)
        others = tuple(value for value in supported if value not in usual)
        return chosen if chosen and writable else (*chosen, *others)


START_POINTS = (
    (Feature.STARTS_AT_PARKING_BAY_OCCUPANCY, "ParkingBayOccupancy"),
    (Feature.STARTS_AT_EV_CONNECTED, "EVConnected"),
    (Feature.STARTS_AT_AUTHORIZED, "Authorized"),
    (Feature.STARTS_AT_DATA_SIGNED, "DataSigned"),
    (Feature.STARTS_AT_POWER_PATH_CLOSED, "PowerPathClosed"),
    (Feature.STARTS_AT_ENERGY_TRANSFER, "EnergyTransfer"),
)
STOP_POINTS = (
    (Feature.STOPS_AT_PARKING_BAY_OCCUPANCY, "ParkingBayOccupancy"),
    (Feature.STOPS_AT_EV_CONNECTED, "EVConnected"),
    (Feature.STOPS_AT_AUTHORIZED, "Authorized"),
    (Feature.STOPS_AT_POWER_PATH_CLOSED, "PowerPathClosed"),
    (Feature.STOPS_AT_ENERGY_TRANSFER, "EnergyTransfer"),
)
