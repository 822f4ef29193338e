"""Block N: customer information."""

from collections.abc import Callable

from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.customer_data import Customer, told
from ohmstead.blocks.n_customer_information import NOTHING, NCustomerInformation
from ohmstead.lab.readings.n_customer_information import ASKED_AGAIN, NOTHING_FOUND, REALLY_FORGOTTEN
from ohmstead.ports.calls import Answer
from ohmstead.wire.messages import (
    CustomerInformationRequest,
    CustomerInformationResponse,
    CustomerInformationStatusEnum,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import nothing


def _known_only(
    right: Callable[..., Answer], self: NCustomerInformation, request: CustomerInformationRequest
) -> Answer:
    """Who is not known is not a customer to ask about."""
    if not told(self._charging, self._csms, self._cache, Customer(request.id_token, request.customer_identifier or "")):
        return Answer(CustomerInformationResponse(status=CustomerInformationStatusEnum.Invalid))
    return right(self, request)


def _in_words(_right: object, _request: CustomerInformationRequest, known: str) -> str:
    return known or NOTHING


SHOWN = (
    Shown(
        reading=ASKED_AGAIN,
        case="TC_N_30_CS",
        mutate=lambda: replaced(NCustomerInformation, "on_customer_information", _known_only),
        fails="specification",
    ),
    Shown(
        reading=REALLY_FORGOTTEN,
        case="TC_N_30_CS",
        mutate=lambda: replaced(CCache, "when_tokens_forgotten", nothing),
        fails="specification",
    ),
    Shown(
        reading=NOTHING_FOUND,
        case="TC_N_62_CS",
        mutate=lambda: replaced(NCustomerInformation, "_text", _in_words),
        fails="tool",
        product="flagship",
    ),
)
