"""Block A."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.blocks.a_credentials import ACredentials
from ohmstead.blocks.b_variables import BVariables
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.lab.readings.a_security import (
    CERTIFICATE_IN_USE,
    FAULTY_CERTIFICATE,
    FRESH_KEY,
    OLD_TLS_TOLD,
    PASSWORD_AFTER_REBOOT,
)
from ohmstead.model.events import ConnectionRefused
from ohmstead.ports.link import Refusal
from ohmstead.wire.messages import SetVariablesRequest, SetVariablesResponse, SetVariableStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _old_untold(right: Callable[..., None], self: ACredentials, refused: ConnectionRefused) -> None:
    """The version is not noticed: just another handshake that failed."""
    if refused.refusal != Refusal.InvalidTLSVersion.value:
        right(self, refused)


def _stays_connected(right: Callable[..., object], self: ACertificates | ACredentials, *arguments: object) -> object:
    """The connection stays as it is; the next one is another matter."""
    csms: Any = self._csms
    csms.reconnect = lambda _reason: None
    try:
        return right(self, *arguments)
    finally:
        del csms.reconnect


def _after_a_reboot(
    right: Callable[..., SetVariablesResponse], self: BVariables, request: SetVariablesRequest
) -> SetVariablesResponse:
    response = right(self, request)
    results = tuple(
        msgspec.structs.replace(one, attribute_status=SetVariableStatusEnum.RebootRequired)
        if one.variable.name == "BasicAuthPassword" and one.attribute_status is SetVariableStatusEnum.Accepted
        else one
        for one in response.set_variable_result
    )
    return msgspec.structs.replace(response, set_variable_result=results)


@contextmanager
def _password_after_reboot() -> Iterator[None]:
    with (
        replaced(ACredentials, "renew_password", _stays_connected),
        replaced(BVariables, "on_set_variables", _after_a_reboot),
    ):
        yield


async def _same_key(right: Callable[..., Any], self: ACertificates) -> None:
    """The signing request is for the key of the certificate that is shown."""
    shown = self._access.credentials.client_key
    assert shown is not None

    async def make(_right: object, keys: MemoryClientKeys, *, short: bool) -> str:
        del short
        return keys._keep(shown)

    with replaced(MemoryClientKeys, "make", make):
        await right(self)


def _over_will_do(right: Callable[..., str | None], self: ACertificates, chain: str) -> str | None:
    fault = right(self, chain)
    return None if fault is not None and "is not valid at" in fault else fault


SHOWN = (
    Shown(
        reading=OLD_TLS_TOLD,
        case="TC_A_06_CS",
        mutate=lambda: replaced(ACredentials, "when_connection_refused", _old_untold),
        fails="specification",
    ),
    Shown(reading=PASSWORD_AFTER_REBOOT, case="TC_A_09_CS", mutate=_password_after_reboot, fails="specification"),
    Shown(
        reading=FRESH_KEY,
        case="TC_A_11_CS",
        mutate=lambda: replaced(ACertificates, "_make_key", _same_key),
        fails="specification",
    ),
    Shown(
        reading=CERTIFICATE_IN_USE,
        case="TC_A_11_CS",
        mutate=lambda: replaced(ACertificates, "on_certificate_signed", _stays_connected),
        fails="specification",
    ),
    Shown(
        reading=FAULTY_CERTIFICATE,
        case="TC_A_14_CS",
        mutate=lambda: replaced(ACertificates, "_fault", _over_will_do),
        fails="specification",
    ),
)
