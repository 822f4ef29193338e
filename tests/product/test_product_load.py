"""Product files: the shipped ones, and what is said about a wrong one."""

import re
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from ohmstead.product.load import ProductError, load, parse, shipped
from ohmstead.product.profile import Evse, HardwareFeatures, Product, ProductConnector, Security, VariableSetting
from ohmstead.product.write import write

SEED = load("sec1000-240y")
DC = Evse(id=1, current="DC", connectors=(ProductConnector(id=1, type="cCCS2"),), max_power_w=50_000.0)


def changed(**fields: object) -> Product:
    return msgspec.structs.replace(SEED, **fields)


def with_features(**claims: bool) -> Product:
    return changed(features={**SEED.features, **{name.replace("_", "-"): claim for name, claim in claims.items()}})


def test_the_shipped_products_are_listed_and_load_under_their_names() -> None:
    assert {"flagship", "sec1000-240y"} <= set(shipped())
    assert all(load(name).name == name for name in shipped())


def test_a_product_loads_from_a_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(write(SEED), encoding="utf-8")
    assert load(file) == load(str(file)) == SEED


@pytest.mark.parametrize(
    "name", ["nothing-like-it", "", "/", "a\0b", pytest.param("x" * 5000, id="long"), "../sec1000-240y"]
)
def test_a_product_that_is_not_there_names_those_that_are(name: str) -> None:
    with pytest.raises(ProductError, match="sec1000-240y"):
        load(name)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"name = ", "not readable as TOML"),
        (b"\xff\xfe", "not readable as TOML"),
        (b"", "missing required field"),
        (b"[" * 5000 + b"]" * 5000, "mine"),
        (b"x=" + b"[" * 5000 + b"]" * 5000, "mine"),
        (b"name = 1", r"mine: name: expected `str`"),
        (b"[[evses]]\nid = 'one'", r"evses.*expected `int`"),
        (b"[identity]\nvendor = 'x'", r"mine: identity: .*unknown field `vendor`"),
    ],
)
def test_a_file_that_is_no_product_says_where_and_why(data: bytes, expected: str) -> None:
    with pytest.raises(ProductError, match=expected):
        parse(data, "mine")


@pytest.mark.parametrize(
    ("product", "where"),
    [
        (changed(name="SEC 1000"), "name"),
        (changed(identity=msgspec.structs.replace(SEED.identity, model="m" * 21)), "identity.model"),
        (changed(identity=msgspec.structs.replace(SEED.identity, vendor_name="")), "identity.vendor_name"),
        (changed(evses=()), "evses"),
        (changed(evses=(msgspec.structs.replace(DC, id=2),)), "evses"),
        (changed(evses=(msgspec.structs.replace(DC, connectors=()),)), "evses[0].connectors"),
        (changed(evses=(msgspec.structs.replace(DC, phases=3),)), "evses[0].phases"),
        (changed(evses=(msgspec.structs.replace(DC, max_power_w=0.0),)), "evses[0].max_power_w"),
        (
            changed(evses=(msgspec.structs.replace(DC, connectors=(ProductConnector(id=1, type="cCCSI"),)),)),
            "evses[0].connectors[0].type",
        ),
        (changed(hardware=HardwareFeatures(max_power_w=0.0)), "hardware.max_power_w"),
        (changed(hardware=HardwareFeatures(max_power_w=1.0, communication=())), "hardware.communication"),
        (changed(hardware=HardwareFeatures(max_power_w=1.0, displays=-1)), "hardware.displays"),
        (changed(hardware=HardwareFeatures(max_power_w=1.0, rfid_readers="None")), "features.C-30"),
        (with_features(C_99=True), "features.C-99"),
        (with_features(C_09=True), "features.C-09"),
        (with_features(HFS_9=True), "features.HFS-9"),
        (with_features(R_1=True), "features.R-1"),
        (with_features(C_49=False), "features.C-53"),
        (with_features(HFS_1=True), "features.HFS-1"),
        (with_features(HFS_4=False), "features.HFS-4"),
        (changed(features={"C-09.1": True}), "features"),
        (with_features(C_61=True), "security.profiles"),
        (changed(security=Security(profiles=(3, 2), cipher_suites=SEED.security.cipher_suites)), "security.profiles"),
        (changed(security=Security(profiles=(2,), cipher_suites=())), "security.cipher_suites"),
        (changed(security=Security(profiles=(2,), cipher_suites=("TLS_NULL",))), "security.cipher_suites"),
        (
            changed(security=Security(profiles=(2,), cipher_suites=("TLS_AES_128_GCM_SHA256",))),
            "security.cipher_suites",
        ),
        (changed(measurands=msgspec.structs.replace(SEED.measurands, aligned=("Power",))), "measurands.aligned"),
        (changed(settings={"ORS-99": 1}), "settings.ORS-99"),
        (changed(settings={"ORS-1": "many"}), "settings.ORS-1"),
        (changed(settings={"ORS-11": 30, "ORS-12": 20}), "settings.ORS-11"),
        (changed(variables={"HeartbeatInterval": VariableSetting()}), "variables.HeartbeatInterval"),
        (changed(variables={"A.B": VariableSetting(min=2, max=1)}), "variables.A.B.min"),
        (changed(variables={"A.B": VariableSetting(value=3, max=1)}), "variables.A.B.value"),
        (
            changed(certificate=msgspec.structs.replace(SEED.certificate, results={"Core": "Maybe"})),
            "certificate.results.Core",
        ),
    ],
)
def test_a_product_that_contradicts_itself_names_the_key(product: Product, where: str) -> None:
    with pytest.raises(ProductError) as caught:
        parse(write(product).encode(), "mine.toml")
    assert caught.value.where == where
    assert caught.value.source == "mine.toml"
    assert caught.value.right


def test_the_certified_station_is_what_its_certificate_says() -> None:
    assert [(evse.current, evse.phases, evse.connectors[0].type) for evse in SEED.evses] == [
        ("DC", 0, "cCCS1"),
        ("DC", 0, "cTesla"),
    ]
    assert SEED.hardware.max_power_w == 240_000
    assert SEED.security.profiles == (2, 3)
    assert SEED.start_points == ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
    assert SEED.stop_points == ("EVConnected", "Authorized", "PowerPathClosed")
    assert SEED.certified("Advanced Security") and not SEED.certified("Smart Charging")


def test_the_flagship_has_all_that_the_certified_station_has_and_every_security_profile() -> None:
    flagship = load("flagship")
    assert flagship.security.profiles == (1, 2, 3)
    assert {name for name, claim in SEED.features.items() if claim} < {n for n, c in flagship.features.items() if c}
    assert flagship.evses == SEED.evses


def test_the_flagship_says_why_a_feature_is_off() -> None:
    text = resources.files("ohmstead.product").joinpath("data", "flagship.toml").read_text(encoding="utf-8")
    off = re.findall(r'^"?([A-Z]+-[\d.]+)"? = false(.*)$', text, re.MULTILINE)
    assert off
    assert [identifier for identifier, remark in off if "Off: " not in remark] == []
