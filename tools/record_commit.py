"""A hook of the build: wheel and source distribution keep the commit that they were made of (`ohmstead.version`)."""

import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitRecord(BuildHookInterface):  # type: ignore[type-arg]  # of whatever is built
    """Puts `commit.txt` beside `ohmstead/version.py`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, dict[str, str]]) -> None:
        """Record it; an editable package asks its checkout instead, and a source distribution has it already."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        try:
            from ohmstead.version import RECORD, of_checkout
        finally:
            sys.path.remove(str(root / "src"))
        found = of_checkout(root)
        if found is None:
            return
        record = Path(self.directory) / RECORD
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(f"{found}\n", "utf-8")
        place = "src/ohmstead" if self.target_name == "sdist" else "ohmstead"
        build_data["force_include"][str(record)] = f"{place}/{RECORD}"

    def finalize(self, _version: str, _build_data: dict[str, object], artifact_path: str) -> None:
        """Leave nothing behind but what was built."""
        (Path(artifact_path).parent / "commit.txt").unlink(missing_ok=True)
