"""The components that a person can touch: station, EVSEs, connectors, readers, displays (Part 2, 2.13)."""

from ohmstead.model.device.choices import AVAILABILITY, phases, sessions_pending_firmware
from ohmstead.model.device.component import Component
from ohmstead.model.device.kinds import Boolean, Decimal, Integer, OptionList, String
from ohmstead.model.device.variable import READ_WRITE, Place
from ohmstead.product.feature_table import Feature

# Available must exist wherever a report may look for it (2.13.1); Enabled is always true where nobody can switch the
# component off (appendix, <generic>). So no component has to be reported because it lacks the variable asked for.


class ChargingStation(Component, name="ChargingStation"):
    """The station as a whole."""

    allow_new_sessions_pending_firmware_update = Boolean(
        "AllowNewSessionsPendingFirmwareUpdate",
        False,
        mutability=READ_WRITE,
        feature=sessions_pending_firmware,
        source="2.1.2",
    )
    availability_state = OptionList(
        "AvailabilityState", "Available", values=AVAILABILITY, computed=True, source="2.13.2"
    )
    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, computed=True, source="appendix")
    model = String("Model", lambda place: place.product.identity.model, maximum=20, source="appendix")
    problem = Boolean("Problem", False, computed=True, source="appendix")
    supply_phases = Integer("SupplyPhases", phases, source="2.13.6")
    vendor_name = String("VendorName", lambda place: place.product.identity.vendor_name, maximum=50, source="appendix")


class EVSE(Component, name="EVSE"):
    """One EVSE, addressed with its evse.id."""

    allow_reset = Boolean("AllowReset", True, feature=Feature.EVSE_RESET, absent=False, source="2.13.3")
    availability_state = OptionList(
        "AvailabilityState", "Available", values=AVAILABILITY, computed=True, source="2.13.2"
    )
    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, computed=True, source="appendix")
    power = Decimal(
        "Power", 0.0, unit="W", maximum=lambda place: place.evse.max_power_w, computed=True, source="2.13.7"
    )
    problem = Boolean("Problem", False, computed=True, source="appendix")
    supply_phases = Integer("SupplyPhases", phases, source="2.13.6")


class Connector(Component, name="Connector"):
    """One connector, addressed with its evse.id and evse.connectorId."""

    availability_state = OptionList(
        "AvailabilityState", "Available", values=AVAILABILITY, computed=True, source="errata 2.66"
    )
    available = Boolean("Available", True, source="2.13.1")
    connector_type = String("ConnectorType", lambda place: place.connector.type, source="2.13.4")
    enabled = Boolean("Enabled", True, computed=True, source="appendix")
    problem = Boolean("Problem", False, computed=True, source="appendix")
    supply_phases = Integer("SupplyPhases", phases, source="2.13.6")


def _has_lock(place: Place) -> bool:
    return place.product.has_lock(place.connector)


class ConnectorPlugRetentionLock(Component, name="ConnectorPlugRetentionLock"):
    """The lock that holds a cable in a socket, addressed as its connector."""

    active = Boolean("Active", False, feature=_has_lock, computed=True, source="appendix 3.2.17")
    available = Boolean("Available", True, feature=_has_lock, source="2.13.1")
    enabled = Boolean("Enabled", True, feature=_has_lock, source="appendix 3.2.17")
    problem = Boolean("Problem", False, feature=_has_lock, computed=True, source="appendix 3.2.17")
    tries = Integer("Tries", 0, feature=_has_lock, computed=True, source="appendix 3.2.17")


class ConnectorProtectionRelease(Component, name="ConnectorProtectionRelease"):
    """What keeps the cable in its holder, or the socket shut, until somebody may charge; addressed as its connector."""

    active = Boolean(
        "Active", False, feature=Feature.CABLE_LOCKED_UNTIL_AUTHORIZED, computed=True, source="appendix 3.2.18"
    )
    available = Boolean("Available", True, feature=Feature.CABLE_LOCKED_UNTIL_AUTHORIZED, source="2.13.1")
    enabled = Boolean("Enabled", True, feature=Feature.CABLE_LOCKED_UNTIL_AUTHORIZED, source="appendix 3.2.18")


def _has_pilot(place: Place) -> bool:
    return place.evse.current_of(place.connector) == "AC" and place.product.has(Feature.IEC61851_MODE_3)


class CPPWMController(Component, name="CPPWMController"):
    """The control pilot of an AC connector (IEC 61851-1), addressed as its connector."""

    active = Boolean("Active", False, feature=_has_pilot, computed=True, source="appendix 3.2.21")
    available = Boolean("Available", True, feature=_has_pilot, source="2.13.1")
    dc_voltage = Decimal("DCVoltage", 12.0, unit="V", feature=_has_pilot, computed=True, source="appendix 3.2.21")
    enabled = Boolean("Enabled", True, feature=_has_pilot, source="appendix 3.2.21")
    percent = Decimal("Percent", 100.0, unit="Percent", feature=_has_pilot, computed=True, source="appendix 3.2.21")
    state = String("State", "A", feature=_has_pilot, computed=True, source="appendix 3.2.21")


def _is_ventilated(place: Place) -> bool:
    return place.product.hardware.ventilated


class AreaVentilation(Component, name="AreaVentilation"):
    """The fans for EVs that need ventilation while they charge (IEC 61851-1, state D)."""

    active = Boolean("Active", False, feature=_is_ventilated, computed=True, source="appendix 3.2.6")
    available = Boolean("Available", True, feature=_is_ventilated, source="2.13.1")
    enabled = Boolean("Enabled", True, feature=_is_ventilated, source="appendix 3.2.6")


class TokenReader(Component, name="TokenReader"):
    """A reader of RFID tokens: one for the station, or one an EVSE."""

    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, source="appendix")


class Display(Component, name="Display"):
    """A display."""

    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, source="appendix")
