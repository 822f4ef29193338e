"""`ohmstead run --hardware package:factory`: a vendor's machine, or one line that says what is wrong with it."""

import sys
from pathlib import Path

import pytest

from ohmstead.cli.run.hardware import METHODS, factory_of
from ohmstead.cli.run.options import RunRefused
from ohmstead.product.load import load
from tests.cli.vendor_machine import Quiet
from tests.e2e.running import refused, running

HERE = "tests.cli.vendor_machine"
PRODUCT = "sec1000-240y"


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("", "right would be package.module:factory"),
        ("acme", "right would be package.module:factory"),
        ("acme:", "right would be package.module:factory"),
        (":open", "right would be package.module:factory"),
        ("acme-charger:open", "right would be package.module:factory"),
        ("acme..charger:open", "right would be package.module:factory"),
        ("no_such_package:open", "there is no package no_such_package"),
        ("no_such_package.inside:open", "there is no package no_such_package"),
        (f"{HERE}.deeper:open", f"there is no package {HERE}.deeper"),
        ("needs_another:open", "needs_another needs not_there, which is not installed"),
        ("does_not_parse:open", "does_not_parse cannot be imported: SyntaxError"),
        ("raises:open", "raises cannot be imported: ValueError: no license"),
        (f"{HERE}:open", "there is no open in tests.cli.vendor_machine"),
        (f"{HERE}:number", "number is no function, but a int"),
        (f"{HERE}:without_arguments", "TypeError: "),
        (f"{HERE}:unplugged", "OSError: no machine at /dev/ttyUSB0"),
        (f"{HERE}:gives_up", "SystemExit: 3"),
        (f"{HERE}:nothing", "has to return a Machine or a Hardware, and returned nothing"),
        (f"{HERE}:half_updated", "the firmware of its Machine has no activate, roll_back, stage (MachineFirmware)"),
        (f"{HERE}:half_logged", "the log of its Machine has no read (MachineLog)"),
        (f"{HERE}:half", "Half has no emergency_stop, enable, lock, memory_fault, read, state, suspend, unlock"),
    ],
)
def test_a_wrong_factory_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, text: str
) -> None:
    for name, code in {
        "needs_another": "import not_there",
        "does_not_parse": "def",
        "raises": "raise ValueError('no license')",
    }.items():
        (tmp_path / f"{name}.py").write_text(code)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RunRefused) as told:
        factory_of(spec, load(PRODUCT), tmp_path / "hardware")()
    assert text in str(told.value)
    assert str(told.value).startswith(f"--hardware {spec}: ")
    assert "\n" not in str(told.value)


def test_the_methods_of_the_port_are_looked_for() -> None:
    assert set(METHODS) == {name for name in vars(Quiet) if not name.startswith("_")}


@pytest.mark.parametrize("factory", ["quiet", "driven"])
def test_a_factory_gets_product_and_a_folder_of_its_own(tmp_path: Path, factory: str) -> None:
    product = load(PRODUCT)
    machine = factory_of(f"{HERE}:{factory}", product, tmp_path / "hardware")()
    assert isinstance(machine.hardware, Quiet)
    assert machine.hardware.evses == {evse.id for evse in product.evses}
    assert (tmp_path / "hardware").is_dir()


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        ("unplugged", "no machine at"),
        ("ends", "the driver failed: ConnectionError: the bus is gone"),
        ("stops", "came to an end by itself"),
    ],
)
def test_the_process_ends_with_one_line(tmp_path: Path, factory: str, text: str) -> None:
    code, said = refused("--headless", "--data", str(tmp_path), "--hardware", f"{HERE}:{factory}")
    lines = [line for line in said.splitlines() if line.startswith("ohmstead: --hardware")]
    assert (code, [text in line for line in lines]) == (2, [True]), said


def test_a_station_runs_on_it_and_has_no_hand(tmp_path: Path) -> None:
    with running("--data", str(tmp_path), "--hardware", f"{HERE}:driven") as station:
        assert station.get("station")["hand"] is False
        plugged = [["Occupied"], ["Occupied"]]
        station.until("two cars", lambda: [statuses(station.evse(number)) for number in (1, 2)] == plugged)
        assert station.evse(2)["energy_wh"] == 2000.0
        assert (tmp_path / "hardware" / "driven").exists()
        with pytest.raises(AssertionError, match="404"):
            station.hand("unplug", evse_id=1)


def statuses(evse: dict[str, object]) -> list[object]:
    """Return the statuses of the connectors where something is plugged in, or of all."""
    connectors = evse["connectors"]
    assert isinstance(connectors, list)
    return [one["status"] for one in connectors if one["status"] != "Available"]
