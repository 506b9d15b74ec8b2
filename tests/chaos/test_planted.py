"""Planted bugs: the checker goes red on every known mutant, and stays green on the same night without one."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from livermore.actors import boundary_poller
from livermore.actors.auditor import Auditor
from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame
from livermore.exchanges.kline_assembly import KlineAssembly
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market import due
from livermore.market.due import Patience
from livermore.market.fold import TradeFold
from livermore.market.gap import Gap
from livermore.market.grace import Grace
from livermore.net import rest
from livermore.store import alert_history, query, unproven
from livermore.store.query import Script
from tests.chaos.nights import DIALECTS, Plan, Spent, spend
from tests.chaos.schedule import Entry
from tests.support.valkey import Valkey

Plant = Callable[[pytest.MonkeyPatch], None]

MISSING = Entry(62.0, "missing_frames", {"share": 0.5}, 50.0)
LAGGING = Entry(62.0, "lagging_answers", {"by": 45.0}, 90.0)
SILENT_TO_THE_END = [
    Entry(100.0, "mute_socket", {}, 25.0),
    Entry(124.0, "crashed_actor", {"path": "coinbase/writer/pipeline/exchange_feed"}, 1.0),
]
BAN = Entry(62.0, "ban", {}, 90.0)
SECONDS = 270.0
"""Time to recover from the last of them."""


def spend_night(entries: list[Entry], server: Valkey, folder: Path, exchange: str = "coinbase") -> Spent:
    symbols = [f"{base}-{DIALECTS[exchange].quote}" for base in ("BTC", "ADA")]
    plan = Plan(seed=1, seconds=SECONDS, exchange=exchange, symbols=symbols, entries=entries)
    return spend(plan, server, folder, lambda _: None)


def rewrite(monkeypatch: pytest.MonkeyPatch, name: str, before: str, after: str) -> None:
    """Change a line of a script."""
    sound = query.script(name)
    assert before in sound.text
    broken = Script(sound.text.replace(before, after), "0" * 40)
    monkeypatch.setattr(query, "script", lambda asked: broken if asked == name else _script(asked))


_script = query.script


def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets are closed at once, and trades that come in afterwards are forgotten."""
    monkeypatch.setattr(Grace, "ms", 0)
    sound = TradeFold._fold
    monkeypatch.setattr(TradeFold, "_fold", lambda self, trade: sound(self, trade) and set())


def no_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither gaps in the sequence of frames nor in the numbers of trades mean anything."""
    monkeypatch.setattr(TradeAssembly, "_has_gap", lambda *_: False)
    monkeypatch.setattr(TradeFold, "_join", lambda self, trade: _joined(self, trade.number, trade.time))


def _joined(fold: TradeFold, number: int, time: int) -> set[int]:
    fold._unsure = None
    fold._newest, fold._latest = number, max(time, fold._latest)
    return set()


def only_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the wire told last before it was lost is taken for granted."""
    monkeypatch.setattr(boundary_poller, "reaching_back", lambda page, *_: page)
    monkeypatch.setattr(unproven, "ends", _no_gaps)


async def _no_gaps(*_: object) -> list[Gap]:
    return []


def no_recheck(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in doubt is never asked about again, nor does REST confirm anything, nor anybody look at a sample."""
    monkeypatch.setattr(due, "_doubtful", lambda *_: iter(()))
    monkeypatch.setattr(due, "WIRED", frozenset(due.Timeframe))
    only_news(monkeypatch)
    monkeypatch.setattr(Auditor, "_look_at", _look_away)


async def _look_away(*_: object) -> None:
    """Nothing is audited."""


def open_taken_as_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """REST is asked before the bucket is over, and the candle as it stands is stored."""
    hasty = partial(Patience, settle=-20_000, wire=-20_000)
    monkeypatch.setattr(boundary_poller, "Patience", hasty)


def double_emit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each candle is appended to the stream twice."""
    told = "'kind', kind, 'series', series, 'data', member, 'epoch', ARGV[2])"
    line = f"redis.call('XADD', KEYS[3], 'MAXLEN', '~', length, '*', {told}"
    rewrite(monkeypatch, "candles", line, f"{line} {line}")


def cursor_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cursors move and events are told, but news is not stored."""
    line = "redis.call('ZADD', key, open, member)"
    rewrite(monkeypatch, "candles", line, f"if news ~= '1' then {line} end")


def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the exchange says to stay away, we are back after a second."""
    monkeypatch.setattr(rest, "_seconds", lambda *_: rest.SHORTEST)


def no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts are acknowledged and not written to SQL."""
    monkeypatch.setattr(alert_history, "record", lambda *_, **__: True)


def open_kline_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A candle that the exchange has not closed yet is taken for closed."""
    sound = KlineAssembly._kline
    monkeypatch.setattr(
        KlineAssembly, "_kline", lambda self, kline, *others: sound(self, replace(kline, closed=True), *others)
    )


def unclosed_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that the exchange did not close is taken for one in which nothing was traded."""
    sound = KlineAssembly.take

    def take(self: KlineAssembly, frame: Frame) -> Outcome:
        outcome = sound(self, frame)
        for gap in outcome.holes:
            outcome.known += [(gap.series, at) for at in range(gap.first, gap.end, gap.series.timeframe.ms)]
        outcome.holes.clear()
        return outcome

    monkeypatch.setattr(KlineAssembly, "take", take)


MUTANTS: list[tuple[Plant, list[Entry], str]] = [
    (no_grace, [], "truth"),
    (no_sequence, [MISSING], "truth"),
    (only_news, SILENT_TO_THE_END, "truth"),
    (no_recheck, [MISSING, LAGGING], "settled"),
    (open_taken_as_closed, [], "not_early"),
    (double_emit, [], "told_once"),
    (cursor_ahead, [], "cursors"),
    (no_patience, [BAN, MISSING], "limits"),
    (no_record, [], "alerts"),
]
"""What is planted, under which faults, and the invariant that has to be broken."""
KLINE_MUTANTS: list[tuple[Plant, list[Entry], str]] = [
    (open_kline_closes, [], "not_early"),
    (unclosed_is_empty, [MISSING._replace(at=122.0)], "truth"),
]
"""The same for an exchange that tells its candles."""
PLANTED = [("coinbase", *mutant) for mutant in MUTANTS] + [("binance", *mutant) for mutant in KLINE_MUTANTS]


@pytest.mark.parametrize(
    ("exchange", "plant", "entries", "invariant"), PLANTED, ids=[plant.__name__ for _, plant, _, _ in PLANTED]
)
def test_the_checker_goes_red_on(
    exchange: str,
    plant: Plant,
    entries: list[Entry],
    invariant: str,
    empty_valkey: Valkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    broken = spend_night(entries, empty_valkey, tmp_path, exchange).broken
    assert invariant in {line.partition(":")[0] for line in broken}, broken


@pytest.mark.parametrize(
    ("exchange", "entries"),
    [("coinbase", [MISSING]), ("coinbase", [BAN, MISSING]), ("coinbase", SILENT_TO_THE_END), ("binance", [MISSING])],
    ids=["missing_frames", "ban", "mute_socket", "missing_frames_of_klines"],
)
def test_and_is_green_without_a_mutant(
    exchange: str, entries: list[Entry], empty_valkey: Valkey, tmp_path: Path
) -> None:
    assert spend_night(entries, empty_valkey, tmp_path, exchange).broken == []
