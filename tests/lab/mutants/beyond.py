"""Mutants that no case of the official list can kill: they are about what it does not look at.

Cases of our own do, in `tests/lab/own_cases.py`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.g_heartbeat import GHeartbeat
from ohmstead.model import metering
from ohmstead.model.device import AuthCacheCtrlr, ClockCtrlr, OCPPCommCtrlr
from ohmstead.model.metering import Measurement
from ohmstead.wire.messages import UnlockStatusEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import answered, ignored, nothing


def _scaled(factor: float) -> Callable[..., Any]:
    def sampled(right: Callable[..., object], measured: Measurement, sample: object) -> object:
        return right(msgspec.structs.replace(measured, value=factor * measured.value), sample)

    return sampled


MUTANTS = (
    Mutant(
        "never-beats",
        "A Heartbeat comes only when it is triggered.",
        lambda: replaced(GHeartbeat, "_beat", nothing),
        "",
        "No case waits for a Heartbeat; TC_F_20 triggers one.",
    ),
    Mutant(
        "energy-in-kwh",
        "Energy is told in kWh, and said to be in Wh.",
        lambda: replaced(metering, "_sampled", _scaled(0.001)),
        "",
        "No case knows how much energy has flowed.",
    ),
    Mutant(
        "energy-backwards",
        "The meter runs backwards.",
        lambda: replaced(metering, "_sampled", _scaled(-1)),
        "",
        "No case compares one value with the next.",
    ),
    Mutant(
        "cache-forgets-authorize",
        "An AuthorizeResponse does not update the cache.",
        lambda: replaced(CCache, "when_token_answered", nothing),
        "C",
        "Each token that AuthorizeResponse accepts comes back in an event, whose response says the same (TC_C_33).",
    ),
    Mutant(
        "ignores-MinimumStatusDuration",
        "Every change of a status is reported, however short.",
        ignored(OCPPCommCtrlr.minimum_status_duration, 0),
        "G",
        "No case sets it.",
    ),
    Mutant(
        "ignores-QueueAllMessages",
        "Only transactions and security events wait for the connection.",
        ignored(OCPPCommCtrlr.queue_all_messages, False),
        "BE",
        "No case sets it.",
    ),
    Mutant(
        "ignores-AuthCacheCtrlr.Policy",
        "A full cache always forgets the oldest entry.",
        ignored(AuthCacheCtrlr.policy, "FIFO"),
        "C",
        "No case fills the cache.",
    ),
    Mutant(
        "ignores-TimeZone",
        "The display shows UTC.",
        ignored(ClockCtrlr.time_zone, ""),
        "",
        "No case reads the display's clock.",
    ),
    Mutant(
        "unlocks-fixed-cables",
        "UnlockConnector is answered Unlocked.",
        answered(FRemoteControl, "on_unlock_connector", status=UnlockStatusEnum.Unlocked),
        "F",
        "The cases of UnlockConnector are for stations without fixed cables.",
    ),
)
