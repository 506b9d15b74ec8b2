"""A line to an exchange: whatever becomes of its connections, it goes on as long as anything helps."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from livermore.errors import LivermoreError, ProtocolError, Transient
from livermore.exchanges import coinbase
from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame, Leaving
from livermore.market.gap import Cause
from livermore.market.instant import iso
from livermore.net.guard import TRIES
from livermore.net.line import Line, Terms
from livermore.net.switchboard import Switchboard
from tests.support.virtual_loop import VirtualClock, VirtualLoop

NOON = 1_786_276_800_000
HOUR = 3_600.0


class Codec(coinbase.Codec):
    """Coinbase's, whose connections last an hour, and which says when one is about to end."""

    life: Any = HOUR

    def decode(self, data: str | bytes) -> Frame:
        return Frame([Leaving()]) if data == "leaving" else super().decode(data)


@dataclass
class Connection:
    """An exchange's side of one connection: what it was sent, and whether it still tells the time once a second."""

    clock: VirtualClock
    sent: list[dict[str, Any]] = field(default_factory=list)
    said: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
    beats: bool = True
    frozen_at: int | None = None
    is_open: bool = True

    async def send(self, text: str) -> None:
        self.sent.append(msgspec.json.decode(text))

    async def frames(self) -> AsyncIterator[str]:
        sequence = 0
        while True:
            try:
                async with asyncio.timeout(1):
                    text = await self.said.get()
            except TimeoutError:
                text = self._beat(sequence) if self.beats else ""
                sequence += 1
            if text is None:
                return
            if text:
                yield text

    def _beat(self, sequence: int) -> str:
        at = iso(self.clock.now() if self.frozen_at is None else self.frozen_at)
        return f'{{"channel":"heartbeats","timestamp":"{at}","sequence_num":{sequence},"events":[]}}'


class World:
    """A line or switchboard between a scripted exchange and whoever heeds it."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, NOON)
        self.connections: list[Connection] = []
        self.refuses = self.is_down = False
        self.muted: set[str] = set()
        self.outcomes: list[Outcome] = []
        self.errors: list[ProtocolError] = []
        self.asked: list[str] = []
        self.task: asyncio.Task[None] | None = None
        self.key: str | None = None

    @property
    def terms(self) -> Terms:
        return Terms(self, "wss://x", Codec, lambda: self.key, self.clock, 2_000, self.heed, self.is_mute, self.down)  # type: ignore[arg-type]

    @asynccontextmanager
    async def websocket(self, url: str) -> AsyncIterator[Connection]:
        if self.refuses:
            raise Transient("refused")
        self.connections.append(made := Connection(self.clock))
        try:
            yield made
        finally:
            made.is_open = False

    async def heed(self, outcome: Outcome | ProtocolError) -> None:
        if isinstance(outcome, ProtocolError):
            self.errors.append(outcome)
        else:
            self.outcomes.append(outcome)

    async def is_mute(self, symbol: str, since: int) -> bool:
        self.asked.append(symbol)
        self.since = since
        if self.is_down:
            raise Transient("down")
        return symbol in self.muted

    async def down(self) -> None:
        self.is_down = True

    def start(self, *symbols: str) -> Line:
        async def make() -> Line:
            return Line(self.terms, symbols, Cause.NOT_RUNNING)

        line = self.loop.run_until_complete(make())
        self.task = self.loop.create_task(line.run())
        return line

    def run(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def fails(self, within: float) -> BaseException | None:
        """What the line fails with."""
        assert self.task is not None
        self.loop.run_until_complete(asyncio.wait({self.task}, timeout=within))
        return self.task.exception() if self.task.done() else None

    @property
    def open(self) -> list[bool]:
        return [connection.is_open for connection in self.connections]

    def trade(self, connection: int, number: int, symbol: str = "A-USD") -> None:
        at = iso(self.clock.now())
        one = {"product_id": symbol, "trade_id": str(number), "price": "1", "size": "1", "time": at, "side": "BUY"}
        frame = {"channel": "market_trades", "timestamp": at, "events": [{"type": "update", "trades": [one]}]}
        self.connections[connection].said.put_nowait(msgspec.json.encode(frame).decode())


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    if made.task is not None:
        made.task.cancel()
        made.loop.run_until_complete(asyncio.wait({made.task}))
    made.loop.close()


def channels(connection: Connection) -> list[tuple[str, str, Sequence[str] | None]]:
    return [(m["type"], m["channel"], m.get("product_ids")) for m in connection.sent]


EVERYTHING = [
    ("subscribe", "heartbeats", None),
    ("subscribe", "market_trades", ["A-USD", "B-USD"]),
    ("subscribe", "ticker", ["A-USD", "B-USD"]),
]


def test_it_subscribes_to_everything_as_soon_as_it_is_connected(world: World) -> None:
    world.start("A-USD", "B-USD")
    world.run(0.01)
    assert channels(world.connections[0]) == EVERYTHING


def test_after_a_clean_end_it_connects_again_at_once_and_subscribes_to_everything(world: World) -> None:
    world.start("A-USD", "B-USD")
    world.run(60)
    world.connections[0].said.put_nowait(None)
    world.run(0.01)
    assert world.open == [False, True]
    assert channels(world.connections[1]) == EVERYTHING


def test_an_exchange_that_hangs_up_at_once_is_not_pestered(world: World) -> None:
    world.start("A-USD")
    world.run(1)
    world.connections[0].said.put_nowait(None)
    assert isinstance(world.fails(within=1), Transient)


def test_one_that_cannot_be_reached_is_written_down_before_the_line_fails(world: World) -> None:
    world.refuses = True
    world.start("A-USD")
    assert isinstance(world.fails(within=1), Transient)
    assert world.is_down


def test_a_frame_that_cannot_be_read_is_told_and_harms_nothing(world: World) -> None:
    world.start("A-USD")
    world.run(2)
    world.connections[0].said.put_nowait("[")
    world.run(2)
    assert len(world.errors) == 1
    assert world.open == [True]


def test_where_our_key_is_not_taken_what_is_public_is_followed_without_one(world: World) -> None:
    world.key = "a token"
    world.start("A-USD")
    world.run(2)
    for _ in range(3):
        world.connections[0].said.put_nowait('{"type":"error","message":"authentication failure"}')
    world.run(2)
    assert [message.get("jwt") for message in world.connections[0].sent] == ["a token"] * 3 + [None] * 3
    assert world.open == [True]


# -- replacement


def test_before_its_life_is_over_a_connection_is_replaced_and_both_are_listened_to_meanwhile(world: World) -> None:
    world.start("A-USD", "B-USD")
    world.run(HOUR + 0.5)
    assert world.open == [True, True]
    world.run(2)
    assert world.open == [False, True]
    assert channels(world.connections[1]) == EVERYTHING
    assert not any(gap.cause is Cause.DISCONNECT for outcome in world.outcomes for gap in outcome.holes)


def test_so_is_one_that_the_exchange_is_about_to_close(world: World) -> None:
    world.start("A-USD")
    world.run(60)
    world.connections[0].said.put_nowait("leaving")
    world.run(3)
    assert world.open == [False, True]


def test_where_no_other_can_be_had_the_old_one_is_kept_as_long_as_it_lasts(world: World) -> None:
    world.start("A-USD")
    world.run(60)
    world.refuses = True
    world.connections[0].said.put_nowait("leaving")
    world.run(12)
    assert world.open == [True]
    world.refuses = False
    world.run(10)
    assert world.open == [False, True]


# -- symbols


def test_symbols_come_and_go_on_the_connection_that_there_is(world: World) -> None:
    line = world.start("A-USD", "B-USD")
    world.run(2)
    world.loop.run_until_complete(line.watch(["B-USD", "C-USD"]))
    assert channels(world.connections[0])[3:] == [
        ("unsubscribe", "market_trades", ["A-USD"]),
        ("unsubscribe", "ticker", ["A-USD"]),
        ("subscribe", "heartbeats", None),
        ("subscribe", "market_trades", ["C-USD"]),
        ("subscribe", "ticker", ["C-USD"]),
    ]
    assert world.open == [True]


def test_a_symbol_stays_on_its_line_and_others_get_lines_of_their_own_when_they_are_many(world: World) -> None:
    async def follow() -> Switchboard:
        board = Switchboard(world.terms, 2, Cause.NOT_RUNNING)
        world.task = asyncio.ensure_future(board.run())
        await board.watch(["A-USD", "B-USD", "C-USD"])
        return board

    board = world.loop.run_until_complete(follow())
    world.run(1)
    world.loop.run_until_complete(board.watch(["D-USD", "C-USD", "B-USD", "E-USD"]))
    world.run(1)
    subscribed = [[m[2] for m in channels(c) if m[:2] == ("subscribe", "ticker")] for c in world.connections]
    assert subscribed == [[["A-USD", "B-USD"], ["D-USD"]], [["C-USD"], ["E-USD"]]]


def test_a_switchboard_fails_with_what_one_of_its_lines_fails_with(world: World) -> None:
    async def follow() -> None:
        board = Switchboard(world.terms, 1, Cause.NOT_RUNNING)
        world.task = asyncio.ensure_future(board.run())
        await board.watch(["A-USD", "B-USD"])

    world.loop.run_until_complete(follow())
    world.run(1)
    world.connections[1].said.put_nowait(None)
    assert isinstance(world.fails(within=1), Transient)
    assert world.open == [False, False]


# -- silence


@pytest.mark.parametrize("stale", [False, True], ids=["nothing comes", "old frames are sent again"])
def test_a_connection_that_says_nothing_new_is_made_anew(world: World, stale: bool) -> None:
    world.start("A-USD")
    world.run(60)
    world.connections[0].beats, world.connections[0].frozen_at = stale, world.clock.now()
    world.run(12)
    assert world.open == [False, True]


@pytest.mark.parametrize("stale", [False, True], ids=["nothing at all", "nothing new"])
def test_after_some_that_do_the_same_the_line_fails(world: World, stale: bool) -> None:
    world.start("A-USD")
    world.run(1.5)
    real = world.websocket

    @asynccontextmanager
    async def dead(url: str) -> AsyncIterator[Connection]:
        async with real(url) as made:
            made.beats, made.frozen_at = stale, NOON
            yield made

    world.websocket = dead  # type: ignore[method-assign]
    world.connections[0].beats = False
    error = world.fails(within=300)
    assert isinstance(error, LivermoreError)
    assert not isinstance(error, Transient)
    assert len(world.connections) == TRIES + 1


def silent(world: World) -> Line:
    """A symbol that was traded every second, and then is not heard of."""
    line = world.start("A-USD")
    world.run(0.5)
    for number in range(200):
        world.trade(0, number)
        world.run(1)
    return line


def test_a_symbol_that_is_quiet_is_asked_about_less_and_less_and_nothing_is_done(world: World) -> None:
    silent(world)
    world.run(3_000)
    assert world.open == [True]
    assert 2 <= len(world.asked) <= 12
    assert len(world.connections[0].sent) == 3


def test_one_that_is_traded_but_not_told_is_subscribed_to_again_then_the_connection_is_made_anew_then_the_line_fails(
    world: World,
) -> None:
    silent(world)
    world.muted = {"A-USD"}
    world.run(11)
    assert channels(world.connections[0])[3:] == [
        ("unsubscribe", "market_trades", ["A-USD"]),
        ("unsubscribe", "ticker", ["A-USD"]),
        ("subscribe", "heartbeats", None),
        ("subscribe", "market_trades", ["A-USD"]),
        ("subscribe", "ticker", ["A-USD"]),
    ]
    world.run(6)
    assert world.open == [False, True]
    assert isinstance(world.fails(within=60), LivermoreError)


def test_one_that_has_never_been_heard_of_is_asked_about_since_it_is_watched(world: World) -> None:
    world.start("A-USD")
    world.run(60)
    assert world.asked == ["A-USD"]
    assert world.since == NOON


def test_one_that_is_told_again_is_left_alone(world: World) -> None:
    silent(world)
    world.muted = {"A-USD"}
    world.run(11)
    world.muted = set()
    for number in range(200, 260):
        world.trade(0, number)
        world.run(1)
    assert world.open == [True]


def test_while_rest_cannot_tell_nothing_is_concluded(world: World) -> None:
    silent(world)
    world.is_down = True
    world.run(60)
    assert world.open == [True]
    assert len(world.connections[0].sent) == 3
