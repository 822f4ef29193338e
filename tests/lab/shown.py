"""A station that falls between specification and official case, to show a reading."""

from typing import Literal

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.reading import Reading
from tests.lab.wrongs import Wrong


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One case on one wrong station."""

    reading: Reading
    case: str
    mutate: Wrong
    fails: Literal["specification", "tool"]
    """By which of the two the station fails; by the other one it passes."""
    config: LabConfig = LabConfig()
    product: str = "sec1000-240y"
    """One of `tests.lab.tried`."""
