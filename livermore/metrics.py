"""Counters of what happens in the markets and at the front, for Prometheus. Labels are bounded: no symbol or key."""

from collections.abc import Iterable
from contextlib import ExitStack

from prometheus_client import Counter, Gauge, Histogram

FOLLOWERS = Gauge(
    "livermore_actor_exchange", "Lives that an actor spends on an exchange now", ["supervisor", "actor", "exchange"]
)
FRAMES = Counter("livermore_feed_frames", "Frames received from an exchange", ["exchange"])
BAD_FRAMES = Counter("livermore_feed_bad_frames", "Frames that could not be read", ["exchange"])
SEQUENCE_GAPS = Counter("livermore_feed_sequence_gaps", "Holes in the sequence of frames", ["exchange"])
LAST_FRAME = Gauge("livermore_feed_last_frame_timestamp_seconds", "When a frame was last received", ["exchange"])
HOLES = Counter("livermore_feed_holes", "Buckets that the wire could not vouch for", ["exchange"])
BAD_ANSWERS = Counter("livermore_rest_bad_answers", "Answers of a REST service that cannot be used", ["exchange"])
VERDICTS = ("no_trades", "repaired", "unrepaired")
GRACE = Gauge("livermore_feed_grace_seconds", "How long the last news of a bucket is waited for", ["exchange"])
GAPS = Counter("livermore_gaps_settled", "Gaps that REST has spoken of", ["exchange", "verdict"])
CLOCK_OFFSET = Gauge("livermore_exchange_clock_offset_seconds", "The exchange's clock less our own", ["exchange"])
CANDLES = Counter("livermore_candles_closed", "Candles stored for the first time", ["exchange", "timeframe"])
CORRECTIONS = Counter("livermore_candles_corrected", "Stored candles that were replaced", ["exchange", "timeframe"])
QUARANTINED = Counter("livermore_candles_quarantined", "Candles that cannot be true", ["exchange"])
AUDITED = Counter("livermore_candles_audited", "Stored candles that were checked", ["exchange", "timeframe"])
MISMATCHES = Counter(
    "livermore_candles_mismatching", "Stored candles that a check has found to be wrong", ["exchange", "timeframe"]
)
PHASE = Gauge("livermore_exchange_phase", "1 for the state that the instance is in", ["exchange", "phase"])
TRANSITIONS = Counter(
    "livermore_exchange_transitions", "Changes of the state of a pipeline", ["exchange", "before", "after"]
)
PAGES = Counter("livermore_rest_pages", "Pages of candles asked of an exchange", ["exchange", "timeframe"])
LAST_PAGE = Gauge("livermore_rest_last_page_timestamp_seconds", "When a page was last received", ["exchange"])
SIGNALS = Counter("livermore_signals_computed", "Signals stored", ["exchange", "timeframe"])
ALERTS = Counter("livermore_alerts_raised", "Alerts raised", ["exchange", "rule"])
RECORDED = Counter("livermore_alerts_recorded", "Alerts written to SQL", ["exchange"])
NOTICES = Counter("livermore_notices", "Attempts to send notices by what came of them", ["exchange", "outcome"])
NOTICES_WAITING = Gauge("livermore_notices_waiting", "Notices that a target has still to get", ["exchange", "target"])
DEAD_NOTICES = Gauge("livermore_notices_dead_letters", "Notices that were given up and are kept", ["exchange"])

POSITIONS_SYNCED = Gauge(
    "livermore_positions_synced_timestamp_seconds", "When it was last read what the account holds", ["exchange"]
)
SWEPT = Counter("livermore_retention_removed", "What was removed as it is kept no longer", ["exchange", "kind"])
OLDEST_KEPT = Gauge(
    "livermore_retention_oldest_timestamp_seconds",
    "When the oldest of what is held was written",
    ["exchange", "kind"],
)
HELD = Gauge("livermore_retention_held", "How many are held, or at most of one series", ["exchange", "kind"])

LIMITED_ALONE = Counter(
    "livermore_limits_alone", "Requests that were held to their limit by this process alone, without Redis"
)

ANSWERS = Counter("livermore_http_answers", "Answers by route and status", ["route", "method", "status"])
ANSWER_SECONDS = Histogram(
    "livermore_http_answer_seconds", "Time from a request to its answer", ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
AUDIT_LOST = Counter(
    "livermore_audit_lost", "Changes and refusals of which the audit log does not tell the end, or nothing at all"
)
STREAMS = Gauge("livermore_stream_clients", "Open streams")
STREAM_CLOSES = Counter("livermore_stream_closes", "Streams that this side has closed, by code", ["code"])
STREAM_RESUMES = Counter("livermore_stream_resumes", "Wishes to resume by what came of them", ["outcome"])


def begin(exchange: str, timeframes: Iterable[str], rules: Iterable[str] = ()) -> None:
    """Have every counter of an exchange from the start, at nought: what begins with its first event grows unseen."""
    for counter in (FRAMES, BAD_FRAMES, BAD_ANSWERS, SEQUENCE_GAPS, HOLES, QUARANTINED):
        counter.labels(exchange)
    for verdict in VERDICTS:
        GAPS.labels(exchange, verdict)
    for timeframe in timeframes:
        for counter in (CANDLES, CORRECTIONS, AUDITED, MISMATCHES, PAGES, SIGNALS):
            counter.labels(exchange, timeframe)
    for rule in rules:
        ALERTS.labels(exchange, rule)


def follow(exchange: str, path: str, root: str) -> ExitStack:
    """Tell which exchange the actor at a path of the tree works for, until what is given back is closed.

    Counted, as one that hangs may end only after its successor has begun.
    """
    supervisor, _, actor = path.rpartition("/")
    lives = FOLLOWERS.labels(supervisor or root, actor, exchange)
    lives.inc()
    end = ExitStack()
    end.callback(lives.dec)
    return end


def begin_front() -> None:
    """As `begin`, of the stream."""
    for outcome in ("replayed", "trimmed"):
        STREAM_RESUMES.labels(outcome)


def begin_sweeping(exchange: str, kinds: Iterable[str]) -> None:
    """As `begin`, of what is kept for a time."""
    for kind in kinds:
        SWEPT.labels(exchange, kind)


def begin_notices(exchange: str, targets: Iterable[str]) -> None:
    """As `begin`, of what is sent to people."""
    for outcome in ("sent", "postponed", "refused", "expired", "late"):
        NOTICES.labels(exchange, outcome)
    for target in targets:
        NOTICES_WAITING.labels(exchange, target)
