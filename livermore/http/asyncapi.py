"""The AsyncAPI 3 document of the stream, made from the forms that its messages have and are read by."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from livermore.http import stream_examples
from livermore.http.bounds import Bounds
from livermore.http.handshake import StreamParameters
from livermore.http.openapi import VERSION
from livermore.http.requests import Auth, Ping, Subscribe, Unsubscribe
from livermore.http.route import PUBLIC
from livermore.http.schemas import Form
from livermore.http.stream_forms import FORMS
from livermore.http.stream_text import text

SCHEMAS = "#/components/schemas/"
MESSAGES = "#/channels/stream/messages/"
REQUESTS = {"auth": Auth, "subscribe": Subscribe, "unsubscribe": Unsubscribe, "ping": Ping}
"""Every message of a client, by its ``action``."""
_ANSWERS = {
    "auth": ("welcome",),
    "subscribe": ("subscribed", "heartbeat", "snapshot", "error"),
    "unsubscribe": ("unsubscribed", "error"),
    "ping": ("pong",),
}
_NEWS = {
    "connection": ("welcome", "heartbeat", "error", "reconnect"),
    "candles": ("candle_close", "candle_corrected", "gap", "snapshot"),
    "signals": ("trade_signal", "snapshot"),
    "alerts": ("alert", "snapshot"),
    "tickers": ("ticker", "snapshot"),
}
"""What is told unasked, and what to the channels of each kind."""
_SECURITY = {
    "apiKey": {"type": "httpApiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "query": {
        "type": "httpApiKey", "in": "query", "name": "apiKey",
        "description": "For browsers, which cannot send headers with a handshake. The query is in no log",
    },
}  # fmt: skip
"""Where none of these is given, `auth` has to be the first message."""


class _Schemas(GenerateJsonSchema):
    """Without a title for each field, which would say its name a second time."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - none has one
        return False


def document(bounds: Bounds) -> bytes:
    """The document as JSON. It names no host, since it is the same behind every proxy."""
    whole = {
        "asyncapi": "3.0.0",
        "info": {"title": "Livermore Stream", "version": VERSION, "description": text(bounds)},
        "defaultContentType": "application/json",
        "channels": {"stream": _channel()},
        "operations": {**_receives(), **_sends()},
        "components": {"messages": _messages(), "schemas": _schemas(), "securitySchemes": _SECURITY},
    }
    return msgspec.json.encode(whole)


def _channel() -> dict[str, Any]:
    query = StreamParameters.model_json_schema(schema_generator=_Schemas)
    return {
        "address": f"{PUBLIC}/stream",
        "title": "The stream",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in (*REQUESTS, *FORMS)},
        "bindings": {"ws": {"method": "GET", "query": query}},
    }


def _messages() -> dict[str, Any]:
    said = stream_examples.CLIENT | stream_examples.SERVER
    forms: dict[str, type[Any]] = {**REQUESTS, **FORMS}
    return {name: _message(name, form, said[name]) for name, form in forms.items()}


def _message(name: str, form: type[Any], example: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": " ".join((form.__doc__ or "").split()),
        "payload": {"$ref": SCHEMAS + form.__name__},
        "examples": [{"name": name, "payload": example}],
    }


def _schemas() -> dict[str, Any]:
    """By name: those of requests come from the structs that decode them."""
    _, theirs = msgspec.json.schema_components(REQUESTS.values(), ref_template=SCHEMAS + "{name}")
    modes: list[tuple[type[Form], JsonSchemaMode]] = [(form, "validation") for form in FORMS.values()]
    _, ours = models_json_schema(modes, ref_template=SCHEMAS + "{model}", schema_generator=_Schemas)
    return {**theirs, **ours["$defs"]}


def _receives() -> dict[str, Any]:
    return {name: _operation("receive", [name], reply=answers) for name, answers in _ANSWERS.items()}


def _sends() -> dict[str, Any]:
    return {name: _operation("send", messages) for name, messages in _NEWS.items()}


def _operation(action: str, messages: Iterable[str], reply: Iterable[str] = ()) -> dict[str, Any]:
    stream = {"$ref": "#/channels/stream"}
    answer = {"reply": {"channel": stream, "messages": _references(MESSAGES, reply)}} if reply else {}
    security = _references("#/components/securitySchemes/", _SECURITY)
    return {
        "action": action, "channel": stream, "messages": _references(MESSAGES, messages), "security": security, **answer
    }  # fmt: skip


def _references(where: str, names: Iterable[str]) -> list[dict[str, str]]:
    return [{"$ref": where + name} for name in names]
