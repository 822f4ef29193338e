"""What the OpenAPI document says of one station."""

from typing import Any, get_args

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.model.facts import Fact
from ohmstead.ports.bench import FactName
from ohmstead.wire.messages import IdTokenEnum
from tests.web.desk import desk
from tests.web.station import IDENTITY


def document(product: str | None = None, csms: bool = True) -> Any:
    async def ask() -> Any:
        async with desk(product=product, csms=csms) as here:
            return (await here.client.get("/api/v1/openapi.json")).json()

    return run(ask())


def objects(part: object) -> list[Any]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [*([part] if isinstance(part, dict) else []), *(one for each in inner for one in objects(each))]


def test_every_operation_names_its_errors_and_their_one_shape() -> None:
    for path, item in document()["paths"].items():
        for operation in item.values():
            errors = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
            assert {"400", "401", "403"} <= errors.keys(), path
            assert ("413" in errors) == ("requestBody" in operation), path
            for answer in errors.values():
                assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/api/v1/hand/plug", {"404", "409", "507"}),
        ("/api/v1/hand/lease", {"409"}),
        ("/api/v1/campaign", {"404", "409", "422"}),
        ("/api/v1/csms/{station}/Reset", {"404", "422"}),
    ],
)
def test_an_operation_names_the_errors_of_its_own(path: str, statuses: set[str]) -> None:
    assert statuses <= document()["paths"][path]["post"]["responses"].keys()


def test_an_object_has_the_fields_that_are_named_and_no_other() -> None:
    free = {"CustomData"}  # a vendor's, which Part 4 leaves open
    for name, schema in document()["components"]["schemas"].items():
        for one in objects(schema):
            if "properties" in one and one is schema and name not in free:
                assert one["additionalProperties"] is False, name


def test_it_names_the_places_of_the_product() -> None:
    schemas = document("ac-wallbox")["components"]["schemas"]
    assert schemas["Plug"]["properties"]["evse_id"]["enum"] == [1]
    assert schemas["Clear"]["properties"]["connector_id"]["enum"] == [0, 1]
    assert schemas["Present"]["properties"]["type"]["enum"] == list(IdTokenEnum)
    schemas = document("depot")["components"]["schemas"]
    assert len(schemas["Plug"]["properties"]["evse_id"]["enum"]) > 1


def test_it_names_the_stations_of_the_embedded_csms_where_there_is_one() -> None:
    reset = document()["paths"]["/api/v1/csms/{station}/Reset"]["post"]
    assert reset["parameters"][0]["schema"]["enum"] == [IDENTITY]
    assert reset["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ResetRequest")
    assert "/api/v1/csms/{station}/{action}" in document(csms=False)["paths"]


def test_an_instant_is_one() -> None:
    assert document()["components"]["schemas"]["StationView"]["properties"]["now"]["format"] == "date-time"


def test_the_facts_are_those_of_the_model() -> None:
    assert set(get_args(FactName)[1].extra_json_schema["enum"]) == set(Fact)


def test_options_names_every_method_of_a_path() -> None:
    async def ask() -> None:
        async with desk() as here:
            answer = await here.client.options("/api/v1/campaign")
            assert answer.headers["allow"] == "DELETE, GET, OPTIONS, POST"

    run(ask())
