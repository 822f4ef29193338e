"""What has to happen although something breaks: every step, whatever becomes of the others."""

import logging
from collections.abc import Callable, Iterable

_log = logging.getLogger(__name__)


def take_all(steps: Iterable[Callable[[], object]]) -> None:
    """Take every step; the error of one is logged and keeps none of the others back."""
    for step in steps:
        try:
            step()
        except Exception:
            _log.exception("a step failed; the others are taken all the same")
