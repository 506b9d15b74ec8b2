"""The gap ledger: what came to light, what became of it, and what is still to be asked about."""

import math

import msgspec
import pytest

from livermore.errors import Fenced
from livermore.market.gap import Cause, Gap, Verdict
from livermore.store import events, gaps, lease
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from tests.support.candles import BTC, T0
from tests.support.leases import KEYS, leased, owner

MINUTE = BTC.timeframe.ms


def gap(first: int, last: int | None = None, cause: Cause = Cause.DISCONNECT, *, traded: bool = False) -> Gap:
    """Minutes number ``first`` to ``last`` since `T0`."""
    return Gap(BTC, T0 + first * MINUTE, T0 + (first if last is None else last) * MINUTE, cause, traded)


def ledger(store: RedisStore) -> list[tuple[str, str]]:
    """Cause and verdict of each gap, oldest first."""
    members = store.run(gaps.between(KEYS, -math.inf, math.inf, 1000))
    return [(g["cause"], g["verdict"]) for g in map(msgspec.json.decode, members)]


def told(store: RedisStore) -> list[str]:
    found = store.run(events.after(KEYS, events.START, 1000))
    assert {(e.kind, e.series) for e in found} <= {("gap", "BTC-USD:1m")}
    return [msgspec.json.decode(event.data)["verdict"] for event in found]


def test_a_gap_is_in_the_ledger_on_the_stream_and_to_be_asked_about(store: RedisStore, mine: Lease) -> None:
    store.run(gaps.report(mine, [gap(0, 2, traded=True)]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [gap(0, 2, traded=True)]
    assert ledger(store) == [("disconnect", "open")]
    assert told(store) == ["open"]


def test_its_public_form_ends_where_the_next_bucket_begins(store: RedisStore, mine: Lease) -> None:
    store.run(gaps.report(mine, [gap(0, 2)]))
    (member,) = store.run(gaps.between(KEYS, T0, T0, 10))
    assert msgspec.json.decode(member) == {
        "symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "1m", "start_time": "2023-11-14T00:00:00.000Z",
        "end_time": "2023-11-14T00:03:00.000Z", "cause": "disconnect", "verdict": "open",
    }  # fmt: skip


def test_reporting_it_again_is_no_news(store: RedisStore, mine: Lease) -> None:
    for _ in range(2):
        store.run(gaps.report(mine, [gap(0)]))
    assert told(store) == ["open"]
    assert len(ledger(store)) == 1


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_takes_the_place_of_open_and_ends_the_doubt(store: RedisStore, mine: Lease, verdict: Verdict) -> None:
    store.run(gaps.report(mine, [gap(0), gap(5)]))
    for _ in range(2):
        store.run(gaps.settle(mine, [(gap(0), verdict)]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [gap(5)]
    assert ledger(store) == [("disconnect", verdict), ("disconnect", "open")]
    assert told(store) == ["open", "open", verdict]


def test_what_is_no_hole_is_only_asked_about(store: RedisStore, mine: Lease) -> None:
    late = gap(0, cause=Cause.LATE_TRADE, traded=True)
    store.run(gaps.report(mine, [late]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [late]
    store.run(gaps.settle(mine, [(late, Verdict.REPAIRED)]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == []
    assert ledger(store) == told(store) == []


def test_a_gap_that_can_never_be_repaired_may_be_settled_without_having_been_open(
    store: RedisStore, mine: Lease
) -> None:
    for _ in range(2):
        store.run(gaps.settle(mine, [(gap(0, 9000, Cause.NOT_RUNNING), Verdict.UNREPAIRED)]))
    assert ledger(store) == [("not_running", "unrepaired")]
    assert told(store) == ["unrepaired"]


def test_gaps_that_begin_alike_are_not_taken_for_each_other(store: RedisStore, mine: Lease) -> None:
    store.run(gaps.report(mine, [gap(0), gap(0, 1)]))
    store.run(gaps.settle(mine, [(gap(0), Verdict.NO_TRADES)]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [gap(0, 1)]


def test_the_ledger_keeps_the_newest(store: RedisStore, mine: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "KEPT", 3)
    store.run(gaps.report(mine, [gap(n) for n in range(0, 10, 2)]))
    (oldest, *_) = store.run(gaps.between(KEYS, -math.inf, math.inf, 10))
    assert len(ledger(store)) == 3
    assert msgspec.json.decode(oldest)["start_time"] == "2023-11-14T00:04:00.000Z"


def test_a_writer_whose_lease_was_taken_over_writes_no_gap(store: RedisStore, mine: Lease) -> None:
    theirs = Lease("coinbase", 1, owner(epoch=2, pid=2))
    assert store.run(lease.claim(theirs, 60_000, instead_of=mine.token)) is None
    for write in (gaps.report(mine, [gap(0)]), gaps.settle(mine, [(gap(0), Verdict.REPAIRED)])):
        with pytest.raises(Fenced):
            store.run(write)
    assert ledger(store) == []


def test_anybody_may_ask_a_question_and_rest_answers_it_without_a_trace_in_the_ledger(store: RedisStore) -> None:
    question = gap(3, cause=Cause.AUDIT)
    assert [store.run(gaps.ask(KEYS, question)) for _ in range(2)] == [1, 0]
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [question]
    mine = leased(store)
    store.run(gaps.settle(mine, [(question, Verdict.REPAIRED)]))
    assert store.run(gaps.doubts(KEYS, "coinbase")) == []
    assert ledger(store) == []


def test_a_doubt_that_is_raised_again_stays_as_it_is(store: RedisStore, mine: Lease) -> None:
    store.run(gaps.report(mine, [gap(3, cause=Cause.AUDIT, traded=True)]))
    assert store.run(gaps.ask(KEYS, gap(3, cause=Cause.AUDIT))) == 0
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [gap(3, cause=Cause.AUDIT, traded=True)]


def test_a_doubt_keeps_no_gap_of_the_same_span_out_of_the_ledger(store: RedisStore, mine: Lease) -> None:
    doubt, hole, silence = (gap(3, cause=cause) for cause in (Cause.UNPROVEN, Cause.DISCONNECT, Cause.SILENCE))
    store.run(gaps.report(mine, [doubt]))
    store.run(gaps.report(mine, [hole]))
    assert ledger(store) == [("disconnect", "open")]
    store.run(gaps.settle(mine, [(silence, Verdict.REPAIRED), (doubt, Verdict.REPAIRED)]))
    assert sorted(ledger(store)) == [("disconnect", "open"), ("silence", "repaired")]
    assert store.run(gaps.doubts(KEYS, "coinbase")) == [hole]
