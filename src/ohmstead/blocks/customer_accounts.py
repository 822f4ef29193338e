"""Customer accounts of a station that knows customers by an identifier (C-14) and has no authorization cache.

Where there is a cache, its entries say which account a token belongs to. Without one nothing else would outlive the
session, and a customerIdentifier could neither be told nor cleared (N09.FR.04, N10.FR.03).
"""

from datetime import datetime
from functools import partial
from hashlib import sha256

import msgspec

from ohmstead.blocks.context import World
from ohmstead.blocks.customer_data import Customer, shown_time, shown_token
from ohmstead.blocks.work import Work
from ohmstead.model.tokens import NOBODY_TO_ASK_ABOUT, cache_key
from ohmstead.ports.store import Delete, Put
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import IdToken, IdTokenInfo
from ohmstead.wire.rows import from_row, to_row

KIND = "account"
MOST = 1000
"""Tokens with an account that are kept; beyond that the one that was used longest ago goes."""


class Account(msgspec.Struct, frozen=True):
    """A token and the account that the CSMS named with it."""

    id_token: IdToken
    group: IdToken
    used_at: datetime

    @property
    def key(self) -> str:
        """The key of its row."""
        return sha256(cache_key(self.id_token).encode()).hexdigest()


class Accounts:
    """The rows of the accounts."""

    def __init__(self, work: Work, world: World) -> None:
        self._work = work
        self._world = world
        self._kept = world.product.has(Feature.CUSTOMER_IDENTIFIER) and not world.product.has(Feature.AUTH_CACHE)
        rows = [from_row(value, Account) for _, value in world.store.rows(KIND)]
        self._accounts = {one.key: one for one in sorted(rows, key=lambda one: one.used_at)}

    def learn(self, token: IdToken | None, info: IdTokenInfo | None) -> None:
        """The CSMS said what a token is worth, and perhaps whose it is."""
        if not self._kept or token is None or info is None or info.group_id_token is None:
            return
        if token.type in NOBODY_TO_ASK_ABOUT:
            return
        account = Account(token, info.group_id_token, self._world.clock.now())
        others = {key: one for key, one in self._accounts.items() if key != account.key}
        gone = list(others)[: max(0, len(others) + 1 - MOST)]
        self._change({**{key: one for key, one in others.items() if key not in gone}, account.key: account})
        self._work.write(*(Delete(KIND, key) for key in gone), Put(KIND, account.key, to_row(account)))

    def told(self, customer: Customer) -> list[str]:
        """Return a line for each token of the customer."""
        return [
            f"Account: {shown_token(one.id_token)}, group {shown_token(one.group)}, last used {shown_time(one.used_at)}"
            for one in self._of(customer)
        ]

    def forget(self, customer: Customer) -> None:
        """The customer's tokens go (N10.FR.03)."""
        gone = [one.key for one in self._of(customer)]
        self._change({key: one for key, one in self._accounts.items() if key not in gone})
        self._work.write(*(Delete(KIND, key) for key in gone))

    def _of(self, customer: Customer) -> list[Account]:
        return [one for one in self._accounts.values() if customer.owns(one.id_token, one.group)]

    def _change(self, accounts: dict[str, Account]) -> None:
        self._work.undo(partial(setattr, self, "_accounts", self._accounts))
        self._accounts = accounts
