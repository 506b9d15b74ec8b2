"""The OpenAPI 3.1 document of the public routes, made from their table."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from openapi_pydantic import (
    Components,
    Info,
    Link,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    Response,
    SecurityScheme,
    Server,
)
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from livermore.http import documented_headers as headers
from livermore.http import examples
from livermore.http.route import PUBLIC, Document, Route
from livermore.http.schemas import ErrorAnswer

if TYPE_CHECKING:
    from livermore.http.table import Table

VERSION = "1.0.0"
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
            headers=headers.components(),
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
    parameters = list(_parameters(route))
    links = {name: link for name, link in _links(route, about, parameters).items() if link.operationId in names}
    return Operation(
        operationId=_name(route),
        tags=[about.tag],
        summary=about.summary,
        description=about.text or None,
        parameters=parameters,
        responses={**_success(about, links), **{str(status): _failure(status) for status in failures}},
    )


def _parameters(route: Route[Any]) -> Iterator[Parameter]:
    form = route.parameters.model_json_schema()
    for name, field in form.get("properties", {}).items():
        where = "path" if f"{{{name}}}" in route.path else "query"
        schema = next((part for part in field.get("anyOf", ()) if part.get("type") != "null"), None) or dict(field)
        text = field.get("description") or schema.get("description")
        kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
        listed = {"explode": False} if kept.get("type") == "array" else {}
        about = {"name": name, "in": where, "required": where == "path", "description": text, "schema": kept}
        yield Parameter.model_validate(about | listed)


def _links(route: Route[Any], about: Document, parameters: Sequence[Parameter]) -> dict[str, Link]:
    """What a success leads to: the next page, with the same parameters, and other operations."""
    links = {name: Link(operationId=name, parameters=dict(given)) for name, given in about.leads.items()}
    same = {one.name: f"$request.{one.param_in.value}.{one.name}" for one in parameters}
    if "cursor" in same:
        next_page = same | {"cursor": "$response.body#/meta/next_cursor"}
        links["next_page"] = Link(operationId=_name(route), parameters=next_page)
    return links


def _success(about: Document, links: dict[str, Link]) -> dict[str, Response]:
    if about.model is None:
        return {"101": Response(description=HTTPStatus.SWITCHING_PROTOCOLS.phrase)}
    content = MediaType(media_type_schema=PydanticSchema(schema_class=about.model), example=about.example)
    found = Response(
        description="Success",
        content={"application/json": content},
        headers=dict(headers.of_success(about.headers)),
        links=dict(links) or None,
    )
    return {"200": found}


def _failure(status: int) -> Response:
    phrase, told = HTTPStatus(status).phrase, dict(headers.of_failure(status))
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(description=phrase, headers=told)
    content = MediaType(media_type_schema=PydanticSchema(schema_class=ErrorAnswer), example=examples.error(status))
    return Response(description=phrase, content={"application/json": content}, headers=told)
