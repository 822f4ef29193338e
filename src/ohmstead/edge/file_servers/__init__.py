"""File servers for the logs of stations and for their firmware, one a protocol; the lab has them, and `run`."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeAlias

Arrived: TypeAlias = Callable[[str, bytes], None]
"""Told of an upload that is whole: its URL, and its content."""
FTP_INSTALL = "pip install 'ohmstead[files]'"
"""What brings the server for FTP and FTPS."""


def can_serve(protocol: str) -> bool:
    """Say whether this program was installed with a file server for a protocol."""
    return not protocol.startswith("FTP") or find_spec("pyftpdlib") is not None
