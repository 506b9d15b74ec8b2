"""Reversals: far out, the value turns back through its signal line by more than a buffer (`reference.md` 8.3)."""

from livermore.alerts.rule import Memory, Reading, RuleOptions, Trigger
from livermore.settings import Percent

FAR = 150


class Options(RuleOptions):
    """How far the histogram must lie beyond zero, as a share of the value."""

    oversold_buffer: Percent = 0.05
    overbought_buffer: Percent = 0.03


class Reversal:
    """Fires once on each far side; a level crossing arms it again."""

    name = "reversal"

    def __init__(self, options: Options) -> None:
        self.options = options

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        assert memory.value is not None
        found = self._turned(memory.value, now)
        if found is None or memory.reversed or not memory.cool("reversal", now.close_time, self.options.cooldown):
            return memory, None
        zone, share = found
        buffer = abs(now.value) * share
        details = {"zone": zone, "buffer": buffer, "bufferPct": share * 100}
        return memory.after("reversal", now.close_time, reversed=True), Trigger(self.name, f"reversal_{zone}", details)

    def _turned(self, before: float, now: Reading) -> tuple[str, float] | None:
        low, high = self.options.oversold_buffer, self.options.overbought_buffer
        if max(before, now.value) < -FAR and now.histogram > abs(now.value) * low:
            return "oversold", low
        if min(before, now.value) > FAR and now.histogram < -abs(now.value) * high:
            return "overbought", high
        return None
