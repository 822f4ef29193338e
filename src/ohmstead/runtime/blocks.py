"""The blocks of a station, in their order; a new block is one line."""

from typing import TypeVar

from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.blocks.a_credentials import ACredentials
from ohmstead.blocks.a_security import ASecurity
from ohmstead.blocks.area_ventilation import AreaVentilations
from ohmstead.blocks.b_boot import BBoot
from ohmstead.blocks.b_network import BNetwork
from ohmstead.blocks.b_reset import BReset
from ohmstead.blocks.b_time import BTime
from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.connector_protection import ConnectorProtection
from ohmstead.blocks.control_pilot import ControlPilots
from ohmstead.blocks.driver_display import DriverDisplay
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.ended_charges import EndedCharges
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.blocks.g_heartbeat import GHeartbeat
from ohmstead.blocks.g_lock_failure import GLockFailure
from ohmstead.blocks.j_metering import JMetering
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.blocks.limits import EvseLimits
from ohmstead.blocks.m_certificates import MCertificates
from ohmstead.blocks.n_customer_information import NCustomerInformation
from ohmstead.blocks.n_journal import NJournal
from ohmstead.blocks.n_logs import NLogs
from ohmstead.blocks.p_data_transfer import PDataTransfer
from ohmstead.blocks.plug_locks import PlugLocks
from ohmstead.ports.hardware import (
    BayOccupied,
    CableInserted,
    CableRemoved,
    CertificateRemoved,
    DisplayChosen,
    EmergencyStopChanged,
    EvStopped,
    FaultChanged,
    Observation,
    PlugIn,
    PlugOut,
    SupplyChanged,
    TokenPresented,
)
from ohmstead.runtime.parts import Block, Parts, needs

T = TypeVar("T")
BLOCKS: tuple[Block, ...] = (
    ASecurity,
    ACredentials,
    ACertificates,
    BBoot,
    BNetwork,
    BReset,
    BTime,
    BVariables,
    CAuthorization,
    CCache,
    CInvalidToken,
    EvseLimits,
    PlugLocks,
    ConnectorProtection,
    ControlPilots,
    AreaVentilations,
    ETransactions,
    FRemoteControl,
    GAvailability,
    GHeartbeat,
    GLockFailure,
    JMetering,
    MCertificates,
    LFirmware,
    NJournal,
    NLogs,
    NCustomerInformation,
    PDataTransfer,
    EndedCharges,
    DriverDisplay,
)
"""The blocks of a station, in the order in which they hear an event."""
NEEDS = needs(BLOCKS)
"""Block -> the parts that it is made of, checked at import."""


class Blocks:
    """The blocks of one station, and the way of an observation to the block that takes it."""

    def __init__(self, parts: Parts) -> None:
        self.all = tuple(block(*(getattr(parts, name) for name in NEEDS[block])) for block in BLOCKS)
        self.boot = self._the(BBoot)
        self.certificates = self._the(ACertificates)
        self.authorization = self._the(CAuthorization)
        self.plug_locks = self._the(PlugLocks)
        self.ventilation = self._the(AreaVentilations)
        self.connector_protection = self._the(ConnectorProtection)
        self.transactions = self._the(ETransactions)
        self.charges = self._the(EndedCharges)

    def _the(self, kind: type[T]) -> T:
        return next(block for block in self.all if isinstance(block, kind))

    def observe(self, seen: Observation) -> None:
        """Hand an observation of the machine to the block that takes it."""
        match seen:
            case PlugIn():
                self.transactions.observe_plug_in(seen)
            case PlugOut():
                self.transactions.observe_plug_out(seen)
                self.ventilation.look(seen.evse_id)
            case CableInserted() | CableRemoved():
                self.plug_locks.observe_cable(seen)
                self.connector_protection.observe_cable(seen)
            case BayOccupied():
                self.transactions.observe_bay(seen)
            case SupplyChanged():
                self.transactions.observe_supply(seen)
                self.ventilation.look(seen.evse_id)
            case EvStopped():
                self.transactions.observe_ev_stopped(seen)
            case FaultChanged():
                self.transactions.observe_fault(seen)
            case EmergencyStopChanged():
                self.transactions.observe_emergency_stop(seen)
            case TokenPresented():
                self.authorization.observe_token(seen)
            case DisplayChosen():
                self.authorization.observe_choice(seen)
            case CertificateRemoved():
                self.certificates.observe_certificate_removed(seen)
