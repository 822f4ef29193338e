"""Mutants of the two ends of a cable: when its lock opens, for whom, and what a transaction hears of the EV."""

from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.plug_locks import PlugLocks
from ohmstead.model.device import OCPPCommCtrlr, TxCtrlr
from ohmstead.wire.messages import UnlockStatusEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import always, answered, ignored, nothing

MUTANTS = (
    Mutant(
        "cable-kept-from-its-owner",
        "A cable that stays locked for its owner does not open for the owner's token.",
        lambda: replaced(CAuthorization, "_frees_cable", always(False)),
        "E",
    ),
    Mutant(
        "ignores-UnlockOnEVSideDisconnect",
        "A cable that left the EV stays locked, whatever is set.",
        ignored(OCPPCommCtrlr.unlock_on_ev_side_disconnect, False),
        "E",
    ),
    Mutant(
        "cable-never-let-go",
        "A lock that is shut stays shut.",
        lambda: replaced(PlugLocks, "_open", nothing),
        "E",
    ),
    Mutant(
        "cable-taken-unseen",
        "A cable that was taken out of a socket is not noticed.",
        lambda: replaced(PlugLocks, "_gone", nothing),
        "E",
    ),
    Mutant(
        "authorization-always-goes-with-the-ev",
        "An EV that leaves takes the authorization along, whatever is set.",
        ignored(TxCtrlr.stop_tx_on_ev_side_disconnect, True),
        "E",
    ),
    Mutant(
        "ev-waited-for-forever",
        "Nobody's authorization ends because no EV comes.",
        lambda: replaced(ETransactions, "rearm_timeout", nothing),
        "E",
    ),
    Mutant(
        "unlocks-under-energy",
        "UnlockConnector is answered Unlocked, whoever charges there.",
        answered(FRemoteControl, "on_unlock_connector", status=UnlockStatusEnum.Unlocked),
        "F",
    ),
)
