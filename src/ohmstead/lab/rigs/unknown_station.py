"""A station of which nothing is known, and at which nobody lends a hand."""

import msgspec

from ohmstead.lab.rigs.hand import HandMissing, LeasableHand
from ohmstead.ports.hand import Action
from ohmstead.product.draft import DraftAnswers, draft
from ohmstead.product.features import CIPHER_SUITES
from ohmstead.product.profile import Product, Security

FIRST_SUITES = ("TLS_RSA", "TLS_ECDHE_RSA", "TLS_DHE_RSA")
"""Beginnings of the suites that go with the kind of certificate which every station takes."""


class NobodyThere(LeasableHand):
    """Nobody: nothing is done at the station."""

    async def perform(self, action: Action) -> None:
        """Refuse. Raises HandMissing."""
        raise HandMissing(f"nobody is there for {action.path()}")


def anybody() -> Product:
    """Return a product that stands for a station of which nothing is known: it speaks every suite."""
    suites = sorted(CIPHER_SUITES, key=lambda suite: not suite.startswith(FIRST_SUITES))
    unknown = draft(DraftAnswers(model="unknown", vendor="unknown"))
    return msgspec.structs.replace(unknown, security=Security(profiles=(1, 2, 3), cipher_suites=tuple(suites)))
