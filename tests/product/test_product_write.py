"""Whatever a product is, its TOML text says the same."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.product.features import FEATURES
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import (
    Certificate,
    Evse,
    Figure,
    HardwareFeatures,
    Identity,
    Measurands,
    Performance,
    Product,
    ProductConnector,
    Security,
    VariableSetting,
)
from ohmstead.product.write import write

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
WORDS = st.lists(TEXT, max_size=4).map(tuple)
NUMBER = st.floats(allow_nan=False)
MAYBE = st.none() | NUMBER
FIGURE = st.builds(Figure, limit=MAYBE, min=MAYBE, max=MAYBE, average=MAYBE)
MEASURANDS = st.builds(Measurands, tx_started=WORDS, tx_updated=WORDS, aligned=WORDS)
CONNECTOR = st.builds(ProductConnector, id=st.integers(), type=TEXT, cable=st.sampled_from(["Fixed", "Detachable"]))
EVSE = st.builds(
    Evse,
    id=st.integers(),
    current=st.sampled_from(["AC", "DC"]),
    connectors=st.lists(CONNECTOR, max_size=3).map(tuple),
    phases=st.integers(),
    max_power_w=NUMBER,
)
SETTING = st.builds(
    VariableSetting,
    value=st.none() | TEXT | st.integers() | NUMBER | st.booleans(),
    mutability=st.sampled_from([None, "ReadOnly", "ReadWrite", "WriteOnly"]),
    min=MAYBE,
    max=MAYBE,
    values=st.none() | WORDS,
    absent=st.booleans(),
)
PRODUCT = st.builds(
    Product,
    name=TEXT,
    identity=st.builds(Identity, vendor_name=TEXT, model=TEXT, firmware_version=TEXT, config_id=TEXT),
    hardware=st.builds(
        HardwareFeatures,
        max_power_w=NUMBER,
        communication=WORDS,
        rfid_readers=st.sampled_from(["None", "Single", "PerEVSE"]),
        displays=st.integers(),
    ),
    evses=st.lists(EVSE, max_size=3).map(tuple),
    features=st.dictionaries(st.sampled_from(list(FEATURES)) | TEXT, st.booleans()),
    security=st.builds(Security, profiles=st.lists(st.integers(), max_size=3).map(tuple), cipher_suites=WORDS),
    measurands=MEASURANDS,
    settings=st.dictionaries(st.sampled_from(["ORS-1", "ORS-24"]) | TEXT, TEXT | st.integers() | NUMBER),
    variables=st.dictionaries(TEXT, SETTING, max_size=4),
    certificate=st.builds(
        Certificate,
        holder=TEXT,
        product_type=TEXT,
        results=st.dictionaries(TEXT, TEXT, max_size=3),
        tested_measurands=MEASURANDS,
    ),
    performance=st.builds(Performance, technology=TEXT, response=FIGURE, stop=FIGURE),
)


@given(PRODUCT, TEXT)
def test_what_is_written_decodes_to_the_same_product(product: Product, remark: str) -> None:
    assert msgspec.toml.decode(write(product, remark), type=Product) == product


def test_the_shipped_products_survive_being_written() -> None:
    for name in shipped():
        product = load(name)
        assert msgspec.toml.decode(write(product), type=Product) == product


def test_a_feature_stands_beside_its_meaning() -> None:
    assert "C-13 = true      # Resets a single EVSE" in write(load("sec1000-240y"))
