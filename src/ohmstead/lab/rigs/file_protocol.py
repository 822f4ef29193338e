"""Over which protocol a case moves its files: one that the product has (ORS-24)."""

import re
from collections.abc import Callable

from ohmstead.lab.cases.config import LabConfig
from ohmstead.product.profile import Product


def file_protocol(
    product: Product, config: LabConfig, case_id: str, able: Callable[[str], bool] = lambda _protocol: True
) -> str:
    """Return the configured protocol where the product has it, else one of the product's, by the number of the case.

    So a campaign uses all of them, and a case always the same.

    Args:
        product: what the station is.
        config: of the lab.
        case_id: `TC_N_25_CS`.
        able: says which protocols the rig can serve; where it can serve none of the product's, that is found later.
    """
    has = tuple(filter(able, product.file_protocols)) or product.file_protocols
    if config.file_protocol in has:
        return config.file_protocol
    number = int(re.sub(r"[^0-9]", "", case_id) or 0)
    return has[number % len(has)]
