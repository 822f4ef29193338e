"""Extensions that cannot be used: one line that says which one, what is wrong and what would be right."""

from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from ohmstead.cli.own import load_own
from ohmstead.cli.run import extensions as loading
from ohmstead.model.device import DeviceModel
from ohmstead.product.load import ProductError, load, shipped
from ohmstead.product.profile import VariableSetting
from ohmstead.product.write import write
from ohmstead.runtime.extensions import CONTROLLERS, MACHINE, ExtensionRefused
from tests.extensions.packages import VENDOR, install, on_the_path

SOURCE = """
from ohmstead.ports.extensions import *

class Fan(Component, name="VoltFan"):
    speed = Integer("Speed", 40, maximum=100, mutability=READ_WRITE, source="Volt")

class Life:
    def __init__(self, station): ...

    @answers("a")
    def a(self, message): return VendorAnswer()

def factory():
    return Extension(vendor_id="com.volt", life=Life, components=(Fan,))
"""


def use(folder: Path) -> None:
    """Load what is installed in a folder, and make a product with it."""
    with on_the_path(folder):
        load_own("sec1000-240y", drop_unbuilt=False, extensions=loading.installed_extensions())


def test_the_plain_one_is_taken(tmp_path: Path) -> None:
    install(tmp_path, "volt_fan", SOURCE)
    use(tmp_path)


def instead(old: str, new: str) -> str:
    """Return the plain one with a mistake."""
    assert old in SOURCE
    return SOURCE.replace(old, dedent(new))


FACTORY = 'return Extension(vendor_id="com.volt", life=Life, components=(Fan,))'
SPEED = 'Integer("Speed", 40, maximum=100, mutability=READ_WRITE, source="Volt")'
MISTAKES = {
    "import fails": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "syntax": ("def", "SyntaxError"),
    "no factory": (instead("def factory", "def fabrik"), "has no attribute 'factory'"),
    "factory raises": (instead(FACTORY, "raise OSError('no license')"), "volt_fan:factory: OSError: no license"),
    "factory ends the program": (instead(FACTORY, "raise SystemExit(3)"), "SystemExit: 3"),
    "factory wants more": (instead("factory()", "factory(station)"), "TypeError"),
    "factory returns something else": (instead(FACTORY, "return Life"), "returned a type; right would be an Extension"),
    "no vendor": (instead('vendor_id="com.volt"', 'vendor_id=""'), "its vendor_id is ''; right would be 1 to 255"),
    "a vendor that is none": (instead('vendor_id="com.volt"', "vendor_id=7"), "its vendor_id is '7'"),
    "a vendor too long": (instead('"com.volt"', '"v" * 256'), "right would be 1 to 255 characters"),
    "a run that is no class": (instead("life=Life", "life=lambda s: Life(s)"), "right would be a class"),
    "two methods for one message": (
        instead('@answers("a")', '@answers("b")\n    def b(self, message): ...\n    @answers("a", "b")'),
        "a and b of Life both answer messageId b",
    ),
    "an async handler": (instead("def a(self", "async def a(self"), "Life.a is async; it has to answer at once"),
    "a handler that wants more": (instead("a(self, message)", "a(self, message, x)"), "does not take just one Vendor"),
    "a component of the station": (instead('"VoltFan"', '"evse"'), "component evse has the name of one of the station"),
    "a controller that it has not": (instead('"VoltFan"', '"SmartChargingCtrlr"'), "right would be a name of its own"),
    "the same component twice": (instead("(Fan,)", "(Fan, Fan)"), "it has two components VoltFan"),
    "two classes of one name": (
        instead(
            "class Life", 'class Other(Component, name="VOLTFAN"):\n    x = Boolean("X", True, source="")\nclass Life'
        ).replace("(Fan,)", "(Fan, Other)"),
        "it has two components",
    ),
    "no component": (instead("(Fan,)", "(Life,)"), "is no component; right would be a class of Component"),
    "no components at all": (instead("(Fan,)", "None"), "TypeError: 'NoneType' object is not iterable"),
    "a component without variables": (instead("speed = " + SPEED, "pass"), "component VoltFan has no variable"),
    "a variable twice": (instead(SPEED, SPEED + "\n    again = " + SPEED), "VoltFan has a variable twice"),
    "a name with a blank": (instead('"Speed"', '"Fan Speed"'), "'Fan Speed' is no name; right would be 1 to 50"),
    "a name too long": (instead('"VoltFan"', '"V" * 51'), "is no name"),
    "a default that cannot be": (instead("40,", "140,"), "VoltFan.Speed with its default: must be in ..100"),
    "a default of another type": (instead("40,", "None,"), "VoltFan.Speed with its default"),
    "a unit that is none": (instead("maximum=100", "unit=7"), "VoltFan.Speed with its default"),
    "a default at an EVSE that there is not": (
        instead("40,", "lambda place: place.evse.max_power_w,"),
        "LookupError: no EVSE None",
    ),
    "a validator of what is not its own": (
        instead("class Life:", "from ohmstead.model.device import TxCtrlr\nclass Life:").replace(
            '    @answers("a")',
            '    @validator(TxCtrlr.ev_connection_time_out)\n    def no(self, value): return "no"\n    @answers("a")',
        ),
        "it wants to validate TxCtrlr.EVConnectionTimeOut",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake: str, tmp_path: Path) -> None:
    source, said = MISTAKES[mistake]
    install(tmp_path, "volt_fan", source)
    with pytest.raises(ExtensionRefused) as caught:
        use(tmp_path)
    text = str(caught.value)
    assert text.startswith("extension cooling (volt-fan 1.2): "), text
    assert said in text
    assert text.endswith(", or --no-extensions")


def test_a_factory_that_does_not_return(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LOAD_TIME", 0.05)
    install(tmp_path, "volt_fan", instead(FACTORY, "import threading; threading.Event().wait(20)"))
    with pytest.raises(
        ExtensionRefused, match=r"TimeoutError: not loaded in 0.05 s; right would be a factory that ret"
    ):
        use(tmp_path)


@pytest.mark.parametrize(
    ("vendor", "component", "said"),
    [
        ("COM.volt", "OtherFan", "its vendorId COM.volt is that of cooling (a-volt 1.2); right would be to uninstall"),
        ("com.other", "VOLTFan", "its component VOLTFan is one of cooling (a-volt 1.2), too; right would be"),
    ],
)
def test_two_that_collide(tmp_path: Path, vendor: str, component: str, said: str) -> None:
    install(tmp_path, "a_volt", SOURCE)
    other = SOURCE.replace("com.volt", vendor).replace("VoltFan", component)
    install(tmp_path, "b_volt", other, points={"wind": "b_volt:factory"})
    with pytest.raises(ExtensionRefused) as caught:
        use(tmp_path)
    assert str(caught.value).startswith("extension wind (b-volt 1.2): ")
    assert said in str(caught.value)


def test_two_that_get_on_with_each_other(tmp_path: Path) -> None:
    install(tmp_path, "volt_fan", SOURCE)
    install(tmp_path, "volt_cooling", VENDOR.read_text("utf-8").replace("com.volt", "com.other").replace("VoltF", "F"))
    with on_the_path(tmp_path):
        found = loading.installed_extensions()
    assert [one.label for one in found] == ["cooling (volt-cooling 1.2)", "cooling (volt-fan 1.2)"]


@pytest.mark.parametrize("name", shipped())
def test_every_name_that_a_station_uses_is_kept_for_it(name: str) -> None:
    assert {component.name for component in DeviceModel(load(name)).components} <= {*CONTROLLERS, *MACHINE}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VoltFan.Speed", 60, None),
        ("VoltFan.Speed", 600, "must be in"),
        ("VoltFan.Spede", 60, "right would be VoltFan.Speed"),
    ],
)
def test_a_product_file_sets_their_variables(tmp_path: Path, name: str, value: int, said: str | None) -> None:
    install(tmp_path, "volt_fan", SOURCE)
    path = tmp_path / "mine.toml"
    made = load("sec1000-240y")
    settings = {**made.variables, name: VariableSetting(value=value)}
    path.write_text(write(msgspec.structs.replace(made, variables=settings)), "utf-8")
    with on_the_path(tmp_path):
        found = loading.installed_extensions()
        if said is None:
            product = load_own(str(path), drop_unbuilt=False, extensions=found)
            device = DeviceModel(product, (), tuple(found[0].additions))
            assert device.components[-1].text(device.components[-1].variables[0]) == "60"
        else:
            with pytest.raises(ProductError, match=said):
                load_own(str(path), drop_unbuilt=False, extensions=found)
