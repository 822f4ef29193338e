"""A scenario of what a wire log has, or a running station."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ohmstead.ports.bench import HandLine, TraceLine
from ohmstead.product.load import load, shipped
from ohmstead.scenario.document import ScenarioError
from ohmstead.scenario.recording import Moment, NothingRecorded, recording_of
from ohmstead.scenario.writing import scenario_text

LARGEST = 256 << 20
"""Bytes of a wire log that are read."""
SCENARIO = "/api/v1/scenario.yaml"
PATIENCE = 30.0
"""Seconds for the answer of a running station."""


class _LineOfLog(msgspec.Struct, frozen=True):
    direction: str


class _RefusedByStation(msgspec.Struct, frozen=True):
    error: str


class _FrameOfLog(TraceLine, frozen=True, kw_only=True):
    payload: msgspec.Raw  # type: ignore[assignment]  # in a file it is no text but JSON


def record_log(path: Path, product: str | None) -> str:
    """Return the scenario of a wire log (`run --log-wire`, `scenario run --log-wire`). Raises ScenarioError."""
    moments = list(_moments(path))
    try:
        recording = recording_of(moments)
    except NothingRecorded as error:
        raise ScenarioError(f"{path}: {error}; right would be a log of `ohmstead run --log-wire FILE`") from None
    products = {one: product or _product(moments, one) for one in recording.stations}
    known = {identity: name for identity, name in products.items() if name}
    return scenario_text(recording, name=path.stem, products=known)


def fetch(url: str, token: str | None) -> str:
    """Return the scenario of what was done at a running station, by its control API. Raises ScenarioError."""
    import httpx

    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(f"{parts.scheme}://{parts.netloc}{SCENARIO}", headers=headers, timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ScenarioError(f"{url}: no station answers there: {error}") from None
    if answer.status_code != 200:
        raise ScenarioError(f"{url}: {answer.status_code}: {_reason(answer.content)}")
    return answer.text


def _moments(path: Path) -> Iterator[Moment]:
    try:
        if path.stat().st_size > LARGEST:
            raise ScenarioError(f"{path}: more than {LARGEST >> 20} MiB; right would be the part that matters")
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _moment(line, path, number)
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or error}") from None


def _moment(line: bytes, path: Path, number: int) -> Moment:
    try:
        if msgspec.json.decode(line, type=_LineOfLog).direction == "hand":
            return msgspec.json.decode(line, type=HandLine)
        frame = msgspec.json.decode(line, type=_FrameOfLog)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ScenarioError(f"{path}:{number}: no line of a wire log: {error}") from None
    return TraceLine(**msgspec.structs.asdict(frame) | {"payload": bytes(frame.payload).decode()})


def _product(moments: list[Moment], station: str) -> str | None:
    """Return the shipped product that a station says it is, by its BootNotification."""
    for moment in moments:
        if isinstance(moment, TraceLine) and moment.station == station and moment.action == "BootNotification":
            told = msgspec.json.decode(moment.payload, type=dict[str, object]).get("chargingStation")
            if isinstance(told, dict):
                return _shipped(told.get("vendorName"), told.get("model"))
    return None


def _shipped(vendor: object, model: object) -> str | None:
    for name in shipped():
        identity = load(name).identity
        if (identity.vendor_name, identity.model) == (vendor, model):
            return name
    return None


def _reason(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=_RefusedByStation).error
    except msgspec.DecodeError:
        return "it has no scenarios; right would be the URL of the page of `ohmstead run`"
