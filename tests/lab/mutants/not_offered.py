"""Mutants of what only some products have, or have not: resets of an EVSE, locks, updates beside transactions."""

from collections.abc import Awaitable, Callable

import msgspec

from ohmstead.blocks.b_network import BNetwork
from ohmstead.blocks.b_reset import BReset
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.model.firmware import UpdateStep
from ohmstead.ports.firmware import Image
from ohmstead.ports.hardware import Supply, SupplyChanged
from ohmstead.wire.messages import NetworkConnectionProfile, ResetRequest, ResetStatusEnum, UnlockStatusEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import answered


def _station_instead(right: Callable[..., object], self: BReset, request: ResetRequest) -> object:
    return right(self, msgspec.structs.replace(request, evse_id=None))


def _tells_no_suspension(right: Callable[..., None], self: ETransactions, change: SupplyChanged) -> None:
    if change.supply is not Supply.SuspendedEV:
        right(self, change)


async def _reboots(_right: Callable[..., Awaitable[None]], self: LFirmware, image: Image) -> None:
    with self._work.unit():
        self._trial.choose(image)
        self._leaving = True
        self._step(UpdateStep.Activate)


def _without(lacking: str) -> Callable[..., str | None]:
    """A higher security profile is taken, though this is not there."""

    def wrong(right: Callable[..., str | None], self: BNetwork, profile: NetworkConnectionProfile) -> str | None:
        missing = right(self, profile)
        return None if missing is not None and lacking in missing else missing

    return wrong


MUTANTS = (
    Mutant(
        "higher-profile-without-root",
        "A profile with TLS may be put first without a root of the CSMS.",
        lambda: replaced(BNetwork, "_missing", _without("root")),
        "A",
    ),
    Mutant(
        "higher-profile-without-certificate",
        "Security profile 3 may be put first without a certificate of the station.",
        lambda: replaced(BNetwork, "_missing", _without("station certificate")),
        "A",
    ),
    Mutant(
        "evse-reset-takes-the-station",
        "A reset of one EVSE resets the station, where a single one cannot be reset.",
        lambda: replaced(BReset, "on_reset", _station_instead),
        "B",
    ),
    Mutant(
        "evse-reset-scheduled",
        "A reset that is Rejected is answered Scheduled.",
        answered(BReset, "on_reset", status=ResetStatusEnum.Scheduled),
        "B",
    ),
    Mutant(
        "unlock-failed-always",
        "UnlockConnector is answered UnlockFailed, whatever connector is meant.",
        answered(FRemoteControl, "on_unlock_connector", status=UnlockStatusEnum.UnlockFailed),
        "F",
    ),
    Mutant(
        "suspension-by-ev-untold",
        "An EV that takes no energy is not told.",
        lambda: replaced(ETransactions, "observe_supply", _tells_no_suspension),
        "E",
    ),
    Mutant(
        "firmware-reboots-beside-transactions",
        "A station that can activate firmware without a reboot reboots while somebody charges.",
        lambda: replaced(LFirmware, "_switch", _reboots),
        "L",
    ),
)
