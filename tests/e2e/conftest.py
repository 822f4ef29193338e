"""Where the screenshots of whole charges are kept, and Chromium as the page's own tests find it."""

from pathlib import Path

import pytest

from tests.web.conftest import chromium

__all__ = ["artefacts", "chromium"]


@pytest.fixture
def artefacts() -> Path:
    """Return the folder that keeps what tests leave for people to look at."""
    folder = Path(__file__).parents[2] / "test-artefacts"
    folder.mkdir(exist_ok=True)
    return folder
