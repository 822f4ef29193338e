"""The parts of a station, and which of them each block names in its constructor."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import get_type_hints

import msgspec

from ohmstead.blocks.context import Access, CablePlugs, Charging, Csms, World
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.credentials import StationCredentials
from ohmstead.model.device import DeviceModel
from ohmstead.model.network import NetworkSlots
from ohmstead.model.time_sources import TimeSources
from ohmstead.model.tokens import AuthorizationCache
from ohmstead.model.trust_store import TrustStore
from ohmstead.ports.certificate_reader import CertificateReader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.files import Files
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.machine_log import MachineLog
from ohmstead.ports.network_time import NetworkTime
from ohmstead.ports.signatures import Signatures
from ohmstead.ports.store import Store
from ohmstead.product.profile import Product
from ohmstead.wire.messages import BootReasonEnum

Block = Callable[..., object]
"""The class of a block."""


class StationWorld(msgspec.Struct, frozen=True, kw_only=True):
    """Implements `blocks.context.World`."""

    product: Product
    identity: str
    boot_reason: BootReasonEnum
    clock: StationClock
    network_time: NetworkTime
    sources: Sources
    hardware: Hardware
    files: Files
    signatures: Signatures
    firmware: MachineFirmware | None
    log: MachineLog | None
    extensions: tuple[Installed, ...]
    store: Store
    reboot: Callable[[BootReasonEnum], None]


class StationAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Implements `blocks.context.Access`."""

    network: NetworkSlots
    credentials: StationCredentials
    trust: TrustStore
    certificates: CertificateReader
    client_keys: ClientKeys


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a block can ask for: a parameter of its constructor has the name and the type of a field."""

    work: Work
    charging: Charging
    plugs: CablePlugs
    csms: Csms
    device: DeviceModel
    settings: Settings
    cache: AuthorizationCache
    access: Access
    time_sources: TimeSources
    world: World


def needs(blocks: Iterable[Block]) -> dict[Block, tuple[str, ...]]:
    """Return the parts that each block names. Raises TypeError where a station has no such part."""
    there = get_type_hints(Parts)
    found = {}
    for block in blocks:
        hints = get_type_hints(getattr(block, "__init__", block))
        names = tuple(signature(block).parameters)
        for name in names:
            if there.get(name) is not hints.get(name):
                raise TypeError(f"{block.__name__} asks for {name}: {hints.get(name)}; a station has {there}")
        found[block] = names
    return found
