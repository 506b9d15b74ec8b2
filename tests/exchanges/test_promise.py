"""Tests of the promise: whatever a wire loses, repeats or delays, what is closed as whole is the truth."""

from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from livermore.market.fold import BUCKET
from tests.exchanges.wire import SYMBOLS, Stretch, World
from tests.support.examples import sampled

OPENINGS = [
    ("snapshot", "ack"),
    ("ack", "snapshot"),
    ("ack",),
    ("snapshot",),
    ("lost snapshot", "ack"),
    ("snapshot", "lost ack"),
    ("lost snapshot", "lost ack"),
    ("lost ack", "ack"),
    (),
]
lengths = st.sampled_from([100, 900, 4_000, 19_000, 61_000, 130_000])
trades = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 1)), max_size=6).map(tuple)
openings = st.sampled_from(OPENINGS)
depths = st.sampled_from([1, 3, 100])


def stretches(*fates: str) -> st.SearchStrategy[Stretch]:
    return st.builds(Stretch, lengths, trades, st.sampled_from(fates), openings, depths)


sequenced_lives = st.lists(
    stretches("clean", "clean", "lost", "doubled", "told again", "shuffled", "late", "ended", "cut", "cut"), max_size=10
)
unsequenced_lives = st.lists(stretches("clean", "clean", "lost", "told again", "shuffled", "late"), max_size=10)
lossless_lives = st.lists(stretches("clean", "clean", "doubled", "told again", "shuffled", "late"), max_size=10)
BUSY = tuple((share, which) for share in range(50, 1000, 200) for which in (0, 1))
BOTH = ((0, 0), (0, 1))


def lived(life: list[Stretch], *, sequenced: bool, opening: tuple[str, ...] = ("snapshot", "ack")) -> World:
    """A world after a whole life on a lossy wire, and a clean stretch at its end that brings everything to light."""
    world = World(sequenced=sequenced)
    for symbol in SYMBOLS:
        world.trade(symbol, world.now - 200_000)
    world.connect(opening)
    for stretch in life:
        world.run(stretch)
    world.run(Stretch(1_000, BOTH))
    return world


def check_every_bucket_is_closed_once_in_order(world: World) -> None:
    for seen in world.seen.values():
        times = [at for at, _ in seen.closed]
        assert times == list(range(times[0], times[-1] + 1, BUCKET.ms)) if times else True


def check_what_is_whole_is_true(world: World) -> None:
    for symbol, seen in world.seen.items():
        truth = world.truth(symbol)
        for at, whole in seen.closed:
            candle = seen.candles.get(at)
            if not whole:
                assert candle is None
            elif at not in seen.doubted:
                found = candle and tuple(
                    map(Fraction, (candle.open, candle.high, candle.low, candle.close, candle.volume))
                )
                assert found == truth.get(at), f"{symbol} {at} of {seen}"


@settings(deadline=None, max_examples=sampled(150))
@given(sequenced_lives, openings)
@example([Stretch(4_000, (), "lost"), Stretch(130_000, ((500, 0),))], ())
@example([Stretch(900, (), "cut", ()), Stretch(4_000, (), "lost"), Stretch(130_000, ((500, 0),))], ("ack",))
@example([Stretch(4_000, ((0, 0),), "lost"), Stretch(130_000, (), "told again")], ("ack",))
@example([Stretch(900, (), "ended"), Stretch(130_000, ((500, 0),))], ("snapshot", "ack"))
@example([Stretch(19_000, ((999, 0), (999, 0)), "cut", ("snapshot",), 1), Stretch(61_000)], ("ack",))
def test_on_a_wire_that_numbers_its_frames_what_is_whole_is_true(life: list[Stretch], opening: tuple[str, ...]) -> None:
    world = lived(life, sequenced=True, opening=opening)
    check_every_bucket_is_closed_once_in_order(world)
    check_what_is_whole_is_true(world)


@settings(deadline=None, max_examples=sampled(80))
@given(lossless_lives, openings)
@example([Stretch(130_000), Stretch(900, ((0, 0), (0, 0)), "late"), Stretch(900, BOTH)], ("snapshot", "ack"))
def test_where_nothing_is_lost_only_trades_that_come_late_cast_doubt_on_what_was_whole(
    life: list[Stretch], opening: tuple[str, ...]
) -> None:
    world = lived(life, sequenced=True, opening=opening)
    for symbol, seen in world.seen.items():
        assert {at for at, whole in seen.closed if whole} & set(seen.doubted) <= world.came_late[symbol]


@settings(deadline=None, max_examples=sampled(120))
@given(unsequenced_lives)
@example([Stretch(60_000), Stretch(900, ((0, 0),), "lost"), Stretch(130_000)])
def test_on_a_wire_that_does_not_what_is_whole_is_true_or_comes_to_be_doubted(life: list[Stretch]) -> None:
    world = lived(life, sequenced=False)
    check_every_bucket_is_closed_once_in_order(world)
    check_what_is_whole_is_true(world)


@settings(deadline=None, max_examples=sampled(120))
@given(sequenced_lives, st.sampled_from([o for o in OPENINGS if o]), depths, st.booleans(), st.booleans())
def test_once_nothing_is_lost_any_more_every_minute_is_whole(
    life: list[Stretch], back: tuple[str, ...], depth: int, last_loss: bool, busy: bool
) -> None:
    world = lived(life, sequenced=True)
    world.run(Stretch(3_000, BOTH * 2, "cut", back, depth))
    if last_loss:
        world.run(Stretch(900, BOTH, "lost"))
    subscribed = any(not word.startswith("lost") for word in back)
    world.run(Stretch(100, () if subscribed else BOTH))
    joined = world.now
    world.run(Stretch(200_000, BUSY if busy else ()))
    for symbol, seen in world.seen.items():
        surely = max(joined, next((t.time for t in world.tape[symbol] if t.time > joined), 0))
        since_then = range(BUCKET.floor(surely) + BUCKET.ms, BUCKET.floor(world.now - world.assembly.grace), BUCKET.ms)
        assert [(at, whole) for at, whole in seen.closed if at > surely] == [(at, True) for at in since_then]


@settings(deadline=None, max_examples=sampled(50))
@given(unsequenced_lives)
def test_the_same_holds_without_numbers_on_the_frames(life: list[Stretch]) -> None:
    world = lived(life, sequenced=False)
    joined = world.now
    world.run(Stretch(200_000, BUSY))
    for seen in world.seen.values():
        assert all(whole for at, whole in seen.closed if at >= joined)
        assert seen.closed[-1][0] >= joined
