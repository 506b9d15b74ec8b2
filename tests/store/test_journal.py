"""The journal: what processes log is kept in Redis, bounded and without secrets, and nobody waits for it."""

import json
import logging
import threading
from collections.abc import Iterator

import pytest
import structlog

from livermore import log
from livermore.store import journal
from livermore.store.journal import Journal
from livermore.store.keys import PROGRAM_LOG
from livermore.store.query import command, nothing
from livermore.store.redis import RedisStore
from livermore.store.settings import RedisPlace
from tests.http.world import wait_until
from tests.support.valkey import Valkey

CANARY = "canary-hunter2-canary"


@pytest.fixture
def store(empty_valkey: Valkey) -> Iterator[RedisStore]:
    made = RedisStore(empty_valkey.place)
    yield made
    made.close()


@pytest.fixture
def logging_set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a process does it, and back again."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr(log, "_secrets", set[str]())
    write_out = log.set_up()
    yield
    write_out()
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**before)


def lines(store: RedisStore, count: int = 100) -> list[dict[str, object]]:
    return [line for _, line in store.run(journal.newest(count))]


def written(store: RedisStore, count: int) -> list[dict[str, object]]:
    """So many lines, once they are there."""
    wait_until(lambda: len(lines(store)) >= count, "lines in the journal")
    return lines(store)


@pytest.mark.usefixtures("logging_set_up")
def test_what_is_logged_is_kept_newest_first_with_who_said_it(store: RedisStore, empty_valkey: Valkey) -> None:
    kept = Journal(empty_valkey.place, "exchange")
    structlog.get_logger("livermore.test").info("first", symbol="BTC-USD")
    logging.getLogger("of.a.library").warning("second %s", "indeed")
    second, first = written(store, 2)
    kept.close()
    assert (first["event"], first["level"], first["logger"]) == ("first", "info", "livermore.test")
    assert first["symbol"] == "BTC-USD"
    assert (second["event"], second["level"]) == ("second indeed", "warning")
    assert str(first["process"]).startswith("exchange@")
    structlog.get_logger("livermore.test").info("after its end")
    assert len(lines(store)) == 2


@pytest.mark.usefixtures("logging_set_up")
def test_no_secret_gets_into_it_wherever_it_stands(store: RedisStore, empty_valkey: Valkey) -> None:
    log.hide([CANARY])
    kept = Journal(empty_valkey.place, "exchange")
    logger = structlog.get_logger("livermore.test")
    logger.error(f"a {CANARY}", text=f"b {CANARY}", nested={"c": [CANARY]}, key="lvm_0123456789ab_abcdef")
    try:
        int(CANARY)
    except ValueError:
        logger.exception("failed")
    written(store, 2)
    kept.close()
    held = store.run(command("XRANGE", PROGRAM_LOG, "-", "+", read=repr))
    assert CANARY not in held
    assert "abcdef" not in held
    assert "ValueError" in held


@pytest.mark.usefixtures("logging_set_up")
def test_a_line_that_is_too_long_is_kept_as_what_it_is_about(store: RedisStore, empty_valkey: Valkey) -> None:
    kept = Journal(empty_valkey.place, "exchange")
    structlog.get_logger("livermore.test").warning("long", **{f"field{n}": "x" * 1000 for n in range(20)})
    (line,) = written(store, 1)
    kept.close()
    assert (line["event"], line["level"], line["shortened"]) == ("long", "warning", True)
    assert len(json.dumps(line)) < journal.LONGEST


@pytest.mark.usefixtures("logging_set_up")
def test_of_debug_nothing_is_kept(store: RedisStore, empty_valkey: Valkey) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    kept = Journal(empty_valkey.place, "exchange")
    logger = structlog.get_logger("livermore.test")
    logger.debug("small talk")
    logger.info("news")
    assert [line["event"] for line in written(store, 1)] == ["news"]
    kept.close()


def test_only_the_newest_lines_are_kept(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 100)
    for number in range(500):
        store.run(journal.append(json.dumps({"event": number}).encode(), "a"))
    assert 100 <= store.run(command("XLEN", PROGRAM_LOG, read=int)) <= 200
    assert lines(store, 1)[0]["event"] == 499


def test_a_line_that_somebody_else_has_written_badly_is_told_as_one(store: RedisStore) -> None:
    store.run(command("XADD", PROGRAM_LOG, "*", "line", b"\xff{", read=nothing))
    store.run(command("XADD", PROGRAM_LOG, "*", "other", "x", read=nothing))
    assert [line["event"] for line in lines(store)] == ["a line that cannot be read"] * 2


def test_without_redis_lines_are_lost_and_nobody_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = RedisPlace.model_validate({"url": f"unix://{tmp_path_factory.mktemp('none') / 'redis.sock'}"})
    kept = Journal(nowhere, "exchange")
    for number in range(3 * journal.WAITING):
        kept.take(json.dumps({"event": number}))
    assert kept._waiting.qsize() <= journal.WAITING
    kept.close()
    assert "journal" not in {thread.name for thread in threading.enumerate()}
