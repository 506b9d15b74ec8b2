"""Reading a recording of Coinbase's WebSocket: JSON lines, of which those with ``"t":"recv"`` hold a raw frame."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from livermore.errors import LivermoreError
from livermore.market.amount import canonical
from livermore.simulator.moments import parse_wire
from livermore.simulator.trade import Trade
from livermore.simulator.wire import CandleRow, Frame, TickerRow, TradeRow


class _Line(msgspec.Struct):
    t: str
    data: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    trades: list[TradeRow] = []
    tickers: list[TickerRow] = []
    candles: list[CandleRow] = []

    def symbols(self) -> Iterator[str]:
        yield from (row.product_id for row in self.trades)
        yield from (row.product_id for row in self.tickers)
        yield from (row.product_id for row in self.candles)


class _Envelope(msgspec.Struct):
    channel: str = ""
    timestamp: str = ""
    events: msgspec.Raw = msgspec.Raw(b"[]")


class Recorded(msgspec.Struct, frozen=True):
    """One recorded frame, its events as they were sent, and what it says. A heartbeat belongs to no symbol."""

    frame: Frame
    symbol: str
    trades: list[Trade]
    tickers: list[TickerRow]
    candles: list[CandleRow]


_line = msgspec.json.Decoder(_Line).decode
_envelope = msgspec.json.Decoder(_Envelope).decode
_events = msgspec.json.Decoder(list[_Event]).decode


def read_recording(path: Path) -> list[Recorded]:
    """All data frames of a file in recorded order, acknowledgements left out.

    Raises:
        LivermoreError: the file cannot be read, or is no such recording.
    """
    try:
        found = list(_read(path))
    except OSError as error:
        raise LivermoreError(f"the recording {path} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise LivermoreError(f"{path} is not a recording of Coinbase's WebSocket: {error}") from error
    if not found:
        raise LivermoreError(f"the recording {path} holds no frames")
    return found


def _read(path: Path) -> Iterator[Recorded]:
    at = 0
    with path.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines):
            line = _line(text)
            envelope = _envelope(line.data) if line.t == "recv" else _Envelope()
            if envelope.channel not in {"", "subscriptions"}:
                recorded = _recorded(envelope, number, at)
                at = recorded.frame.at
                yield recorded


def _recorded(envelope: _Envelope, number: int, before: int) -> Recorded:
    """A frame is due when market time reaches its timestamp, but never before the one that came before it."""
    at = max(before, -(-parse_wire(envelope.timestamp) // 1_000_000))
    frame = Frame(at, envelope.timestamp, envelope.channel, envelope.events, number)
    events = _events(envelope.events)
    symbols = {symbol for event in events for symbol in event.symbols()} or {envelope.channel}
    if len(symbols) > 1:
        raise ValueError(f"line {number + 1} mixes products, which Coinbase does not do")
    return Recorded(
        frame, symbols.pop(),
        [_trade(row) for event in events for row in event.trades],
        [row for event in events for row in event.tickers],
        [row for event in events for row in event.candles],
    )  # fmt: skip


def _trade(row: TradeRow) -> Trade:
    time = parse_wire(row.time) // 1_000
    return Trade(row.product_id, int(row.trade_id), canonical(row.price), canonical(row.size), time, row.side)
