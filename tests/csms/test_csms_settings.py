"""The settings file."""

from pathlib import Path

import pytest

from ohmstead.csms.settings import CsmsSettings, SettingsError, Tariff, check, load_settings
from ohmstead.wire import messages as m

GOOD = """
heartbeat_interval = 60
first_boot_answers = ["Pending"]
[tariff]
currency = "SEK"
per_kwh = 5.5
[[stations]]
identity = "CP1"
password = "0123456789abcdef"
[[tokens]]
id_token = "04A1B2C3D4E5F6"
label = "Ada"
expires = 2027-01-01T00:00:00Z
"""


def load(directory: Path, text: str) -> CsmsSettings:
    path = directory / "csms.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.heartbeat_interval == 60
    assert settings.first_boot_answers == (m.RegistrationStatusEnum.Pending,)
    assert settings.tariff == Tariff(currency="SEK", per_kwh=5.5)
    assert [token.label for token in settings.tokens] == ["Ada"]


def test_the_defaults_are_valid() -> None:
    check(CsmsSettings())


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == CsmsSettings()


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("heartbeat = 60", "", "unknown field `heartbeat`"),
        ('heartbeat_interval = "often"', "$.heartbeat_interval", "Expected `int`"),
        ("tokens = [{}]", "$.tokens[0]", "missing required field `id_token`"),
        ('[[tokens]]\nid_token = "04A1B2C3"\nstatus = "Fine"', "$.tokens[0].status", "Invalid enum value 'Fine'"),
        ('[[tokens]]\nid_token = "card"', "tokens[0].id_token", "is not hexadecimal"),
        ('[[tokens]]\nid_token = "04A1B2"', "tokens[0].id_token", "has 6 digits; ISO14443 has 8 or 14"),
        ('[[tokens]]\nid_token = "04A1B2C3"\n[[tokens]]\nid_token = "04a1b2c3"', "tokens[1].id_token", "twice"),
        ('[[tokens]]\nid_token = "a b"\ntype = "Local"', "tokens[0].id_token", "is not an identifierString"),
        ('[[tokens]]\nid_token = "04A1B2C3"\ngroup = "our fleet"', "tokens[0].group", "is not an identifierString"),
        ('[[stations]]\nidentity = "A"\npassword = "short"', "stations[0].password", "16 to 64 characters"),
        ('[[stations]]\nidentity = "A"\n[[stations]]\nidentity = "A"', "stations[1].identity", "twice"),
        ('[tariff]\ncurrency = "euro"', "$.tariff.currency", "matching regex"),
        ("[tariff", "", "csms.toml"),
    ],
)
def test_an_error_names_file_key_and_reason(tmp_path: Path, text: str, key: str, reason: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, text)
    assert all(part in str(error.value) for part in ("csms.toml", key, reason)), error.value


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read"):
        load_settings(tmp_path / "nowhere.toml")
