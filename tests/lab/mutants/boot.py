"""Mutants of the boot and of resets: what a station says of itself, says too early, or forgets."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.b_boot import BBoot
from ohmstead.blocks.b_reset import BReset
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.wire.messages import BootNotificationRequest
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import always, nothing

Wrong = Callable[..., object]


def _boot(field: str, text: str) -> Mutant:
    def wrong(right: Callable[..., BootNotificationRequest], *arguments: object) -> BootNotificationRequest:
        request = right(*arguments)
        station = msgspec.structs.replace(request.charging_station, **{field: text})
        return msgspec.structs.replace(request, charging_station=station)

    name = field.replace("_", "-")
    text_of = f"BootNotification has another {field}."
    return Mutant(f"boot-another-{name}", text_of, lambda: replaced(BBoot, "_request", wrong), "B")


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks)


def _tell_first_connector(_right: object, self: GAvailability) -> None:
    for key in list(self._charging.statuses())[-1:]:
        self._tell_if_new(key)


def _trigger(_right: object, self: BBoot, _evse: object) -> object:
    return self._again.set


MUTANTS = (
    _boot("vendor_name", "Somebody"),
    _boot("firmware_version", "0.0"),
    _mutant(
        "boots-again-when-triggered",
        "An accepted station takes a triggered BootNotification.",
        BBoot,
        "_trigger_boot",
        _trigger,
        "BF",
    ),
    _mutant(
        "one-status-after-outage",
        "After a short outage only the last connector is looked at.",
        GAvailability,
        "_tell_changed",
        _tell_first_connector,
        "BCE",
    ),
    _mutant(
        "no-status-after-outage",
        "After an outage no status is reported.",
        GAvailability,
        "when_online",
        nothing,
        "BCE",
    ),
    _mutant(
        "scheduled-reset-forgotten",
        "A reset that waits for a transaction never happens.",
        BReset,
        "when_transaction_ended",
        nothing,
        "B",
    ),
    _mutant(
        "reset-ends-nothing",
        "A reset leaves the transactions as they are.",
        BReset,
        "_running",
        always([]),
        "B",
    ),
)
