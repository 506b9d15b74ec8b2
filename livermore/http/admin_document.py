"""The OpenAPI 3.1 document of the admin routes, made from their table; the public one never shows any of them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from openapi_pydantic import (
    Components,
    Info,
    MediaType,
    OpenAPI,
    Operation,
    PathItem,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
    Server,
)
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from livermore.http import documented_answers as answers
from livermore.http import examples
from livermore.http.openapi import ALWAYS, VERSION, parameters_of, sound
from livermore.http.route import Access, Document, Route
from livermore.http.schemas import ErrorAnswer

if TYPE_CHECKING:
    from livermore.http.table import Table

ADMIN = "/admin/v1"
TEXT = """
What operators do, and all that there is to see of indicators. The door opens to the admin token, and to session tokens
of Clerk whose user has the role `admin` here, both as `Authorization: Bearer`. Answers are plain JSON; every error has
the form of `ErrorAnswer`. Whatever may change something is written into the audit log before it is done.
"""
_DEFS, _SCHEMAS = "#/$defs/", "#/components/schemas/"

Plain = dict[str, Any]


def document(table: "Table") -> bytes:
    """The document as JSON."""
    shown = [route for route in table.routes if route.access is Access.ADMIN]
    items: dict[str, Plain] = {}
    for route in shown:
        operations = items.setdefault(route.path.removeprefix(ADMIN), {})
        operations.update({method.lower(): _operation(route, method.lower()) for method in route.methods})
    skeleton = OpenAPI(
        info=Info(title="Livermore Admin API", version=VERSION, description=TEXT.strip()),
        servers=[Server(url=ADMIN)],
        security=[{"bearer": []}],
        paths={path: PathItem(**operations) for path, operations in items.items()},
        components=Components(
            headers=answers.headers(), securitySchemes={"bearer": SecurityScheme(type="http", scheme="bearer")}
        ),
    )
    whole = construct_open_api_with_schema_class(skeleton)
    plain = whole.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    _complete(plain["components"].setdefault("schemas", {}), shown)
    return msgspec.json.encode({"openapi": "3.1.0"} | plain)


def _complete(schemas: Plain, routes: list[Route[Any]]) -> None:
    """Add what bodies refer to, and no answer does."""
    for route in routes:
        if route.body:
            for name, schema in _form(route).get("$defs", {}).items():
                schemas.setdefault(name, schema)


def _operation(route: Route[Any], method: str) -> Operation:
    about = route.document or Document("Other", (route.handler.__doc__ or route.path).partition("\n")[0].rstrip("."))
    failures = sorted({*ALWAYS, *about.also, *([426] if route.socket else [])})
    return Operation(
        operationId=about.operation or _name(route, method),
        tags=[about.tag],
        summary=about.summary,
        description=about.text or None,
        parameters=[one for one in parameters_of(route) if one.param_in == "path" or not route.body],
        requestBody=_body(route) if route.body else None,
        responses={**_success(route, about), **{str(status): _failure(status) for status in failures}},
    )


def _name(route: Route[Any], method: str) -> str:
    words = route.path.removeprefix(ADMIN).replace("{", "").replace("}", "").replace("-", "_").replace(".", "_")
    return f"{method}{words.replace('/', '_')}"


def _form(route: Route[Any]) -> Plain:
    """The parameters' schema, its references as they are in a document."""
    text = msgspec.json.encode(route.parameters.model_json_schema()).decode()
    found: Plain = msgspec.json.decode(text.replace(_DEFS, _SCHEMAS))
    return found


def _body(route: Route[Any]) -> RequestBody:
    form = _form(route)
    fields: Mapping[str, Any] = form.get("properties", {})
    within = {name: sound(field) for name, field in fields.items() if f"{{{name}}}" not in route.path}
    required = [name for name in form.get("required", ()) if name in within]
    schema = {"type": "object", "properties": within, "additionalProperties": False, "required": required or None}
    made = Schema.model_validate({name: value for name, value in schema.items() if value is not None})
    return RequestBody(content={"application/json": MediaType(media_type_schema=made)}, required=bool(required))


def _success(route: Route[Any], about: Document) -> dict[str, Response]:
    if route.socket is not None:
        return {"101": Response(description=HTTPStatus.SWITCHING_PROTOCOLS.phrase)}
    schema: Any = Schema() if about.model is None else PydanticSchema(schema_class=about.model)
    told = {"application/json": MediaType(media_type_schema=schema, example=about.example)}
    headers = answers.references((*answers.ALWAYS, *about.headers))
    return {str(about.status): Response(description="Success", content=told, headers=headers)}


def _failure(status: int) -> Response:
    content = MediaType(media_type_schema=PydanticSchema(schema_class=ErrorAnswer), example=examples.error(status))
    headers = answers.references((*answers.ALWAYS, *answers.OF_STATUS.get(status, ())))
    return Response(description=HTTPStatus(status).phrase, content={"application/json": content}, headers=headers)
