"""The OpenAPI document of one station: its routes, what each of them takes, sends, and refuses."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Response, Stream
from litestar.routes import HTTPRoute

from ohmstead.ports.bench import Backoffice, Bench
from ohmstead.web.guard import Problem
from ohmstead.web.openapi_schemas import JSON, Node, Schemas, node, of_this_station, parameters_of_this_station

PROBLEMS = {
    400: "The request is not valid; `hint` names the place.",
    401: "A token is needed, and this one is none.",
    403: "It comes from another site's page, or asks for a host name that is not this server's.",
    404: "There is no such thing at this station.",
    408: "The body does not come in time.",
    409: "It cannot be done now, or the station refuses it; `error` says why.",
    413: "The body is too large.",
    422: "It is well formed, and cannot be meant; `error` says why.",
    507: "It cannot be kept: the memory of the station does not take it.",
}
"""Status of an error -> what it says, wherever it comes from."""
EVERYWHERE = (400, 401, 403)
WITH_BODY = (408, 413)
DESCRIPTION = """One API for the page, scripts and the lab: what a person can do at the station (`hand`), what can be \
seen of it (`station`, `variables`, `trace`, `events`), what a test needs before it starts (`cache`, `reset`), what it \
does wrong on the wire on purpose (`faults`), the embedded CSMS (`csms`), its file servers (`files`), and test \
campaigns (`campaign`). Every error is `{"error": one line, "hint": what would be right}`."""


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Return what an operation declares that can answer with these errors, beside those that all of them can."""
    return {status: ResponseSpec(Problem, generate_examples=False, description=PROBLEMS[status]) for status in statuses}


def openapi_config(bench: Bench, backoffice: Backoffice | None, needs_token: bool) -> OpenAPIConfig:
    """Return how the application describes itself, at /api/v1/openapi.json.

    Args:
        bench: whose EVSEs, connectors, EV models ... the document names.
        backoffice: whose commands it has; None: no embedded CSMS.
        needs_token: whether every request must show one.
    """
    return OpenAPIConfig(
        title="Ohmstead control API",
        version="1",
        description=DESCRIPTION,
        path="/api",
        render_plugins=[_Document("/v1/openapi.json", bench, backoffice, needs_token)],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
    )


class _Document(JsonRenderPlugin):
    """Makes the document of the framework complete: once a request asks for it, for its types are many."""

    def __init__(self, path: str, bench: Bench, backoffice: Backoffice | None, needs_token: bool) -> None:
        super().__init__(path=path)
        self._bench = bench
        self._backoffice = backoffice
        self._needs_token = needs_token
        self._text = b""

    def render(self, request: Request[object, object, State], openapi_schema: Node) -> bytes:
        """Return the document."""
        self._text = self._text or msgspec.json.encode(self._complete(request.app, openapi_schema))
        return self._text

    def _complete(self, app: Litestar, document: Node) -> Node:
        paths = node(document, "paths")
        schemas = Schemas()
        for operation, handler in _operations(app, paths):
            _describe(operation, handler, schemas)
        components = schemas.components()
        view = self._bench.view()
        of_this_station(components, view)
        for item in paths.values():
            parameters_of_this_station(item, view, self._backoffice)
        if self._backoffice is not None:
            _spell_out_commands(paths, components, self._backoffice.commands())
        document["components"] = {"schemas": dict(sorted(components.items()))}
        if self._needs_token:
            node(document, "components")["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
        return document


def _operations(app: Litestar, paths: Node) -> Iterator[tuple[Node, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format in paths:
            for method, (handler, _) in route.route_handler_map.items():
                if method.lower() in node(paths, route.path_format):
                    yield node(paths, route.path_format, method.lower()), handler


def _operation_id(_: HTTPRouteHandler, method: str, path: Sequence[object]) -> str:
    """Return `post_hand_plug`: the name that generated clients give it."""
    named = [str(part) for part in path if isinstance(part, str)][2:]
    return "_".join([method.lower(), *named]).replace("-", "_").replace(".", "_")


def _describe(operation: Node, handler: HTTPRouteHandler, schemas: Schemas) -> None:
    """Say with the schemas of msgspec what an operation takes and sends, and which errors it has."""
    signature = handler.parsed_fn_signature
    good = node(operation, "responses", str(handler.status_code))
    sent = signature.return_type
    if not sent.is_subclass_of((Response, Stream, type(None))):
        good["content"] = {JSON: {"schema": schemas.sent(sent.annotation)}}
    elif not sent.is_subclass_of(type(None)):
        good["content"] = {str(handler.media_type): {"schema": {"type": "string"}}}
    for parameter in operation.get("parameters", ()):
        _say_plainly(parameter)
    taken = signature.parameters.get("data")
    if taken is not None:
        needed = not taken.has_default
        operation["requestBody"] = {"required": needed, "content": {JSON: {"schema": schemas.taken(taken.annotation)}}}
    own = [int(status) for status in node(operation, "responses") if status in map(str, PROBLEMS)]
    responses = {str(handler.status_code): good}
    for status in sorted({*own, *EVERYWHERE, *(WITH_BODY if taken is not None else ())}):
        content = {JSON: {"schema": schemas.sent(Problem)}}
        responses[str(status)] = {"description": PROBLEMS[status], "content": content}
    operation["responses"] = responses


def _say_plainly(parameter: Node) -> None:
    """Say of a parameter that may be left out what it is where it is there: nothing in a URL or a header is null."""
    options = [option for option in parameter["schema"].pop("oneOf", ()) if option != {"type": "null"}]
    for option in options:
        parameter["schema"].update(option)


def _spell_out_commands(paths: Node, components: Node, commands: Mapping[str, Mapping[str, object]]) -> None:
    """Replace the route that takes any command by one path for each: the body of each is another."""
    general = "/api/v1/csms/{station}/{action}"
    item = paths.pop(general)
    text = msgspec.json.encode(item)
    for action, schema in commands.items():
        shown = msgspec.json.decode(msgspec.json.encode(schema).replace(b"#/$defs/", b"#/components/schemas/"))
        components.update(shown.pop("$defs", {}))
        own = msgspec.json.decode(text, type=Node)
        operation = node(own, "post")
        operation["operationId"] = f"post_csms_{action}"
        operation["summary"] = f"Send {action}"
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "action"]
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": shown}}}
        paths[general.replace("{action}", action)] = own
