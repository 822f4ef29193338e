"""The adapter to fill in: of the standard library alone; each action is done, refused, or asked of a person."""

import asyncio
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.lab.adapter import skeleton
from ohmstead.lab.rigs.hand import HandMissing, HttpHand
from ohmstead.ports.hand import KINDS, HandRefused, Plug, Present, Unplug

HANG = 60.0
UNKNOWN = Path(__file__).parents[1] / "first_hour" / "unknown.toml"
FILLED = """
    def plug(evse_id, connector_id=1, ev=None):
        pass

    def unplug(evse_id):
        raise RuntimeError(f"the cable of EVSE {evse_id} is locked")

    # And in"""
LINES = 40


def test_every_action_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["lab", "adapter"]) == 0
    printed = capsys.readouterr().out
    assert printed == skeleton()
    for kind in KINDS.values():
        assert f"{kind.name}(" in printed
    assert printed.count("\n") <= LINES


def test_only_what_a_product_has_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One EVSE with a fixed cable and a reader, no bay, no lock: a handful of actions."""
    assert execute(["lab", "adapter", "--product", str(UNKNOWN)]) == 0
    printed = capsys.readouterr().out
    assert "def plug(" in printed
    assert "cut_power()" in printed
    assert not re.search(r"arrive|leave|insert_cable|remove_cable|choose", printed)
    assert execute(["lab", "adapter", "--product", str(tmp_path / "nothing.toml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_is_a_hand_as_soon_as_it_is_filled_in(tmp_path: Path) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    file = tmp_path / "adapter.py"
    file.write_text(skeleton().replace("    # And in", FILLED, 1))
    with (tmp_path / "log").open("w") as log:
        # -I: nothing of this project can be found.
        process = subprocess.Popen([sys.executable, "-I", str(file), str(port)], stdout=log, stderr=log)
    try:
        asyncio.run(_try(HttpHand(f"http://127.0.0.1:{port}/hand"), port))
    finally:
        process.kill()
        process.wait()


async def _try(hand: HttpHand, port: int) -> None:
    await _listens(port)
    await hand.hold("lab: TC_E_03_CS")
    await hand.perform(Plug(1))
    with pytest.raises(HandRefused, match="the cable of EVSE 1 is locked"):
        await hand.perform(Unplug(1))
    with pytest.raises(HandMissing, match="cannot do present"):
        await hand.perform(Present("DEADBEEF"))
    await hand.close()


async def _listens(port: int) -> None:
    async with asyncio.timeout(HANG):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


@pytest.mark.parametrize("command", ["lab run P_01", "certify P_01", "lab preflight"])
def test_a_stranger_without_a_description_is_an_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    bench = [] if "preflight" in command else ["--bench", "external"]
    assert execute([*command.split(), *bench, "--csms-listen", "ws://127.0.0.1:0"]) == 2
    said = capsys.readouterr().err
    assert "ohmstead lab describe --csms-listen ws://127.0.0.1:0 -o my-station.toml" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("answer", ["readers", "readers=some=", "=x", "reader=single", "C-57=perhaps", "power=0"])
def test_a_wrong_answer_is_one_line(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    listen = ["--csms-listen", "ws://127.0.0.1:0", "--within", "1"]
    assert execute(["lab", "describe", *listen, "--answer", answer]) == 2
    assert capsys.readouterr().err.count("\n") == 1
