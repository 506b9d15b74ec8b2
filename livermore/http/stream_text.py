"""What people are told of the stream, in Markdown: the way in, limits, resuming, the pulse and the end."""

from livermore.http import stream_handler as closes
from livermore.http import websocket_rules as rules
from livermore.http.bounds import Bounds
from livermore.http.outbox import CONFLATE_FROM, SLOW_FROM
from livermore.http.requests import MOST_CHANNELS

CLOSE_CODES = {
    rules.PROTOCOL_ERROR: "What was sent breaks RFC 6455.",
    rules.BAD_DATA: "A message was not UTF-8, or could not be decompressed.",
    rules.TOO_BIG: "A message was too long.",
    closes.FAILED: "The server has failed at a message. Connect again and resume.",
    closes.RESTARTING: "The server stops as planned. Connect again and resume.",
    closes.TRY_LATER: "The key cannot be checked at the moment. Connect again in a while.",
    closes.UNAUTHENTICATED: "No key, none in time, or one that is not valid, or no longer. Ask for another.",
    closes.NO_SCOPE: "The key lacks the scope `stream`. Ask for another.",
    closes.TOO_MANY_CONNECTIONS: "There are too many connections with this key.",
    closes.SLOW: "The client was too slow. The reason is `slow_consumer` and the last id: connect again and resume.",
    closes.TOO_FAST: "The client has said too much, or has connected too often.",
}
"""Why the server closes a connection, by code."""

_TEXT = """
Closed candles, their corrections, signals, alerts and gaps as they come, and tickers: JSON text messages over a
WebSocket (RFC 6455, version 13).

## The way in

A key comes with the request, in the header `X-API-Key` or `Authorization: Bearer`, or, from browsers, which cannot
send headers, in the first message, within {authentication:g} seconds: `{{"action":"auth","key":"…"}}`. It needs the
scope `stream`. The server says `welcome`, with all limits; then `subscribe` to channels:

| channel | brings |
|---|---|
| `candles:SYMBOL:TIMEFRAME` | `candle_close`, `candle_corrected`, `gap` |
| `signals:SYMBOL:TIMEFRAME` | `trade_signal`, at every closed candle |
| `alerts:SYMBOL` | `alert` |
| `tickers:SYMBOL` | `ticker` |

Symbol and timeframe may be `*`. However many channels of a client take an event in, it comes once, and its `channel`
is always the one that it is of. The answer has everything that is active now, and what was rejected, for each of
which there was an `error`, too. With `"snapshot": true` each channel first says what it stands at.

## Ids, and how to resume

Every event has an `id`, its place in the exchange's one order of events, the same on every server. Remember the
newest of each exchange (`welcome` tells where to begin), and after an interruption subscribe with
`"resume_from": ["coinbase:1771416000123-0"]`: what came after it is sent, in order and once, then a `heartbeat`, and
then what comes. The answer says `"resumed": true`. If it says `false`, the id lies too far in the past, or is none of
this server's: something may be missing, snapshots follow, and candles can be asked for at `/candles`. Tickers have no
place and are not sent again. How far the id may lie in the past at least, `welcome` tells, too.

Messages are answered one after the other. Whoever needs several for all channels gets what each of them brings in
order, but not all of it together: until the `heartbeat` after the last of them keep the old id, and know by their ids
events that come twice.

## The pulse

Every {heartbeat:g} seconds a `heartbeat` tells the newest id of each exchange, but while something is sent again: a
quiet channel is up to date, not broken, and can be resumed from there, too. If two fail to come, the connection is
dead. Beside that the server pings (RFC 6455) every {ping:g} seconds, and cuts off whoever has not answered before the
next. Before a planned stop it says `reconnect`.

## Limits

Of one connection: {channels} channels a message, {subscriptions} subscriptions, {messages} messages a second, {bytes}
bytes a message. A key has a number of connections, which `welcome` tells. A client that has not read {conflate} KiB
gets the newest ticker of each symbol only; one that has not read {slow} KiB is closed with 4009. Closed candles,
corrections, signals and alerts are never left out for a client that stays.

## Close codes

{codes}

After any other code, and where there is none, connect again after a growing, random time, and resume.
"""


def text(bounds: Bounds) -> str:
    """All of it; ``bounds`` are those that hold here."""
    rows = [f"| {code} | {why} |" for code, why in sorted(CLOSE_CODES.items())]
    return _TEXT.strip().format(
        authentication=bounds.authentication,
        heartbeat=bounds.heartbeat,
        ping=bounds.ping,
        channels=MOST_CHANNELS,
        subscriptions=bounds.subscriptions,
        messages=bounds.messages_per_second,
        bytes=bounds.message_bytes,
        conflate=CONFLATE_FROM // 1024,
        slow=SLOW_FROM // 1024,
        codes="\n".join(["| code | why |", "|---|---|", *rows]),
    )
