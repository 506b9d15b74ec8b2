"""Frames that are cut short, are no JSON or no text at all."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.chaos.fault import Fault, Setting
from tests.support.weather import Arrival

GARBAGE = ("", "null", "[]", "{}", "42", '"x"', "<html>", "[" * 5000, '{"channel":', "\x00\x01", b"\xff\xfe\x00", b"")


class BrokenFrames(Fault):
    """``share`` of them; ``beside``: whether the sound one comes as well."""

    name = "broken_frames"

    def __init__(self, luck: Random, share: float, beside: bool) -> None:
        super().__init__(luck)
        self._share, self._beside = share, beside

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        return {"share": luck.choice([0.01, 0.2, 0.8]), "beside": luck.random() < 0.4}

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        if self.luck.random() >= self._share:
            return (Arrival(0.0, text),)
        broken: str | bytes = self.luck.choice(GARBAGE)
        if self.luck.random() < 0.5 and len(text) > 1:
            broken = text[: self.luck.randrange(1, len(text))]
        return [Arrival(0.0, broken), *([Arrival(0.0, text)] if self._beside else [])]
