"""The public stream: closed candles, signals, alerts and tickers as they come."""

from livermore.http.handshake import StreamParameters, upgrade_required
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.stream_handler import StreamHandler

TEXT = f"""
A WebSocket (RFC 6455, version 13) of JSON text messages: closed candles and their corrections, signals, alerts, gaps
and tickers. Its messages, limits and close codes, and how to resume after an interruption, are in its own document,
`{PUBLIC}/asyncapi.json` (AsyncAPI 3), which can be read at `{PUBLIC}/docs/stream`.
"""


ROUTES = [
    Route(
        f"{PUBLIC}/stream",
        StreamParameters,
        upgrade_required,
        Access.STREAM,
        Document("Stream", "Everything as it comes, over a WebSocket", TEXT.strip(), also=(101, 426)),
        socket=StreamHandler,
    )
]
