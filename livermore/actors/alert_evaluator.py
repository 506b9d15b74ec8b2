"""The alert evaluator: judges every signal of the event stream once, and raises what the rules find."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import structlog

from livermore import metrics
from livermore.alerts.engine import PACKAGE, make_rules, step
from livermore.alerts.raising import Find, raised, reading
from livermore.alerts.rule import Memory
from livermore.market.alert import Alert
from livermore.market.timeframe import Timeframe
from livermore.messages import SignalComputed, TickerChanged
from livermore.rebuilding import Rebuilder
from livermore.resources import Resources
from livermore.settings import Options, plugged
from livermore.store import alerts, directives, events
from livermore.store.directives import Directive
from livermore.store.events import START, Event
from livermore.store.lease import Duty
from livermore.supervision.actor import Worker

AT_ONCE = 500
"""Events of one step."""


class EvaluatorOptions(Options):
    """``rules``: ``[{word: {options}}]``, each word a file of `livermore.alerts`, in the order in which they judge."""

    rules: tuple[Annotated[dict[str, Any], plugged(PACKAGE)], ...] = ({"level_cross": {}}, {"reversal": {}})


class AlertEvaluator(Worker):
    """Its place in the event stream moves in the same script that stores what it remembers and what it raised, so that
    it goes on after any crash as if nothing had happened. Messages only wake it.
    """

    options: EvaluatorOptions
    resources: Resources
    accepts = (SignalComputed, TickerChanged)
    batch = 1000

    def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.alerts")
        self.duty: Duty = self.context.arguments["duty"]
        self.redis = self.keep(self.resources.redis())
        self.database = self.keep(self.resources.database())
        self.profile: Directive | None = None
        self._judge_by(self.options.rules)
        self.prices: dict[str, str] = {}
        self._recall()
        self._catch_up()

    def receive_all(self, messages: Sequence[Any]) -> None:
        self.prices |= {m.ticker.symbol: m.ticker.price for m in messages if isinstance(m, TickerChanged)}
        if any(isinstance(m, SignalComputed) for m in messages):
            self._catch_up()

    def _recall(self) -> None:
        held = self.redis.run(alerts.state(self.duty.lease.keys))
        self.place = held.place  # the last event that was judged and written down
        self.read_to = held.place or START  # events after it that need no judging are only skipped
        self.memories = {name: msgspec.json.decode(data, type=Memory) for name, data in held.memories.items()}

    def _catch_up(self) -> None:
        """Judge all signals that stand in the stream by now, by the rules of the profile that is chosen by now."""
        self._heed_profile()
        while found := self.redis.run(events.after(self.duty.lease.keys, self.read_to, AT_ONCE)):
            self.read_to = found[-1].id
            told = [event for event in found if event.kind == "trade_signal"]
            if told:
                self._judge(told)

    def _heed_profile(self) -> None:
        chosen = directives.read_here(self.redis, self.database, self.duty.lease.keys, directives.PROFILE)
        if chosen != self.profile:
            self.profile = chosen
            self._judge_by((chosen.value["rules"] if chosen else None) or self.options.rules)
            self.log.info("profile", name=chosen.value["name"] if chosen else None, rules=[r.name for r in self.rules])

    def _judge_by(self, rules: Sequence[Mapping[str, Any]]) -> None:
        self.rules = make_rules(rules)
        metrics.begin(self.duty.lease.exchange, Timeframe, [rule.name for rule in self.rules])
        self.rebuilder = Rebuilder(self.redis, self.database, self.duty.lease.keys, self.rules)

    def _judge(self, told: list[Event]) -> None:
        moved: dict[str, Memory] = {}
        found = [alert for event in told for alert in self._judged(event, moved)]
        lines = {name: msgspec.json.encode(memory) for name, memory in moved.items()}
        if not self.redis.run(alerts.move(self.duty.lease, self.place, told[-1].id, lines, found)):
            self._recall()  # a step whose answer was lost had been taken after all
            return
        self.place = told[-1].id
        self.memories |= moved
        for alert in found:
            metrics.ALERTS.labels(alert.exchange, alert.rule).inc()
            self.log.info("alert", symbol=alert.symbol, timeframe=alert.timeframe, label=alert.label, late=alert.late)

    def _judged(self, event: Event, moved: dict[str, Memory]) -> list[Alert]:
        """The alerts of one event; what its series remembers after it is put into ``moved``."""
        record = msgspec.json.decode(event.full)
        now = reading(self.duty.lease.exchange, record)
        if now is None:
            return []
        memory = moved.get(event.series) or self.memories.get(event.series)
        if memory is None or record["rebased"]:
            moved[event.series], finds = self.rebuilder.rebuilt(now.series, memory, record)
        else:
            moved[event.series], found = step(self.rules, memory, now)
            finds = [Find(one, now, record) for one in found]
        return [self._raised(find, moved) for find in finds]

    def _raised(self, find: Find, moved: dict[str, Memory]) -> Alert:
        symbol = find.reading.series.symbol
        held = {t: moved.get(f"{symbol}:{t}") or self.memories.get(f"{symbol}:{t}") for t in Timeframe}
        memories = {timeframe: memory for timeframe, memory in held.items() if memory is not None}
        return raised(find, self.prices.get(symbol), self.clock.now(), memories)
