"""What holds messages, or parts of them, is written and read with the hooks of `wire` (customData, Part 4, 9)."""

import ast
from pathlib import Path

import pytest

from tests.architecture.test_layers import ROOT, modules

LAYERS = {"model", "blocks", "runtime", "rpc", "csms"}
"""Layers that keep messages and parts of messages."""
PLAIN = {
    "blocks/vendor.py": "the data of a DataTransfer, which is JSON and no message",
    "csms/commands.py": "a payload that an operator wrote, before it is a message",
    "rpc/trace.py": "decoded payloads, as plain JSON",
    "rpc/fault_table.py": "a frame that goes again, as plain JSON",
    "rpc/frame_faults.py": "frames that are made wrong, as plain JSON",
}
"""Modules there that may use plain JSON, and for what."""
KINDS = {"json", "msgpack", "convert", "to_builtins"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_messages_are_kept_with_the_hooks_of_the_wire(path: Path) -> None:
    """Else customData of a stored message ends the task that stores it: `wire/rows.py` is the way in and out."""
    name = relative(path)
    if name.split("/")[0] not in LAYERS or name in PLAIN:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "msgspec":
            assert node.attr not in KINDS, f"{name}:{node.lineno}: use ohmstead.wire.rows"
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "msgspec":
            assert not KINDS & {alias.name for alias in node.names}, f"{name}:{node.lineno}: use ohmstead.wire.rows"
            assert (node.module or "").split(".")[-1] not in KINDS, f"{name}:{node.lineno}: use ohmstead.wire.rows"


INSTANTS = {
    "wire/instants.py": "here it is made safe",
    "model/local_time.py": "the station's own moments",
}
"""Modules that may call `astimezone`."""


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_instants_of_a_peer_become_utc_in_one_place(path: Path) -> None:
    """`0001-01-01T00:00:00+01:00` is a right instant without a value in UTC: `wire.instants.utc` knows what to do."""
    name = relative(path)
    if name in INSTANTS:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr != "astimezone", f"{name}:{node.lineno}: use ohmstead.wire.instants.utc"
