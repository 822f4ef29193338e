"""The API does what its OpenAPI document says: schemathesis asks for whatever the document allows, and for what not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from ohmstead.csms.commands import schemas
from ohmstead.product.load import shipped
from ohmstead.runtime.bench import StationBench
from tests.generators import examples, sample
from tests.web.virtual_server import URL, VirtualServer, serving

TOKEN = "a-token-of-the-operator"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
STREAM = "/api/v1/events"
"""Has no end."""
COMMANDS = sample(sorted(schemas()), 5)
"""The commands of the CSMS that are asked for: their bodies are large, so that all of them take minutes."""
CHECKS = frozenset(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "unsupported_method",
        "allow_header_conformance",
        "ignored_auth",
    )
)
"""Those that must have had something to look at; all others are on as well."""
WELL_FORMED = ["2xx", "401", "403", "404", "409", "422", "507"]
"""What may come back for a request that the document allows: 409 and 422 refuse what no schema can say."""


class Outcome(msgspec.Struct):
    """What schemathesis found."""

    cases: int = 0
    checks: set[str] = msgspec.field(default_factory=set)
    failures: list[str] = msgspec.field(default_factory=list)


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, product: str | None = None) -> Iterator[VirtualServer]:
    with serving(token=TOKEN, product=product) as server:
        monkeypatch.setattr(requests.Session, "get_adapter", lambda _session, url: server)  # noqa: ARG005 - its name
        yield server


def wanted(path: str) -> bool:
    action = path.removeprefix("/api/v1/csms/{station}/")
    return path != STREAM and (action == path or action in COMMANDS)


def ask(number: int, paths: Callable[[str], bool] = wanted) -> Outcome:
    """Ask for everything, `number` random requests an operation beside those for each limit of each field."""
    config = SchemathesisConfig.from_dict(
        {
            "headers": AUTHORIZATION,
            "seed": 1,
            "generation": {"max-examples": number, "deterministic": True, "database": "none"},
            "checks": {"positive_data_acceptance": {"expected-statuses": WELL_FORMED}},
            "continue-on-failure": True,
        }
    )
    schema = schemathesis.openapi.from_url(f"{URL}/api/v1/openapi.json", config=config, headers=AUTHORIZATION)
    outcome = Outcome()
    for event in from_schema(schema.include(lambda context: paths(context.operation.path))).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            outcome.failures.append(f"schemathesis: {event}")
        if isinstance(event, events.ScenarioFinished):
            outcome.cases += len(event.recorder.cases)
            for check in (check for checks in event.recorder.checks.values() for check in checks):
                outcome.checks.add(check.name)
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    outcome.failures.append(f"{failure.operation}: {failure.message}\n{check.failure_info.code_sample}")
    return outcome


@pytest.mark.parametrize("product", sample(shipped(), 1))
def test_every_operation_does_what_the_document_says(
    product: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    with served(monkeypatch, product):
        outcome = ask(examples(2, 25))
    assert not outcome.failures, "\n\n".join(outcome.failures[:10])
    assert outcome.checks >= CHECKS
    assert outcome.cases > 1000
    record_property("requests", outcome.cases)


def test_what_the_document_does_not_say_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch):
        whole = StationBench.view
        monkeypatch.setattr(
            StationBench, "view", lambda bench: msgspec.structs.replace(whole(bench), local_time="noon")
        )
        outcome = ask(1, lambda path: path == "/api/v1/station")
    assert any("noon" in failure for failure in outcome.failures)
