"""The example of docs/extensions.md is an extension, and the page names the whole surface."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.run.extensions import installed_extensions
from ohmstead.edge.virtual_time import run
from ohmstead.ports import extensions
from ohmstead.wire import messages as wire
from tests.extensions.packages import install, on_the_path
from tests.runtime.site import site

PAGE = (Path(__file__).parents[2] / "docs" / "extensions.md").read_text("utf-8")


def code(language: str) -> str:
    """Return the page's code in a language."""
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_example_does_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    group, name, target = re.fullmatch(r'\[project\.entry-points\."(.+)"\]\n(\S+) = "(.+)"\n', code("toml")).groups()  # type: ignore[union-attr]  # else the test fails
    assert group == extensions.GROUP
    install(tmp_path, "volt_fan", code("python"), points={name: target})

    async def scenario() -> None:
        async with site(extensions=installed_extensions()) as here:
            status = wire.DataTransferStatusEnum.Accepted
            answer = wire.DataTransferResponse(status=status, data=msgspec.Raw(b'"an hour"'))
            here.csms.answers[wire.DataTransferRequest] = lambda _: answer
            assert await here.set("VoltFan", "Speed", "60") == "Accepted"
            response = await here.csms.call(wire.DataTransferRequest(vendor_id="com.volt", message_id="boost"))
            assert (response.status, bytes(response.data)) == (status, b'{"speed":100}')
            await asyncio.sleep(5)
            (asked,) = here.csms.of(wire.DataTransferRequest)
            assert (asked.vendor_id, asked.message_id, bytes(asked.data)) == ("com.volt", "how long", b'{"speed":100}')

    with on_the_path(tmp_path):
        run(scenario(), limit=3600)
    said = ["the fan turns at 60 %", "the fan turns at 100 %", "the CSMS says Accepted an hour"]
    assert capsys.readouterr().out.splitlines() == said


def test_the_example_is_short() -> None:
    assert len([line for line in code("python").splitlines() if line.strip()]) <= 20


def test_the_page_names_the_whole_surface() -> None:
    table = PAGE.partition("## What stays as it is")[2]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert named == set(extensions.__all__)
