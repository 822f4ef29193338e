"""Passwords that somebody has written into a file: what a station may use, before it is used."""

from ohmstead.cli.run.options import RunRefused
from ohmstead.model.device.controllers import SecurityCtrlr
from ohmstead.model.device.device_model import DeviceModel
from ohmstead.product.profile import Product

LEAST = 16
"""A00.FR.205."""
MOST = 40
"""A00.FR.205, unless the product has a longer BasicAuthPassword (errata 2.1: up to 64)."""


def check_password(password: str, where: str, product: Product) -> None:
    """Raise RunRefused for what is no passwordString of the right length, without repeating it."""
    longest = DeviceModel(product).security.trait(SecurityCtrlr.basic_auth_password).maximum
    most = MOST if longest is None else int(longest)
    if not LEAST <= len(password) <= most:
        raise RunRefused(f"{where}: {len(password)} characters; a BasicAuthPassword has {LEAST} to {most} (A00.FR.205)")
    for number, character in enumerate(password, start=1):
        if not character.isprintable():
            raise RunRefused(
                f"{where}: character {number} is U+{ord(character):04X}; a BasicAuthPassword holds characters that "
                "can be printed (passwordString)"
            )
