"""The OpenAPI 3.1 document of the public routes, made from their table."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from openapi_pydantic import (
    Components,
    Info,
    Link,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    Schema,
    SecurityScheme,
    Server,
)
from openapi_pydantic.util import construct_open_api_with_schema_class

from livermore.http import documented_answers as answers
from livermore.http.route import PUBLIC, Document, Route

if TYPE_CHECKING:
    from livermore.http.table import Table

VERSION = "1.0.0"
_KEYS = frozenset(field.alias or name for name, field in Schema.model_fields.items())
ALWAYS = (400, 401, 403, 413, 414, 429, 431, 500, 503)
"""What every keyed route may answer beside a success."""

TEXT = """
Candles that can be trusted, and signals, of crypto markets. Times are ISO-8601 in UTC with milliseconds; prices and
volumes are exact decimal strings; ranges include their start and exclude their end. Every error has the form of
`ErrorAnswer`. `RateLimit`, `RateLimit-Policy` and `X-RateLimit-*` tell how much of a key's limit is left, and
`Retry-After` when to come back. `X-Request-ID` is sent back, or made up. Every path takes HEAD and OPTIONS, too; any
other method is answered 405, with those there are in `Allow`.
"""


def document(table: "Table") -> bytes:
    """The document as JSON."""
    shown = [route for route in table.routes if route.public and route.document is not None]
    names = {_name(route) for route in shown}
    skeleton = OpenAPI(
        info=Info(title="Livermore Public API", version=VERSION, description=TEXT.strip()),
        servers=[Server(url=PUBLIC)],
        security=[{"apiKey": []}, {"bearer": []}],
        paths={route.path.removeprefix(PUBLIC): PathItem(get=_operation(route, names)) for route in shown},
        components=Components(
            headers=answers.headers(),
            securitySchemes={
                "apiKey": SecurityScheme(type="apiKey", security_scheme_in="header", name="X-API-Key"),
                "bearer": SecurityScheme(type="http", scheme="bearer"),
            },
        ),
    )
    whole = construct_open_api_with_schema_class(skeleton)
    plain = whole.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return msgspec.json.encode({"openapi": "3.1.0"} | plain)


def _name(route: Route[Any]) -> str:
    about = route.document
    return (about and about.operation) or f"get_{route.path.removeprefix(PUBLIC).split('/')[1]}"


def _operation(route: Route[Any], names: "set[str]") -> Operation:
    about = route.document
    assert about is not None
    failures = sorted({*ALWAYS, *about.also} - {HTTPStatus.SWITCHING_PROTOCOLS})
    parameters = list(parameters_of(route))
    links = {name: link for name, link in _links(route, about, parameters).items() if link.operationId in names}
    return Operation(
        operationId=_name(route),
        tags=[about.tag],
        summary=about.summary,
        description=about.text or None,
        parameters=parameters,
        responses={
            **answers.success(about, links),
            **{str(status): answers.failure(about, status) for status in failures},
        },
    )


def sound(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What of a schema can be said in a document: pydantic leaves bounds in it that it has no words for."""
    return {key: value for key, value in schema.items() if key in _KEYS}


def parameters_of(route: Route[Any]) -> Iterator[Parameter]:
    """What may stand in the path of a request, and in its query."""
    form = route.parameters.model_json_schema()
    needed = form.get("required", ())
    for name, field in form.get("properties", {}).items():
        where = "path" if f"{{{name}}}" in route.path else "query"
        schema = next((part for part in field.get("anyOf", ()) if part.get("type") != "null"), None) or dict(field)
        text = field.get("description") or schema.get("description")
        kept = {key: value for key, value in sound(schema).items() if key not in {"title", "description"}}
        listed = {"explode": False} if kept.get("type") == "array" else {}
        about = {"name": name, "in": where, "required": name in needed, "description": text, "schema": kept}
        yield Parameter.model_validate(about | listed)


def _links(route: Route[Any], about: Document, parameters: Sequence[Parameter]) -> dict[str, Link]:
    """What a success leads to: the next page, with the same parameters, and other operations."""
    links = {name: Link(operationId=name, parameters=dict(given)) for name, given in about.leads.items()}
    same = {one.name: f"$request.{one.param_in.value}.{one.name}" for one in parameters}
    if "cursor" in same:
        next_page = same | {"cursor": "$response.body#/meta/next_cursor"}
        links["next_page"] = Link(operationId=_name(route), parameters=next_page)
    return links
