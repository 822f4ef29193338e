"""What a command may import before it does anything: seconds depend on the machine, modules do not."""

import subprocess
import sys

import pytest

from ohmstead.cli import root_page
from ohmstead.cli.main import COMMANDS, build

LOADED = "import sys; sys.argv = {!r}; from ohmstead.cli.entry import main\ntry: main()\nexcept SystemExit: pass\n"
SAID = "print(*(sys.modules), file=sys.stderr)"


def loaded(*arguments: str) -> set[str]:
    """Return the modules that a command has loaded in the end."""
    code = LOADED.format(["ohmstead", *arguments]) + SAID
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def test_the_help_page_loads_no_library() -> None:
    """Under a tenth of a second of CPU, of which the interpreter has a fifth."""
    modules = loaded("--help")
    assert {
        name for name in modules if name.split(".")[0] in ("typer", "rich", "pydantic", "msgspec", "asyncio")
    } == set()
    ours = {name.removeprefix("ohmstead").removeprefix(".") for name in modules if name.startswith("ohmstead")}
    own_page = {"cli", "cli.entry", "cli.interruption", "cli.root_page", "cli.terminal"}
    assert ours == {"", *own_page, "wire", "wire.printable"}


HEAVY = {"asyncio", "cryptography", "websockets", "httpx", "litestar", "uvicorn", "pydantic"}
"""Libraries that take a tenth of a second and more, and are of no use before a station or a page begins."""
CASES = ("ohmstead.lab.cases", "ohmstead.lab.rigs", "ohmstead.wire.messages", "ohmstead.runtime", "ohmstead.blocks")


@pytest.mark.parametrize(
    ("arguments", "not_even"),
    [
        (("--version",), ("rich", "tomllib", "markdown_it")),
        (("lab", "list"), ("rich",)),
        (("product", "list"), ()),
        (("lab", "run", "--help"), ()),
    ],
    ids=["version", "lab list", "product list", "help of lab run"],
)
def test_what_only_tells_loads_nothing_that_runs(arguments: tuple[str, ...], not_even: tuple[str, ...]) -> None:
    """Titles, products and pages of help come from tables: no case, no station and no network is loaded for them."""
    modules = loaded(*arguments)
    assert not [name for name in modules if name.startswith(CASES)]
    assert not modules & {*HEAVY, *not_even}


def test_the_help_page_knows_every_command() -> None:
    """With the first sentence of its own help."""
    assert list(root_page.HELP) == list(COMMANDS)
    for name, text in root_page.HELP.items():
        inner = build([name]).registered_groups[0].typer_instance
        assert inner is not None
        own = inner.registered_commands[0].callback if inner.registered_callback is None else None
        said = own.__doc__ if own is not None else inner.info.help
        assert isinstance(said, str)
        assert said.strip().splitlines()[0] == text


@pytest.mark.parametrize("width", [40, 80, 100])
def test_the_help_page_fits(width: int) -> None:
    text = root_page.page(width, color=False)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= max(width, 45)
    assert "\x1b" in root_page.page(width, color=True)
