"""Block M."""

from ohmstead.blocks.m_certificates import MCertificates
from ohmstead.lab.readings.m_certificates import OWN_CERTIFICATE
from ohmstead.wire.messages import DeleteCertificateStatusEnum
from tests.lab.shown import Shown
from tests.lab.wrongs import answered

SHOWN = (
    Shown(
        reading=OWN_CERTIFICATE,
        case="TC_M_23_CS",
        mutate=answered(MCertificates, "on_delete_certificate", status=DeleteCertificateStatusEnum.NotFound),
        fails="specification",
    ),
)
