"""The controllers of meter values and of transactions, in the appendix's order."""

from collections.abc import Callable

from ohmstead.model.device.choices import among, on_if, writable_if_both, writable_with
from ohmstead.model.device.component import Component
from ohmstead.model.device.kinds import Boolean, Integer, MemberList
from ohmstead.model.device.variable import READ_WRITE, Place
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Measurands

DAY = 86400
"""Seconds."""


def _measurands(which: Callable[[Measurands], tuple[str, ...]]) -> Callable[[Place], tuple[str, ...]]:
    return lambda place: which(place.product.measurands) or ("Energy.Active.Import.Register",)


def _register(which: Callable[[Measurands], tuple[str, ...]]) -> Callable[[Place], tuple[str, ...]]:
    # 2.7.6 and 2.7.7 recommend the register as default; the other measurands wait until somebody asks for them.
    return lambda place: among(("Energy.Active.Import.Register",), _measurands(which)(place))


class AlignedDataCtrlr(Component, name="AlignedDataCtrlr"):
    """Clock-aligned meter values (2.7.9 to 2.7.16)."""

    available = Boolean("Available", True, source="2.7.10")
    enabled = Boolean("Enabled", True, mutability=READ_WRITE, source="2.7.9")
    interval = Integer("Interval", 900, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="2.7.12")
    measurands = MemberList(
        "Measurands",
        _register(lambda lists: lists.aligned),
        values=_measurands(lambda lists: lists.aligned),
        allow_empty=True,
        mutability=READ_WRITE,
        source="2.7.11",
    )
    send_during_idle = Boolean(
        "SendDuringIdle", False, mutability=READ_WRITE, feature=Feature.SEND_DURING_IDLE, source="2.7.13"
    )
    sign_readings = Boolean(
        "SignReadings",
        False,
        mutability=READ_WRITE,
        feature=Feature.SIGNED_METER_VALUES,
        source="2.7.14",
    )
    tx_ended_interval = Integer(
        "TxEndedInterval", 900, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="2.7.16"
    )
    tx_ended_measurands = MemberList(
        "TxEndedMeasurands",
        _register(lambda lists: lists.aligned_tx_ended),
        values=_measurands(lambda lists: lists.aligned_tx_ended),
        allow_empty=True,
        mutability=READ_WRITE,
        source="2.7.15",
    )


class SampledDataCtrlr(Component, name="SampledDataCtrlr"):
    """Meter values sampled from the start of a transaction (2.7.1 to 2.7.8)."""

    available = Boolean("Available", True, source="2.7.2")
    enabled = Boolean("Enabled", True, mutability=READ_WRITE, source="2.7.1")
    sign_readings = Boolean(
        "SignReadings",
        # A station that can only begin with a signed value begins nothing without (E01.FR.04).
        lambda place: place.product.has(Feature.STARTS_AT_DATA_SIGNED),
        mutability=READ_WRITE,
        feature=Feature.SIGNED_METER_VALUES,
        absent=False,
        source="2.7.3",
    )
    tx_ended_interval = Integer(
        "TxEndedInterval", 0, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="2.7.5"
    )
    tx_ended_measurands = MemberList(
        "TxEndedMeasurands",
        _register(lambda lists: lists.tx_ended),
        values=_measurands(lambda lists: lists.tx_ended),
        allow_empty=True,
        mutability=READ_WRITE,
        source="2.7.4",
    )
    tx_started_measurands = MemberList(
        "TxStartedMeasurands",
        _register(lambda lists: lists.tx_started),
        values=_measurands(lambda lists: lists.tx_started),
        allow_empty=True,
        mutability=READ_WRITE,
        source="2.7.6",
    )
    tx_updated_interval = Integer(
        "TxUpdatedInterval", 30, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="2.7.8"
    )
    tx_updated_measurands = MemberList(
        "TxUpdatedMeasurands",
        _register(lambda lists: lists.tx_updated),
        values=_measurands(lambda lists: lists.tx_updated),
        allow_empty=True,
        mutability=READ_WRITE,
        source="2.7.7",
    )


class TxCtrlr(Component, name="TxCtrlr"):
    """Transactions (2.6)."""

    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, source="appendix")
    ev_connection_time_out = Integer(
        "EVConnectionTimeOut", 120, unit="s", minimum=1, maximum=DAY, mutability=READ_WRITE, source="2.6.1"
    )
    max_energy_on_invalid_id = Integer(
        "MaxEnergyOnInvalidId",
        0,
        unit="Wh",
        minimum=0,
        mutability=READ_WRITE,
        feature=Feature.MAX_ENERGY_ON_INVALID_ID,
        source="2.6.7",
    )
    stop_tx_on_ev_side_disconnect = Boolean(
        "StopTxOnEVSideDisconnect",
        on_if(Feature.DEAUTHORIZED_BY_EV_SIDE_DISCONNECT, Feature.AUTHORIZED_AFTER_EV_SIDE_DISCONNECT, True),
        mutability=writable_if_both(
            Feature.DEAUTHORIZED_BY_EV_SIDE_DISCONNECT, Feature.AUTHORIZED_AFTER_EV_SIDE_DISCONNECT
        ),
        source="2.6.2",
    )
    stop_tx_on_invalid_id = Boolean("StopTxOnInvalidId", True, mutability=READ_WRITE, source="2.6.8")
    tx_before_accepted_enabled = Boolean("TxBeforeAcceptedEnabled", False, mutability=READ_WRITE, source="2.6.3")
    tx_start_point = MemberList(
        "TxStartPoint",
        lambda place: place.product.own_start_points,
        values=lambda place: place.product.start_points,
        mutability=writable_with(Feature.TX_START_POINT_WRITABLE),
        source="2.6.4",
    )
    tx_stop_point = MemberList(
        "TxStopPoint",
        lambda place: place.product.own_stop_points,
        values=lambda place: place.product.stop_points,
        mutability=writable_with(Feature.TX_STOP_POINT_WRITABLE),
        source="2.6.5",
    )
