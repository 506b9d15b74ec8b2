"""What `livermore alerts explain` prints: the explanation of an alert as people read it. No time is told in ms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from livermore.explaining.explanation import Explanation
from livermore.market.instant import iso

EARLIEST = 100_000_000_000
"""A whole number from here on is a time in ms: 1973, and no count or price comes as a whole number of that size."""
HEAD = ("opens", "open", "high", "low", "close", "volume", "revision")


def lines(e: Explanation) -> Iterator[str]:
    """An explanation, line by line."""
    facts = list(_facts(e))
    width = max(len(name) for name, _ in facts)
    yield from (f"{name:<{width}}  {told}".rstrip() for name, told in facts)
    if e.candles:
        yield ""
        yield from _table([HEAD, *map(_row, e.candles)])


def _facts(e: Explanation) -> Iterator[tuple[str, str]]:
    yield "alert", e.id
    yield "what", f"{e.label} of {e.symbol} {e.timeframe} on {e.exchange}, {e.direction}"
    yield "value", f"{e.value:g} at a price of {e.price}"
    yield "candle", f"{e.candle_time} to {e.close_time}"
    yield "raised", e.triggered_at + (", late: nobody was to be told" if e.late else "")
    yield from _why(e)
    for name, value in e.details.items():
        several = isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value)
        for i, one in enumerate(value if several else [value]):
            yield "" if i else name, _shown(one)
    yield from _again(e)
    yield "notices", ("sent" if e.notified else "none was sent") + (f"; {e.notice_error}" if e.notice_error else "")
    for gap in e.gaps:
        yield "gap", f"{gap.timeframe} {gap.start_time} to {gap.end_time}: {gap.cause}, {gap.verdict}"
    for remark in e.remarks:
        yield "note", remark


def _why(e: Explanation) -> Iterator[tuple[str, str]]:
    if e.why is None:
        yield "rule", e.rule or "unknown"
        return
    for word, options in e.why["rule"].items():
        named = {name: value for name, value in options.items() if value != []}  # no symbols named: all of them
        yield "rule", f"{word}  {_shown(named)}".rstrip()
    for part in ("before", "now", "validity"):
        yield part, _shown(e.why[part])
    now = "" if e.revision in {e.why["revision"], None} else f", {e.revision} by now"
    yield "revision", f"{e.why['revision']}{now}"


def _again(e: Explanation) -> Iterator[tuple[str, str]]:
    again = e.recomputed
    if again is not None:
        yield "again", _shown({**again.value, "stage": again.stage})
        apart = "" if again.difference is None else f", {again.difference:.3g} from what was judged"
        bound = again.validity["residual_bound"]
        yield "", f"{again.recipe} over the {again.candles} candles kept{apart}; at most {bound:.2g} is its seed's"


def _shown(value: Any) -> str:
    """Anything that was stored, on one line."""
    if isinstance(value, Mapping):
        return " · ".join(f"{name} {_inner(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_inner, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= EARLIEST:
        return iso(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return "none" if value is None else str(value)


def _inner(value: Any) -> str:
    return f"({_shown(value)})" if isinstance(value, Mapping) else _shown(value)


def _row(candle: Any) -> tuple[str, ...]:
    return (candle.timestamp, *(getattr(candle, name) for name in HEAD[1:-1]), str(candle.revision))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *numbers in rows:
        yield "  ".join([first.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
