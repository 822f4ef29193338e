"""Where Chromium is, and where screenshots are kept."""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip where there is none, unless OHMSTEAD_REQUIRE_CHROMIUM is set."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("OHMSTEAD_REQUIRE_CHROMIUM"):
        pytest.fail("OHMSTEAD_REQUIRE_CHROMIUM is set, but no Chromium was found on the PATH")
    if found is None:
        pytest.skip("browser tests need Chromium on the PATH (Debian: apt install chromium)")
    return found


@pytest.fixture
def screenshots(pytestconfig: pytest.Config) -> Path:
    """Return the folder in which screenshots are kept; git ignores it."""
    folder = pytestconfig.rootpath / "test-artefacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
