"""Files named on the command line that have no end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ohmstead.cli.run.data import read_text
from ohmstead.cli.run.options import RunRefused
from ohmstead.csms.settings import SettingsError, load_settings
from ohmstead.lab.cases.config import ConfigError
from ohmstead.lab.cases.config import load as load_lab
from ohmstead.product.load import ProductError
from ohmstead.product.load import load as load_product
from tests.hostile.overdone.table import BYTES, overdo


@overdo("Files named on the command line", BYTES)
async def _(_: Path) -> None:
    endless = Path("/dev/zero")
    refusals: list[tuple[Callable[[Path], object], type[Exception]]] = [
        (read_text, RunRefused),
        (load_settings, SettingsError),
        (load_lab, ConfigError),
        (load_product, ProductError),
    ]
    for reads, refused in refusals:
        with pytest.raises(refused, match="larger than") as caught:
            reads(endless)
        assert "\n" not in str(caught.value)
