"""What a station answers when it cannot keep what it was asked to keep (B09.FR.03, C11.FR.05, M05.FR.03)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Validity
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.store import StoreFailed, Write
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.requirements.charging import TOKEN
from tests.runtime.site import START, site

ROOT = Authority.generate("Another Root", "Owner", validity=Validity(START - timedelta(days=1), timedelta(days=900)))
PROFILE = wire.NetworkConnectionProfile(
    ocpp_version=wire.OCPPVersionEnum.OCPP20,
    ocpp_transport=wire.OCPPTransportEnum.JSON,
    ocpp_csms_url="wss://other.example/ocpp",
    message_timeout=30,
    security_profile=2,
    ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
)
LOG = wire.LogParameters(remote_location="https://files.example/")
REQUESTS: dict[str, tuple[Request[Response], str]] = {
    "ChangeAvailability": (
        wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum.Inoperative),
        "Rejected",
    ),
    "ClearCache": (wire.ClearCacheRequest(), "Rejected"),
    "CustomerInformation": (
        wire.CustomerInformationRequest(request_id=1, report=False, clear=True, id_token=TOKEN),
        "Rejected",
    ),
    "GetLog": (wire.GetLogRequest(log_type=wire.LogEnum.DiagnosticsLog, request_id=1, log=LOG), "Rejected"),
    "InstallCertificate": (
        wire.InstallCertificateRequest(
            certificate_type=wire.InstallCertificateUseEnum.CSMSRootCertificate, certificate=ROOT.root
        ),
        "Failed",
    ),
    "SetNetworkProfile": (
        wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=PROFILE),
        "Failed",
    ),
    "RequestStartTransaction": (
        wire.RequestStartTransactionRequest(remote_start_id=1, id_token=TOKEN, evse_id=1),
        "Rejected",
    ),
}


class _Full(MemoryStore):
    """A store without room, once it is told to be."""

    full = False

    def commit(self, writes: Sequence[Write]) -> None:
        """Commit while there is room. Raises StoreFailed."""
        if self.full and writes:
            raise StoreFailed("no space left on the disk")
        super().commit(writes)


@pytest.mark.parametrize("action", REQUESTS)
def test_what_cannot_be_stored_is_refused_in_the_words_of_its_response(action: str) -> None:
    """A status with a reason, no InternalError: B09.FR.03 and M05.FR.03 Failed, C11.FR.05 and the others Rejected."""
    request, status = REQUESTS[action]

    async def scenario() -> None:
        store = _Full()
        async with site(store=store) as here:
            if action == "RequestStartTransaction":
                await here.set("AuthCtrlr", "AuthorizeRemoteStart", "false")
            if action == "ClearCache":
                await here.hand.present("04A1")
                await asyncio.sleep(5)
            store.full = True
            response = await here.csms.call(request)
            answered = response.status  # type: ignore[attr-defined]  # each of these responses has one
            assert answered == status

    run(scenario(), limit=3600)
