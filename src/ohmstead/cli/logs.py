"""Lines of the log on stderr: without secrets, and readable whatever a peer put into them."""

import logging
from types import TracebackType
from typing import TypeAlias

from ohmstead.wire.printable import printable, printable_text
from ohmstead.wire.secrets import redact_text

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """One line a record; only a traceback, which is ours, has several."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return redact_text(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line of the record."""
        record.message = printable(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:
        """Return a traceback."""
        return printable_text(super().formatException(ei))


def log_to_stderr(level: int = logging.WARNING) -> None:
    """Write records of this level and above, of the libraries too; asked again, it changes the level."""
    root = logging.getLogger()
    handler = next((one for one in root.handlers if isinstance(one.formatter, Formatter)), None)
    if handler is None:
        handler = logging.StreamHandler()
        handler.setFormatter(Formatter())
        logging.basicConfig(handlers=[handler])
    handler.setLevel(level)  # loggers may have levels of their own
    root.setLevel(level)
