"""Over which protocol a case moves its files: one that the product has (ORS-24)."""

import re

from ohmstead.lab.cases.config import LabConfig
from ohmstead.product.profile import Product


def file_protocol(product: Product, config: LabConfig, case_id: str) -> str:
    """Return the configured protocol where the product has it, else one of the product's, by the number of the case.

    So a campaign uses all of them, and a case always the same.
    """
    has = product.file_protocols
    if config.file_protocol in has:
        return config.file_protocol
    number = int(re.sub(r"[^0-9]", "", case_id) or 0)
    return has[number % len(has)]
