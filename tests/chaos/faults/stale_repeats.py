"""Old frames are sent again and again, with new numbers but old contents; perhaps nothing else."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting

REMEMBERED = 30


class StaleRepeats(Fault):
    """``instead``: whether the new ones are not sent at all."""

    name = "stale_repeats"
    lasts = (5.0, 120.0)

    def __init__(self, luck: Random, instead: bool) -> None:
        super().__init__(luck)
        self._instead, self._old = instead, list[str]()

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"instead": luck.random() < 0.5}

    def sends(self, connection: int, text: str) -> Sequence[str]:
        dialect = self.world.dialect
        if dialect.is_consent(text):
            return (text,)
        if len(self._old) < REMEMBERED:
            self._old.append(text)
            return (text,)
        repeated = self._like(self.luck.choice(self._old), text)
        return (repeated,) if self._instead else (text, repeated)

    def _like(self, old: str, new: str) -> str:
        """The old contents, under the new frame's number where they have one: both are counted from there."""
        dialect = self.world.dialect
        before, now = dialect.number(old), dialect.number(new)
        return old if before is None or now is None else dialect.renumbered(old, now - before)
