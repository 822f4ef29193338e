"""Block M."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.m_certificates import MCertificates
from ohmstead.lab.readings.m_certificates import ONLY_WHAT_IS_ASKED_FOR, OWN_CERTIFICATE
from ohmstead.wire.messages import DeleteCertificateStatusEnum, GetInstalledCertificateIdsRequest
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import answered


def _all_of_them(
    right: Callable[..., object], self: MCertificates, request: GetInstalledCertificateIdsRequest
) -> object:
    return right(self, msgspec.structs.replace(request, certificate_type=None))


SHOWN = (
    Shown(
        reading=OWN_CERTIFICATE,
        case="TC_M_23_CS",
        mutate=answered(MCertificates, "on_delete_certificate", status=DeleteCertificateStatusEnum.NotFound),
        fails="specification",
    ),
    Shown(
        reading=ONLY_WHAT_IS_ASKED_FOR,
        case="TC_M_13_CS",
        mutate=lambda: replaced(MCertificates, "on_get_installed_certificate_ids", _all_of_them),
        fails="specification",
    ),
)
