"""Whole charging stations for the tests of a CSMS, and the lab's CSMS for the tests of a station.

What this package exports is public, and kept as semantic versioning says; docs/testing.md describes it. pytest has all
of it as fixtures (`ohmstead.pytest_plugin`). Nothing is loaded before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ohmstead.ports.bench import StationView
    from ohmstead.ports.hand import HandRefused
    from ohmstead.ports.protocol_faults import (
        ActiveFault,
        CorruptFrame,
        DelayFrame,
        DoubleFrame,
        DropFrame,
        ErrorInstead,
        FaultNotTaken,
        MissingField,
        NoSuchFault,
        OldCallAgain,
        OtherAnswer,
        OversizeFrame,
        ProtocolFaults,
        ReorderFrame,
        WrongMessageId,
        WrongValue,
    )
    from ohmstead.testing.blocking import (
        BlockingFaults,
        BlockingHand,
        BlockingNetwork,
        BlockingPower,
        BlockingStation,
        BlockingWire,
    )
    from ohmstead.testing.blocking_csms import BlockingCsms
    from ohmstead.testing.csms import AsyncCsms, CsmsSetup
    from ohmstead.testing.factory import ChargingStations, ListeningCsms
    from ohmstead.testing.fields import WrongField
    from ohmstead.testing.setup import SetupError, StationSetup
    from ohmstead.testing.station import AsyncHand, AsyncNetwork, AsyncPower, AsyncStation
    from ohmstead.testing.wire import Wire, WireMessage

__all__ = [
    "ActiveFault",
    "AsyncCsms",
    "AsyncHand",
    "AsyncNetwork",
    "AsyncPower",
    "AsyncStation",
    "BlockingCsms",
    "BlockingFaults",
    "BlockingHand",
    "BlockingNetwork",
    "BlockingPower",
    "BlockingStation",
    "BlockingWire",
    "ChargingStations",
    "CorruptFrame",
    "CsmsSetup",
    "DelayFrame",
    "DoubleFrame",
    "DropFrame",
    "ErrorInstead",
    "FaultNotTaken",
    "HandRefused",
    "ListeningCsms",
    "MissingField",
    "NoSuchFault",
    "OldCallAgain",
    "OtherAnswer",
    "OversizeFrame",
    "ProtocolFaults",
    "ReorderFrame",
    "SetupError",
    "StationSetup",
    "StationView",
    "Wire",
    "WireMessage",
    "WrongField",
    "WrongMessageId",
    "WrongValue",
]

_MODULES = {
    "ohmstead.ports.bench": ("StationView",),
    "ohmstead.ports.hand": ("HandRefused",),
    "ohmstead.ports.protocol_faults": (
        "ActiveFault",
        "CorruptFrame",
        "DelayFrame",
        "DoubleFrame",
        "DropFrame",
        "ErrorInstead",
        "FaultNotTaken",
        "MissingField",
        "NoSuchFault",
        "OldCallAgain",
        "OtherAnswer",
        "OversizeFrame",
        "ProtocolFaults",
        "ReorderFrame",
        "WrongMessageId",
        "WrongValue",
    ),
    "ohmstead.testing.blocking": (
        "BlockingFaults",
        "BlockingHand",
        "BlockingNetwork",
        "BlockingPower",
        "BlockingStation",
        "BlockingWire",
    ),
    "ohmstead.testing.blocking_csms": ("BlockingCsms",),
    "ohmstead.testing.csms": ("AsyncCsms", "CsmsSetup"),
    "ohmstead.testing.factory": ("ChargingStations", "ListeningCsms"),
    "ohmstead.testing.fields": ("WrongField",),
    "ohmstead.testing.setup": ("SetupError", "StationSetup"),
    "ohmstead.testing.station": ("AsyncHand", "AsyncNetwork", "AsyncPower", "AsyncStation"),
    "ohmstead.testing.wire": ("Wire", "WireMessage"),
}
"""Module -> what of it is public."""


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
