"""Redis clients: answers as they come, scripts that need not be there yet, and errors that say what to do about them.

Everything holds for the client of threads and for the one of event loops.
"""

import asyncio
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import pytest
import redis

from livermore.errors import Fenced, LivermoreError, Transient
from livermore.store import fence
from livermore.store.lease import Lease
from livermore.store.query import Query, command, integer
from livermore.store.redis import POOL, AsyncRedisStore, RedisStore
from livermore.store.settings import RedisPlace
from tests.store.waiting import until, until_soon
from tests.support.leases import KEYS, leased, owner
from tests.support.valkey import Valkey, valkey

SECRET = "correct-horse/battery"
PING: Query[bytes] = command("PING", read=bytes)
SOON = 2.5
"""Seconds within which every error is there; without one it is a matter of milliseconds."""

Run = Callable[[Query[Any]], Any]


def get(key: str) -> Query[Any]:
    return command("GET", key, read=lambda answer: answer)


def put(key: str, value: str = "x") -> Query[Any]:
    return command("SET", key, value, read=lambda answer: answer)


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A server of its own for each test, to do anything to."""
    with valkey() as made:
        yield made


@contextmanager
def running(kind: str, place: RedisPlace, runner: asyncio.Runner) -> Iterator[Run]:
    """A client of this kind, whose queries are run one after the other."""
    if kind == "sync":
        plain = RedisStore(place)
        yield plain.run
        plain.close()
    else:
        looped = AsyncRedisStore(place)
        yield lambda query: runner.run(looped.run(query))
        runner.run(looped.close())


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(kind: str, server: Valkey, runner: asyncio.Runner) -> Iterator[Run]:
    with running(kind, server.place, runner) as made:
        yield made


def configure(server: Valkey, **settings: object) -> None:
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        for name, value in settings.items():
            client.config_set(name.replace("_", "-"), value)


def refused(run: Run, query: Query[Any], within: float = SOON) -> LivermoreError:
    """The error that a query ends with, in time."""
    began = time.monotonic()
    with pytest.raises(LivermoreError) as caught:
        run(query)
    assert time.monotonic() - began < within
    return caught.value


def texts(error: BaseException | None) -> str:
    """All that an error and what led to it say."""
    return f"{error} {error!r} {texts(error.__cause__ or error.__context__)}" if error is not None else ""


# -- answers


def test_answers_come_as_the_server_gives_them(run: Run) -> None:
    assert run(PING) == b"PONG"
    assert run(put("a", "1")) == b"OK"
    assert run(get("a")) == b"1"
    assert run(command("HGETALL", "nothing", read=lambda answer: answer)) == []
    assert run(command("ZADD", "z", 1.5, "m", read=integer)) == 1
    assert run(command("ZRANGE", "z", 0, -1, "WITHSCORES", read=list)) == [b"m", b"1.5"]


def test_a_script_that_the_server_has_forgotten_is_sent_again(run: Run, server: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        mine = leased_by(run)
        run(fence.put(mine, "k{1}", b"1"))
        client.script_flush()
        run(fence.put(mine, "k{1}", b"2"))
        assert client.get("k{1}") == b"2"


def leased_by(run: Run) -> Lease:
    class Store:
        """What the helper wants to see of a store."""

        run: Run

    store = Store()
    store.run = run  # type: ignore[method-assign]
    return leased(store)  # type: ignore[arg-type]


# -- errors


def test_a_command_that_makes_no_sense_is_an_error_of_ours(run: Run) -> None:
    run(put("text"))
    for query in (command("NONSENSE", read=bytes), command("LPUSH", "text", "x", read=integer)):
        error = refused(run, query)
        assert not isinstance(error, Transient)
        assert "refuses a command" in str(error)


def test_a_write_without_the_lease_is_fenced(run: Run, server: Valkey) -> None:
    assert isinstance(refused(run, fence.put(Lease("coinbase", 1, owner()), "k{1}", b"1")), Fenced)


def test_a_killed_server_cannot_answer(run: Run, server: Valkey) -> None:
    run(PING)
    server.kill()
    error = refused(run, PING)
    assert isinstance(error, Transient)
    assert str(server.socket) in str(error)


def test_a_server_that_was_never_there_cannot_answer(kind: str, runner: asyncio.Runner) -> None:
    with running(kind, RedisPlace(url="127.0.0.1", port=free_port(), secret=SECRET), runner) as run:
        error = refused(run, PING)
    assert isinstance(error, Transient)
    assert "127.0.0.1" in str(error)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("connected", [True, False], ids=["open connection", "new connection"])
def test_a_frozen_server_blocks_for_a_short_time_only(run: Run, server: Valkey, connected: bool) -> None:
    if connected:
        run(PING)
    os.kill(server.process.pid, signal.SIGSTOP)
    assert isinstance(refused(run, PING), Transient)
    os.kill(server.process.pid, signal.SIGCONT)
    assert run(PING) == b"PONG"


def test_a_write_that_is_not_answered_in_time_is_carried_out_once(run: Run, server: Valkey) -> None:
    run(PING)
    os.kill(server.process.pid, signal.SIGSTOP)
    assert isinstance(refused(run, command("RPUSH", "list", "x", read=integer)), Transient)
    os.kill(server.process.pid, signal.SIGCONT)
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        until(lambda: client.llen("list") == 1, "the write")
        assert run(command("LLEN", "list", read=integer)) == 1


def test_a_restarted_server_is_found_again_without_an_error(run: Run, server: Valkey, runner: asyncio.Runner) -> None:
    run(PING)
    restart(server, runner)
    assert run(PING) == b"PONG"
    mine = leased_by(run)
    restart(server, runner)
    assert isinstance(refused(run, fence.put(mine, "k{1}", b"1")), Fenced)  # by a script that the new one never saw


def restart(server: Valkey, runner: asyncio.Runner) -> None:
    """Another server in its place; the event loop has seen that the connections are closed."""
    server.kill()
    server.start()
    for _ in range(3):
        runner.run(asyncio.sleep(0))


def test_a_server_that_comes_back_is_found_again(run: Run, server: Valkey) -> None:
    server.kill()
    assert isinstance(refused(run, PING), Transient)
    server.start()
    assert run(PING) == b"PONG"


def test_a_full_server_takes_no_writes_and_gives_what_it_has(run: Run, server: Valkey) -> None:
    mine = leased_by(run)
    run(put("a"))
    configure(server, maxmemory=1)
    for write in (put("b"), fence.put(mine, "k{1}", b"1")):
        assert isinstance(refused(run, write), Transient)
    assert run(get("a")) == b"x"
    configure(server, maxmemory=0)
    run(put("b"))


def test_a_replica_takes_no_writes(run: Run, server: Valkey) -> None:
    mine = leased_by(run)
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.replicaof("127.0.0.1", 1)
    for write in (put("b"), fence.put(mine, "k{1}", b"1")):
        error = refused(run, write)
        assert isinstance(error, Transient)
        assert not isinstance(error, Fenced)


def test_a_server_that_has_lost_its_replicas_cannot_take_writes_now(run: Run, server: Valkey) -> None:
    mine = leased_by(run)
    configure(server, min_replicas_to_write=1)
    for write in (put("b"), fence.put(mine, "k{1}", b"1")):
        assert isinstance(refused(run, write), Transient)


def test_a_server_that_cannot_save_cannot_take_writes_now(run: Run, server: Valkey) -> None:
    """As on a full disk: it says MISCONF."""
    mine = leased_by(run)
    configure(server, save="3600 1")
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.ping()
        shutil.rmtree(server.folder)  # the folder it saves to; connections stand without their socket's name
        client.bgsave()
        until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "the failure to save")
    for write in (put("b"), fence.put(mine, "k{1}", b"1")):
        assert isinstance(refused(run, write), Transient)


def test_a_server_that_is_busy_with_a_script_cannot_answer_now(run: Run, server: Valkey) -> None:
    run(PING)
    configure(server, busy_reply_threshold=1)
    with socket.socket(socket.AF_UNIX) as other, redis.Redis(unix_socket_path=str(server.socket)) as client:
        other.connect(str(server.socket))
        other.sendall(b"EVAL 'while true do end' 0\r\n")

        def busy() -> bool:
            try:
                client.get("a")
            except redis.ResponseError:
                return True
            return False

        until(busy, "the server to be busy")
        assert isinstance(refused(run, get("a")), Transient)
        client.script_kill()
        until(lambda: not busy(), "the end of the script")
    assert run(get("a")) is None


@pytest.mark.parametrize("given", ["wrong-secret/x", ""], ids=["wrong password", "no password"])
def test_a_server_that_does_not_know_us_cannot_answer(
    kind: str, server: Valkey, runner: asyncio.Runner, given: str
) -> None:
    configure(server, requirepass=SECRET)
    port = listening(server)
    with running(kind, RedisPlace(url="127.0.0.1", port=port, secret=given), runner) as run:
        error = refused(run, PING)
    assert isinstance(error, Transient)
    assert not given or given not in texts(error)


def listening(server: Valkey) -> int:
    """A port of this machine at which it can be reached, too."""
    port = free_port()
    with redis.Redis(unix_socket_path=str(server.socket), password=SECRET) as client:
        client.config_set("port", port)
    return port


def test_the_right_password_opens(kind: str, server: Valkey, runner: asyncio.Runner) -> None:
    configure(server, requirepass=SECRET)
    with running(kind, RedisPlace(url="127.0.0.1", port=listening(server), secret=SECRET), runner) as run:
        assert run(PING) == b"PONG"


@pytest.mark.parametrize("url", ["redis://:{0}@127.0.0.1:{1}/0", "redis://127.0.0.1:{1}/0?password={0}"])
def test_no_message_says_the_secret(kind: str, server: Valkey, runner: asyncio.Runner, url: str) -> None:
    configure(server, requirepass="s3cret")
    with redis.Redis(unix_socket_path=str(server.socket), password="s3cret") as client:
        port = free_port()
        client.config_set("port", port)
    place = RedisPlace(url=url.format("s3cret", port))
    with running(kind, place, runner) as run:
        errors = [refused(run, command("NONSENSE", read=bytes))]
        server.kill()
        errors.append(refused(run, PING))
    assert "s3cret" not in "".join(map(texts, errors)) + place.shown + repr(place) + str(place)
    assert f"127.0.0.1:{port}" in place.shown


# -- event loops only


@pytest.fixture
def looped(server: Valkey, runner: asyncio.Runner) -> Iterator[AsyncRedisStore]:
    made = AsyncRedisStore(server.place)
    yield made
    runner.run(made.close())


def test_many_commands_go_in_one_go_and_come_back_in_their_order(
    looped: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    for n in range(50):
        runner.run(looped.run(put(f"k{n}", f"v{n}")))
    found = runner.run(looped.run_all([get(f"k{n}") for n in reversed(range(51))]))
    assert found == [None, *(b"v%d" % n for n in reversed(range(50)))]
    assert runner.run(looped.run_all([])) == []


def test_one_of_many_commands_that_is_refused_is_an_error(looped: AsyncRedisStore, runner: asyncio.Runner) -> None:
    runner.run(looped.run(put("text")))
    many = [get("text"), command("ZRANGE", "text", 0, -1, read=list)]
    with pytest.raises(LivermoreError, match="WRONGTYPE") as caught:
        runner.run(looped.run_all(many))
    assert not isinstance(caught.value, Transient)


def test_many_commands_fail_as_one_does(looped: AsyncRedisStore, runner: asyncio.Runner, server: Valkey) -> None:
    runner.run(looped.run(PING))
    server.kill()
    with pytest.raises(Transient):
        runner.run(looped.run_all([PING, PING]))


def test_more_commands_at_once_than_connections_wait_for_their_turn(
    looped: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(looped.run(PING) for _ in range(POOL * 4)))

    assert runner.run(all_at_once()) == [b"PONG"] * POOL * 4


def test_where_all_connections_are_taken_a_command_cannot_be_answered(server: Valkey, runner: asyncio.Runner) -> None:
    waiting = AsyncRedisStore(server.place, blocking=30)
    wait: Query[object] = command("BLPOP", "list", 30, read=lambda answer: answer)

    async def exhausted() -> None:
        taken = [asyncio.ensure_future(waiting.run(wait)) for _ in range(POOL)]
        with redis.Redis(unix_socket_path=str(server.socket)) as client:
            await until_soon(lambda: client.info("clients")["blocked_clients"] == POOL, "all connections to be taken")
        with pytest.raises(Transient):
            await asyncio.wait_for(waiting.run(PING), SOON)
        for task in taken:
            task.cancel()
        await asyncio.wait(taken)
        await waiting.close()

    runner.run(exhausted())


def test_a_command_that_is_cancelled_leaves_its_answer_to_nobody(
    looped: AsyncRedisStore, runner: asyncio.Runner
) -> None:
    async def crossed() -> bytes | None:
        await looped.run(put("a", "mine"))
        for _ in range(20):
            task = asyncio.ensure_future(looped.run(PING))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        return await looped.run(get("a"))

    assert runner.run(crossed()) == b"mine"


@pytest.mark.parametrize("cut", ["server", "connection"])
def test_who_listens_learns_that_the_connection_is_gone(
    looped: AsyncRedisStore, runner: asyncio.Runner, server: Valkey, cut: str
) -> None:
    """Redis-py would connect again by itself and not say that messages were lost meanwhile."""

    async def heard() -> None:
        async with aclosing(looped.listen([KEYS.ticks])) as messages:
            message = asyncio.ensure_future(anext(messages))
            with redis.Redis(unix_socket_path=str(server.socket)) as client:
                await until_soon(lambda: client.pubsub_numsub(KEYS.ticks)[0][1] == 1, "somebody who listens")
                if cut == "connection":
                    client.client_kill_filter(_type="pubsub")
            if cut == "server":
                server.kill()
            await message

    with pytest.raises(Transient):
        runner.run(asyncio.wait_for(heard(), SOON))
