"""Who has Ohmstead installed and tests something else pays nothing for it."""

import subprocess
import sys


def test_the_plugin_loads_nothing_of_ohmstead() -> None:
    code = "import sys, ohmstead.pytest_plugin; print(*sorted(m for m in sys.modules if m.startswith('ohmstead')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ohmstead", "ohmstead.pytest_plugin"]


def test_the_public_module_loads_nothing_before_it_is_used() -> None:
    code = "import sys, ohmstead.testing; print(*sorted(m for m in sys.modules if m.startswith('ohmstead')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ohmstead", "ohmstead.testing"]
