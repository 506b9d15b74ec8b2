"""The public stream: closed candles, signals, alerts and tickers as they come."""

from livermore.http.handshake import StreamParameters, upgrade_required
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.stream_handler import StreamHandler

TEXT = """
A WebSocket (RFC 6455, version 13) of JSON text messages. A key may come with the request (`X-API-Key`,
`Authorization: Bearer`, or `apiKey` where a browser cannot send headers), or in the first message within 5 seconds:
`{"action":"auth","key":"..."}`.

Then: `{"action":"subscribe","channels":["candles:BTC-USD:5m","signals:*:1h","alerts:*","tickers:BTC-USD"]}`, with
`exchange` where there are several, `snapshot: true` for what stands now, and an `id` that is said back; `unsubscribe`;
`ping`. Symbol and timeframe may be `*`.

The server says `welcome`, `subscribed` and `unsubscribed` (with all that is active, and what was rejected),
`snapshot`, `candle_close`, `candle_corrected`, `trade_signal`, `alert`, `gap`, `ticker`, `pong`, `error`,
`heartbeat` (with the newest event id of each exchange) and `reconnect` before a planned stop. Each event carries its
`id`, the place in the exchange's order of events.

To resume, send `resume_from` with the id of the last event, one for each exchange, as `["coinbase:1700000000000-0"]`,
along with the channels. Where `subscribed` says `resumed: true`, everything that came after it follows, once and in
order, then a `heartbeat`, then what is new; where it says `resumed: false`, that is not held any more, and snapshots
follow. Who needs several messages for all channels keeps the old id until the heartbeat after the last of them, and
knows by their ids events that come twice. No heartbeat has `ids` while one is replayed to.

Close codes: 1009 message too big, 1012 restarting, 1013 try later, 4001 no valid key, 4003 no scope, 4008 too many
connections, 4009 slow_consumer with the last id, 4029 too many messages.
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
