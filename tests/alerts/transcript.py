"""The two rules of `reference.md` 8, written down once more and otherwise: what the engine is held against."""

from typing import Protocol

LEVELS = (150, 200, 250, 300, 350, 400)


class Heard(Protocol):
    """What a rule hears of a closed candle; ``close_time`` in ms."""

    @property
    def value(self) -> float: ...
    @property
    def histogram(self) -> float: ...
    @property
    def close_time(self) -> int: ...


class Transcript:
    """`reference.md` 8.2 and 8.3, line by line, with a cooldown that runs on close times."""

    def __init__(self) -> None:
        self.before: float | None = None
        self.fired: dict[str, int] = {}
        self.latched = False

    def hear(self, one: Heard) -> list[str]:
        """The labels of what fires."""
        before, self.before = self.before, one.value
        if before is None:
            return []
        return self._levels(before, one) + self._reversals(before, one)

    def _levels(self, before: float, one: Heard) -> list[str]:
        crossed = [level for level in LEVELS if before <= level and one.value > level]
        crossed += [-level for level in LEVELS if before >= -level and one.value < -level]
        if not crossed:
            return []
        deepest = max(crossed, key=abs)
        if not self._cooled(f"level_{deepest}", one.close_time):
            return []
        self.latched = False
        return [f"level_{deepest}"]

    def _reversals(self, before: float, one: Heard) -> list[str]:
        oversold = before < -150 and one.value < -150 and one.histogram > abs(one.value) * 0.05
        overbought = before > 150 and one.value > 150 and one.histogram < -abs(one.value) * 0.03
        if not (oversold or overbought) or self.latched or not self._cooled("reversal", one.close_time):
            return []
        self.latched = True
        return ["reversal_oversold" if oversold else "reversal_overbought"]

    def _cooled(self, key: str, at: int) -> bool:
        if key in self.fired and at - self.fired[key] < 300_000:
            return False
        self.fired[key] = at
        return True
