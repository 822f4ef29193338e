"""Secrets are taken out of what is shown, however the JSON is written and wherever they stand."""

import json
import re
from collections.abc import Callable, Iterator
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.wire import messages
from ohmstead.wire.secrets import HIDDEN, Redactor, is_secret, redact, redact_text, redact_url, undecodable
from tests.generators import examples, sample
from tests.wire.schema_instances import NAMES, Json, instance

SECRET = "Hunter2-is-the-secret"

PAYLOADS: dict[str, object] = {
    "a password that is set": {
        "setVariableData": [
            {
                "attributeValue": SECRET,
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
            }
        ]
    },
    "a password that is read": {
        "getVariableResult": [{"attributeValue": SECRET, "variable": {"name": "BASICAUTHPASSWORD"}}]
    },
    "a password in a report": {
        "reportData": [
            {
                "variable": {"name": "BasicAuthPassword"},
                "variableAttribute": [{"type": "Actual", "value": SECRET, "mutability": "WriteOnly"}],
            }
        ]
    },
    "a password in an event": {
        "eventData": [{"actualValue": SECRET, "variable": {"name": "BasicAuthPassword", "instance": "1"}}]
    },
    "a network profile": {
        "connectionData": {
            "ocppCsmsUrl": f"wss://user:{SECRET}@csms/ocpp",
            "basicAuthPassword": SECRET,
            "apn": {"apnUserName": SECRET, "apnPassword": SECRET, "simPin": 12345678},
            "vpn": {"server": "s", "user": SECRET, "password": SECRET, "key": SECRET, "group": "g"},
        }
    },
    "a VPN without its server": {"vpn": {"key": SECRET}},
    "a URL": {"log": {"remoteLocation": f"ftp://user:{SECRET}@host/logs/"}},
    "a URL with two at signs": {"log": {"remoteLocation": f"ftp://user:p@{SECRET}@host/logs/"}},
    "a URL with a slash in its password": {"firmware": {"location": f"ftp://user:a/{SECRET}@host/f"}},
    "a URL with a question mark in its password": {"firmware": {"location": f"ftp://user:{SECRET}?a@host/f"}},
    "a URL with blanks and quotes": {"firmware": {"location": f'http://user:a "{SECRET}@host/f'}},
    "a signed URL": {"firmware": {"location": f"https://blob/f?sv=1&sig={SECRET}#{SECRET}"}},
    "a URL without a scheme": {"firmware": {"location": f"user:{SECRET}@host/f?{SECRET}"}},
    "a URL in percent signs": {"data": f"https%3A%2F%2Fuser%3A{SECRET}%40host%2Fa%3Fsig%3D{SECRET}"},
    "a URL with credentials in percent signs": {"log": {"remoteLocation": f"https://user%3A{SECRET}%40host/logs/"}},
    "a URL with a query in percent signs": {"log": {"remoteLocation": f"https://host/logs/%3Fsig={SECRET}"}},
    "a text that is a URL with blanks and quotes": {"data": f'ftp://user:a "<{SECRET}@host/f'},
    "several URLs": {"location": [f"https://a:{SECRET}@b/", f"https://b?{SECRET}"]},
    "a URL in a text": {"statusInfo": {"reasonCode": "x", "additionalInfo": f"see https://a:b@{SECRET}@c/ for more"}},
    "a private key": {"data": f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----"},
    "a private key that is cut": {"data": f"-----BEGIN PRIVATE KEY-----\n{SECRET}"},
    "an HTTP header": {"techInfo": f"Authorization: Basic {SECRET}"},
    "an HTTP header in small letters": {"techInfo": f"proxy said bearer {SECRET}"},
    "an HTTP header of a vendor": {"techInfo": f"X-Auth-Token: {SECRET}"},
    "a PIN": {"idToken": {"idToken": SECRET, "type": "KeyCode"}},
    "custom data": {"customData": {"vendorId": "v", "apiToken": SECRET, "deep": [{"Client-Secret": SECRET}]}},
    "text that is JSON": {"vendorId": "v", "data": json.dumps({"a": json.dumps({"password": SECRET})})},
    "data that is a list": {"vendorId": "v", "data": {"passwords": [SECRET, {"one": SECRET}, [SECRET]]}},
    "a repeated secret": {"customData": {"vendorId": "v", "password": SECRET}, "techInfo": f"{SECRET} is too short"},
    "a text that names it": {"techInfo": f"password={SECRET}"},
}


def written_plainly(payload: object) -> str:
    return json.dumps(payload)


def written_with_slashes(payload: object) -> str:
    return json.dumps(payload).replace("/", "\\/")


def escaped(payload: object) -> str:
    """Write names and texts with every letter escaped."""

    def text(value: str) -> str:
        return '"' + "".join(f"\\u{ord(character):04x}" for character in value) + '"'

    def write(value: object) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(f"{text(name)}: {write(field)}" for name, field in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(write, value)) + "]"
        return text(value) if isinstance(value, str) else json.dumps(value)

    return write(payload)


WAYS: dict[str, Callable[[object], str]] = {
    "plainly": written_plainly,
    "with escaped slashes": written_with_slashes,
    "in escapes": escaped,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", PAYLOADS)
def test_no_way_of_writing_hides_a_secret_from_the_list(what: str, way: str) -> None:
    shown = redact(WAYS[way](PAYLOADS[what]))
    decoded = json.dumps(json.loads(shown), ensure_ascii=False)
    assert SECRET not in decoded
    assert "12345678" not in decoded
    assert HIDDEN in decoded


@pytest.mark.parametrize("what", PAYLOADS)
def test_hiding_changes_no_type(what: str) -> None:
    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {name: shape(field) for name, field in value.items()}
        return [shape(item) for item in value] if isinstance(value, list) else type(value)

    payload = PAYLOADS[what]
    assert shape(json.loads(redact(json.dumps(payload)))) == shape(payload)


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"remoteLocation":"https://u:{SECRET}@h/","remoteLocation":"https://h/"}}',
        f'{{"log":{{"remoteLocation":"https://h/?{SECRET}"}},"log":{{"remoteLocation":"https://h/"}}}}',
        f'{{"data":[{{"password":"{SECRET}","password":"{HIDDEN}"}}]}}',
        f'{{"password":"{SECRET}","passwor\\u0064":"{HIDDEN}"}}',
    ],
)
def test_a_name_that_comes_twice_hides_no_secret(payload: str) -> None:
    """Only the last one counts for whoever decodes it."""
    assert SECRET not in redact(payload)


def test_what_is_no_secret_stays() -> None:
    payload = {
        "idToken": {"idToken": "04A1B2C3", "type": "ISO14443"},
        "groupIdToken": {"idToken": "GROUP-1", "type": "Central"},
        "setVariableData": [{"attributeValue": "60", "variable": {"name": "HeartbeatInterval"}}],
        "reportData": [{"variable": {"name": "Password"}, "variableAttribute": [{"mutability": "WriteOnly"}]}],
        "meterValue": [{"sampledValue": [{"value": 1.5, "location": "Outlet"}]}],
        "connectionData": {"ocppCsmsUrl": "wss://csms.example/ocpp"},
        "signature": "MEQCIA==",
    }
    assert json.loads(redact(json.dumps(payload))) == payload


def _fields() -> Iterator[tuple[str, str]]:
    kinds = [one for one in vars(messages).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    for kind in kinds:
        yield from ((kind.__name__, field.encode_name) for field in msgspec.structs.fields(kind))


def test_every_field_of_the_specification_that_sounds_like_a_secret_is_on_the_list_and_no_other() -> None:
    sounds = re.compile(r"passw|secret|pin$|private|credential", re.IGNORECASE)
    listed = {(kind, name) for kind, name in _fields() if is_secret(name, {}, "vpn" if kind == "VPN" else "")}
    sounding = {(kind, name) for kind, name in _fields() if sounds.search(name)}
    assert sounding <= listed
    assert listed - sounding == {("APN", "apnUserName"), ("VPN", "user"), ("VPN", "key")}


def test_an_error_that_repeats_a_secret_does_not_show_it() -> None:
    redactor = Redactor()
    redactor.payload(json.dumps(PAYLOADS["a password that is set"]))
    assert SECRET not in redactor.payload(json.dumps({"errorDescription": f"{SECRET} is too long", "errorDetails": {}}))
    assert SECRET not in redactor.text(f"refused: {SECRET}")


@pytest.mark.parametrize(
    "line",
    [
        f'HTTP Request: PUT http://user:p@{SECRET}@host/a?sig={SECRET} "HTTP/1.1 200 OK"',
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"password={SECRET}, more",
        f'{{"BasicAuthPassword": "{SECRET}"}}',
        f"ValueError: ftp://{SECRET}@host is no URL",
    ],
)
def test_a_line_of_a_log_shows_no_secret(line: str) -> None:
    assert SECRET not in redact_text(line)


def test_a_line_about_a_password_stays_readable() -> None:
    line = "SecurityCtrlr.BasicAuthPassword: must have 16 to 40 characters; wss://127.0.0.1:9443/ocpp/OHM-0001"
    assert redact_text(line) == line


def test_a_url_keeps_what_says_where_it_leads() -> None:
    shown = redact_url("https://user:p@ss@host:8443/path/file.bin?sig=1#x")
    assert shown == f"https://{HIDDEN}@host:8443/path/file.bin?{HIDDEN}"
    assert redact_url("https://host/path/file.bin") == "https://host/path/file.bin"


def test_a_frame_that_cannot_be_decoded_is_told_of_by_length_and_digest() -> None:
    told = undecodable(f'[2,"1","X",{{"password":"{SECRET}')
    assert re.fullmatch(r"\d+ bytes, SHA-256 [0-9a-f]{64}", told)
    assert redact(f'{{"password":"{SECRET}').startswith('"')
    assert SECRET not in redact(f'{{"password":"{SECRET}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(50, 2000), deadline=None)
@given(JSON, st.sampled_from(["password", "Api-Key", "accessToken", "PASSPHRASE", "clientSecret"]))
def test_wherever_a_named_secret_stands_it_is_hidden(around: object, name: str) -> None:
    for holder in ({"x": around, name: SECRET}, [around, {"y": {name: [SECRET, {"z": SECRET}]}}]):
        assert SECRET not in redact(json.dumps({"customData": holder}))


@pytest.mark.parametrize("name", sample(NAMES, 24))
def test_no_field_of_any_message_lets_a_url_or_custom_data_through(name: str) -> None:
    """Every text of the message is a URL with credentials, every object has customData with a secret."""

    def mark(value: Json) -> Json:
        if isinstance(value, dict):
            marked = {key: mark(field) for key, field in value.items() if key != "customData"}
            return {**marked, "customData": {"vendorId": "v", "clientToken": SECRET, "list": [{"pwd": SECRET}]}}
        if isinstance(value, list):
            return [mark(item) for item in value]
        return f"https://u:{SECRET}@h/p?{SECRET}" if isinstance(value, str) else value

    made = mark(instance(name, Random(name)))
    for way in WAYS.values():
        assert SECRET not in redact(way(made))
