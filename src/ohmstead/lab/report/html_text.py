"""Text as it can stand in HTML."""

import html

from ohmstead.wire.printable import printable_text


def escape(text: str) -> str:
    """Return a text as it can stand in the page, in an attribute too."""
    return html.escape(printable_text(text))
