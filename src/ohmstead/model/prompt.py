"""What the station wants from the person in front of it."""

from enum import StrEnum

import msgspec

from ohmstead.wire.messages import IdToken


class Question(StrEnum):
    """What the display asks."""

    ChooseEvse = "ChooseEvse"
    """Several EVs wait: which one shall be charged (decided case 4)?"""
    ChooseFirst = "ChooseFirst"
    """A token was shown, and an EVSE has to be chosen before anybody is asked about it (AQ-8): which one?"""
    MasterPass = "MasterPass"
    """A master pass was shown: stop all transactions, or the one of an EVSE (C16.FR.01)?"""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """An open question with its options."""

    question: Question
    id_token: IdToken
    group_id_token: IdToken | None
    options: tuple[tuple[str, str], ...]
    """(id, text) of each option."""
