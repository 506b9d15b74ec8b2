"""Commands on the virtual-time world: what each does, who may not, in which order, once, and not too late."""

import asyncio
from typing import Any

import msgspec
import pytest

from livermore.actors.control import KINDS
from livermore.errors import LivermoreError
from livermore.market.candle import Series, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import activity, candles, commands, directives, instances, symbols
from livermore.store.commands import Command, Response
from livermore.store.instances import Sighting
from livermore.store.keys import activity as log_of
from livermore.store.query import command
from livermore.store.redis import RedisStore
from tests.support.commanding import begin, given, ordered
from tests.support.world import World, WorldRedis
from tests.system.conftest import MakeWorld
from tests.system.test_states import ACTIVE, titles

EVALUATOR = "coinbase/writer/pipeline/alert_evaluator"
INSTANCE = "coinbase/writer/instance"


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """One whose pipeline is active."""
    made = make_world(seed=1)
    made.boot()
    made.run_until(lambda: ACTIVE in titles(made))
    return made


def store(world: World) -> RedisStore:
    return RedisStore(world.redis)


def status(world: World) -> Any:
    """What the status key says, or None."""
    text = store(world).run(command("GET", world.keys.status, read=lambda answer: answer))
    return msgspec.json.decode(text) if text else None


def watched(world: World) -> list[str]:
    return store(world).run(symbols.read(world.keys))


def told(world: World, correlation_id: str) -> list[Response]:
    """All that was said of a command."""
    rows = store(world).run(command("XRANGE", world.keys.responses, "-", "+", read=lambda answer: answer))
    said = [msgspec.json.decode(dict(zip(f[::2], f[1::2], strict=True))[b"data"], type=Response) for _, f in rows]
    return [one for one in said if one.correlation_id == correlation_id]


# -- the lifecycle


def test_a_paused_exchange_keeps_its_lease_and_says_so_and_goes_on_when_resumed(world: World) -> None:
    assert ordered(world, "pause")["status"] == "paused"
    assert ordered(world, "pause")["status"] == "already_paused"
    world.run(1)
    assert (status(world)["connectionState"], status(world)["isPaused"]) == ("idle", True)
    world.run(60)
    assert status(world) is not None, "the lease is kept"
    assert ordered(world, "resume")["status"] == "resumed"
    assert ordered(world, "resume")["status"] == "already_running"
    world.run_until(lambda: status(world)["connectionState"] == "active")
    assert not status(world)["isPaused"]


def test_what_was_decided_outlives_an_actor_a_process_and_an_empty_redis(world: World) -> None:
    ordered(world, "pause")
    world.crash(INSTANCE)
    world.run(5)
    assert status(world)["isPaused"]
    world.kill()
    world.server.flush()
    world.boot()
    world.run(5)
    assert (status(world)["connectionState"], status(world)["isPaused"]) == ("idle", True)
    ordered(world, "stop")
    world.kill()
    world.boot()
    world.run(5)
    assert status(world) is None
    with pytest.raises(LivermoreError, match="coinbase is idle and not paused: start it"):
        ordered(world, "resume")
    with pytest.raises(LivermoreError, match="coinbase is idle here: start it first"):
        ordered(world, "pause")
    assert ordered(world, "stop")["status"] == "already_idle"
    assert ordered(world, "start")["status"] == "started"
    assert ordered(world, "start")["status"] == "already_started"


def test_a_hand_over_needs_somebody_who_stands_by(world: World) -> None:
    with pytest.raises(LivermoreError, match="no other instance of coinbase stands by: start one with --standby"):
        ordered(world, "handover")
    assert status(world)["connectionState"] == "active"


def test_nothing_is_handed_over_to_one_that_gives_no_sign_of_life(world: World) -> None:
    now = world.clock.wall()
    gone = Sighting("far-away", 7, "then", "standby", "run", False, True, now - 90_000, now - 1_000)
    store(world).run(instances.show(world.keys, gone))
    with pytest.raises(LivermoreError, match="far-away:7:then: stood by, but gives no sign of life; it goes on here"):
        ordered(world, "handover")
    assert status(world)["connectionState"] == "active"


# -- symbols


def test_a_symbol_is_added_and_warmed_up_and_removed_with_all_that_is_stored_of_it(world: World) -> None:
    before = watched(world)
    series = Series("coinbase", "SLP-USD", Timeframe.M1)
    assert ordered(world, "remove-symbol", {"symbol": "slp-usd"})["totalSymbols"] == len(before) - 1
    assert watched(world) == [symbol for symbol in before if symbol != "SLP-USD"]
    assert store(world).run(candles.cursors_of(world.keys, [series])) == [None]
    assert ordered(world, "remove-symbol", {"symbol": "SLP-USD"})["status"] == "not_found"

    answer = ordered(world, "add-symbol", {"symbol": " slp-usd "})
    assert (answer["added"], answer["totalSymbols"]) == (True, len(before))
    assert ordered(world, "add-symbol", {"symbol": "SLP-USD"})["status"] == "already_exists"
    world.run_until(lambda: store(world).run(candles.cursors_of(world.keys, [series])) != [None])
    with pytest.raises(LivermoreError, match="coinbase lists no NO-USD"):
        ordered(world, "add-symbol", {"symbol": "NO-USD"})
    assert watched(world) == before


def test_many_symbols_are_added_at_once_and_what_is_there_is_skipped(world: World) -> None:
    for symbol in ("SLP-USD", "SOL-USD"):
        ordered(world, "remove-symbol", {"symbol": symbol})
    answer = ordered(world, "bulk-add-symbols", {"symbols": ["SLP-USD", "BTC-USD", "SOL-USD", "SLP-USD"]})
    assert (answer["added"], answer["skipped"], answer["symbols"]) == (2, 2, ["SLP-USD", "SOL-USD"])
    assert {"SLP-USD", "SOL-USD"} <= {*watched(world)}


def test_symbols_that_are_added_while_nothing_runs_are_watched_once_it_does(world: World) -> None:
    ordered(world, "remove-symbol", {"symbol": "SLP-USD"})
    ordered(world, "stop")
    assert not ordered(world, "add-symbol", {"symbol": "SLP-USD"})["backfilled"]
    ordered(world, "start")
    world.run_until(lambda: "SLP-USD" in watched(world))


# -- what is stored


def count(world: World, series: Series) -> int:
    return store(world).run(candles.count(world.keys, series))


def test_a_symbol_is_asked_for_anew_and_what_is_wrong_is_corrected(world: World) -> None:
    series = Series("coinbase", "BTC-USD", Timeframe.M5)
    (true,) = store(world).run(candles.newest(world.keys, series, 1))
    place = world.keys.candles(series)
    wrong = to_json(msgspec.structs.replace(true, volume="1"))
    store(world).run(command("ZREMRANGEBYSCORE", place, true.open_time, true.open_time, read=int))
    store(world).run(command("ZADD", place, true.open_time, wrong, read=int))
    answer = ordered(world, "force-backfill", {"symbol": "BTC-USD", "timeframes": ["5m"]})
    assert answer["timeframes"] == ["5m"]

    def volume() -> str:
        (held,) = store(world).run(candles.between(world.keys, series, true.open_time, true.open_time))
        return held.volume

    world.run_until(lambda: volume() == true.volume)
    with pytest.raises(LivermoreError, match="NO-USD is not watched on coinbase"):
        ordered(world, "force-backfill", {"symbol": "NO-USD"})


@pytest.mark.parametrize(
    ("payload", "gone", "left"),
    [
        ({"scope": "all"}, [("BTC-USD", "1m"), ("ETH-USD", "1h")], []),
        ({"scope": "symbol", "symbol": "BTC-USD"}, [("BTC-USD", "1m"), ("BTC-USD", "1d")], [("ETH-USD", "1m")]),
        ({"scope": "timeframe", "timeframe": "1h"}, [("BTC-USD", "1h"), ("ETH-USD", "1h")], [("BTC-USD", "1m")]),
    ],
)
def test_what_is_cleared_is_fetched_and_computed_anew(
    world: World, payload: dict[str, str], gone: list[tuple[str, str]], left: list[tuple[str, str]]
) -> None:
    ordered(world, "pause")
    series = {pair: Series("coinbase", pair[0], Timeframe(pair[1])) for pair in (*gone, *left)}
    before = {pair: count(world, one) for pair, one in series.items()}
    assert ordered(world, "clear-cache", payload)["deletedCount"] > 0
    assert [count(world, series[pair]) for pair in gone] == [0] * len(gone)
    assert [count(world, series[pair]) for pair in left] == [before[pair] for pair in left]
    ordered(world, "resume")
    world.run_until(lambda: all(count(world, series[pair]) >= min(before[pair], 26) for pair in gone))


def test_a_scope_without_what_it_is_of_is_refused(world: World) -> None:
    with pytest.raises(LivermoreError, match=r"clear-cache: .*expected symbol, as the scope is symbol"):
        ordered(world, "clear-cache", {"scope": "symbol"})
    with pytest.raises(LivermoreError, match="clear-cache: scope"):
        ordered(world, "clear-cache", {"scope": "everything"})


# -- profiles


def test_another_profile_is_judged_by_from_the_next_signal_on_and_after_a_restart(world: World) -> None:
    from livermore.actors.alert_evaluator import AlertEvaluator

    judges: list[list[str]] = []
    original = AlertEvaluator._judge

    def judge(actor: AlertEvaluator, events: Any) -> None:
        judges.append([f"{rule.name}:{','.join(rule.options.timeframes)}" for rule in actor.rules])
        original(actor, events)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AlertEvaluator, "_judge", judge)
        assert ordered(world, "switch-mode", {"mode": "scalper-macdv"})["switched"]
        world.run(70)
        fast = ["level_cross:1m,5m,15m", "reversal:1m,5m,15m"]
        assert judges[-1] == fast
        world.crash(EVALUATOR)
        world.run(70)
        assert judges[-1] == fast
        ordered(world, "switch-mode", {"mode": "position-monitor"})
        world.run(70)
        assert judges[-1] == ["level_cross:1m,5m,15m,1h,4h,1d", "reversal:1m,5m,15m,1h,4h,1d"]
    with pytest.raises(LivermoreError, match="scalper-orderbook needs order_book, which is not kept here"):
        ordered(world, "switch-mode", {"mode": "scalper-orderbook"})
    with pytest.raises(LivermoreError, match="did you mean 'scalper-macdv'"):
        ordered(world, "switch-mode", {"mode": "scalper-macd"})


# -- who, when, once


def test_every_kind_of_command_of_the_reference_is_there() -> None:
    assert {
        "pause", "resume", "start", "stop", "reload-settings", "switch-mode", "force-backfill", "clear-cache",
        "add-symbol", "remove-symbol", "bulk-add-symbols",
    } <= set(KINDS)  # fmt: skip
    priorities = {"pause": 1, "stop": 1, "reload-settings": 10, "switch-mode": 10, "add-symbol": 15, "clear-cache": 20}
    assert {name: KINDS[name].priority for name in priorities} == priorities


def test_a_command_is_acknowledged_then_answered_and_stands_in_the_activity_log(world: World) -> None:
    one = given(world, "pause")
    world.loop.run_until_complete(begin(world, one))
    assert [response.status for response in told(world, one.correlation_id)] == ["ack", "success"]
    rows = store(world).run(command("XREVRANGE", log_of("coinbase"), "+", "-", "COUNT", 1, read=lambda a: a))
    entry = dict(zip(rows[0][1][::2], rows[0][1][1::2], strict=True))
    assert (entry[b"event"], entry[b"type"], entry[b"by"]) == (b"command", b"pause", b"a test")


def test_the_same_command_given_twice_is_carried_out_once_and_answered_twice(world: World) -> None:
    one = given(world, "remove-symbol", {"symbol": "SLP-USD"})
    first = world.loop.run_until_complete(begin(world, one))
    again = world.loop.run_until_complete(begin(world, one))
    assert first == again
    assert first["removed"]
    assert [response.status for response in told(world, one.correlation_id)] == ["ack", "success", "success"]


def test_of_commands_that_wait_the_one_of_the_lowest_number_comes_first(world: World) -> None:
    async def give_all() -> list[str]:
        store = WorldRedis(world)
        first = given(world, "add-symbol", {"symbol": "NO-USD"}, priority=1)
        some = [first, *(given(world, "add-symbol", {"symbol": f"NO{p}-USD"}, priority=p) for p in (90, 5, 40))]
        for one in some:
            await store.run(commands.send(world.keys, one))
        return [one.correlation_id for one in some]

    ids = world.loop.run_until_complete(give_all())
    world.run_until(lambda: all(any(r.is_last for r in told(world, one)) for one in ids))
    rows = store(world).run(command("XRANGE", world.keys.responses, "-", "+", read=lambda answer: answer))
    order = [msgspec.json.decode(fields[1], type=Response) for _, fields in rows]
    acked = [r.correlation_id for r in order if r.status == "ack" and r.correlation_id in ids]
    assert acked == [ids[0], ids[2], ids[3], ids[1]]


def test_a_command_that_is_too_old_is_not_carried_out(world: World) -> None:
    old = msgspec.structs.replace(given(world, "stop"), timestamp=world.own_clock.wall() - 30_001)
    with pytest.raises(LivermoreError, match="the command has expired: it is 31 s old"):
        world.loop.run_until_complete(begin(world, old))
    assert status(world)["connectionState"] == "active"


def test_what_is_no_command_is_dropped_and_keeps_nobody_waiting(world: World) -> None:
    for data in (b"", b"{", b"[]", b"{}", b'{"correlationId":"x","type":"stop","timestamp":1}', b"\xff\xfe"):
        store(world).run(command("XADD", world.keys.commands, "*", "data", data, read=bytes))
        store(world).run(command("XADD", world.keys.commands, "*", "other", data, read=bytes))
    assert ordered(world, "pause")["status"] == "paused"


def test_an_unknown_command_and_a_payload_that_is_none_are_refused_by_name_and_without_its_value(world: World) -> None:
    with pytest.raises(LivermoreError, match=r"expected one of start, stop.*; found 'explode'"):
        ordered(world, "explode")
    with pytest.raises(LivermoreError, match="add-symbol: symbol") as caught:
        ordered(world, "add-symbol", {"symbol": ["hunter2"]})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(LivermoreError, match="pause: secret"):
        ordered(world, "pause", {"secret": "x"})


def test_a_command_is_left_to_the_process_that_holds_the_lease(world: World) -> None:
    """Taken in the name of another process, without its token, it is not to be had."""
    one = given(world, "stop")
    taken = store(world).run(commands.take(world.keys, one.correlation_id, "another:1:then", ""))
    assert taken == commands.ELSEWHERE
    ordered(world, "stop")
    assert store(world).run(commands.take(world.keys, one.correlation_id, "another:1:then", "")) == commands.TAKEN
    assert store(world).run(commands.take(world.keys, one.correlation_id, "third:1:then", "")) == commands.ELSEWHERE


def test_without_sql_nothing_is_decided_and_it_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from livermore.errors import Transient

    async def fail(*_: object, **__: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(directives, "decide", fail)
    with pytest.raises(LivermoreError, match="SQL cannot answer"):
        ordered(world, "pause")
    world.run(2)
    assert status(world)["connectionState"] == "active"


def test_a_command_can_be_read_as_it_was_written() -> None:
    one = Command("0" * 8 + "-0000-0000-0000-" + "0" * 12, "stop", 1, {"a": 1}, 3, "me")
    assert msgspec.json.decode(msgspec.json.encode(one), type=Command) == one
    entry = activity.command("coinbase", one, Response(one.correlation_id, "error", 1, "no"))
    assert entry["message"] == "no"
    assert asyncio.iscoroutinefunction(KINDS["stop"].run)


def test_a_control_that_begins_anew_knows_soon_who_holds_the_lease(world: World) -> None:
    world.crash("coinbase/control")
    world.run(0.1)
    assert ordered(world, "pause")["status"] == "paused"
