"""identifierString (Part 2, primitive data types), and what a token may be before it travels."""

import re

IDENTIFIER = re.compile(r"[A-Za-z0-9*\-_=:+|@.]*")
LONGEST_TOKEN = 36
"""Characters of an IdToken."""


def wrong_token(id_token: str) -> str | None:
    """Say what is wrong with what a reader has read or a person has typed, None if it can travel.

    Whatever its type: a station makes no presumption about the content (Part 2, C, IdTokenType), but a CSMS refuses
    every event with a text that is no identifierString.
    """
    if not 1 <= len(id_token) <= LONGEST_TOKEN:
        return f"an id token has 1 to {LONGEST_TOKEN} characters"
    if not IDENTIFIER.fullmatch(id_token):
        return "an id token has letters (a-z), digits and * - _ = : + | @ . only"
    return None
