"""Stations that do it in another way than ours, and are right by both texts: the cases let them pass."""

import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from websockets.datastructures import Headers
from websockets.headers import build_authorization_basic

from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.blocks.b_boot import BBoot
from ohmstead.edge import tls, websocket_dialer
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.tls import ClientContext
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.ports.link import Target
from ohmstead.product.load import load
from ohmstead.wire.messages import BootNotificationRequest, BootReasonEnum
from tests.lab.mutation import replaced
from tests.lab.wrongs import Wrong


def _offers_old_versions(_right: object, target: Target) -> ssl.SSLContext:
    """TLS 1.0 and 1.1 are in the ClientHello; what is agreed on is looked at afterwards (A00.FR.314)."""
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.set_ciphers("DEFAULT:AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_verify_locations(cadata="\n".join(target.roots))
    if target.security_profile == 3:
        tls._show(context, target.credentials)
    return context


def _without_serial_number(
    right: Callable[..., BootNotificationRequest], self: BBoot, reason: BootReasonEnum
) -> BootNotificationRequest:
    """BootNotification need not carry it."""
    request = right(self, reason)
    station = msgspec.structs.replace(request.charging_station, serial_number=None)
    return msgspec.structs.replace(request, charging_station=station)


def _numbered(right: Callable[..., Issued], self: Authority, _identity: str, **options: Any) -> Issued:
    """The common name is the serial number of the station, which is not its identity (A00.FR.511)."""
    return right(self, "SN-0815", **options)


@contextmanager
def _number_untold() -> Iterator[None]:
    with replaced(Authority, "issue_client", _numbered), replaced(BBoot, "_request", _without_serial_number):
        yield


def _always_a_password(_right: object, target: Target) -> Headers:
    password = target.credentials.password or "correct-horse-battery"
    return Headers(Authorization=build_authorization_basic(target.identity, password))


def _boots_instead(right: Callable[..., object], self: ACertificates, *arguments: object) -> object:
    """The way to another certificate is a reboot."""
    csms: Any = self._csms
    csms.reconnect = lambda _reason: self._work.later(0.5, lambda: self._world.reboot(BootReasonEnum.LocalReset))
    try:
        return right(self, *arguments)
    finally:
        del csms.reconnect


def _reconnects_anyway(right: Callable[..., object], self: ACertificates, *arguments: object) -> object:
    """A new certificate is a reason to connect anew, whichever the security profile."""
    response = right(self, *arguments)
    self._csms.reconnect("new certificate")
    return response


OTHERS: tuple[tuple[str, str, Wrong], ...] = (
    (
        "old versions are offered",
        "TC_A_04_CS",
        lambda: replaced(websocket_dialer, "client_context", _offers_old_versions),
    ),
    ("no serial number in BootNotification", "TC_A_07_CS", _number_untold),
    (
        "a password beside the certificate",
        "TC_A_07_CS",
        lambda: replaced(websocket_dialer, "_authorization", _always_a_password),
    ),
    (
        "a password beside the certificate",
        "TC_A_19_CS",
        lambda: replaced(websocket_dialer, "_authorization", _always_a_password),
    ),
    (
        "a reboot for the new certificate",
        "TC_A_11_CS",
        lambda: replaced(ACertificates, "on_certificate_signed", _boots_instead),
    ),
    (
        "a reboot for the new certificate",
        "TC_M_23_CS",
        lambda: replaced(ACertificates, "on_certificate_signed", _boots_instead),
    ),
    (
        "a new connection in security profile 2",
        "TC_A_19_CS",
        lambda: replaced(ACertificates, "on_certificate_signed", _reconnects_anyway),
    ),
)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize(("case", "mutate"), [one[1:] for one in OTHERS], ids=[f"{one[1]}-{one[0]}" for one in OTHERS])
def test_the_case_passes(case: str, mutate: Wrong) -> None:
    """By both columns."""
    result = run_in_memory(load_cases()[case], load("sec1000-240y"), LabConfig(), mutate=mutate)
    assert result.verdict is Verdict.PASS, result.reason
