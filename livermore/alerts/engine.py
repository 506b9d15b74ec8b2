"""The alert engine: all rules over one series, in the order they are listed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from livermore.alerts.rule import Memory, Reading, Rule, Trigger
from livermore.plugins import make

PACKAGE = "livermore.alerts"


def make_rules(wanted: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules for ``[{level_cross: {...}}, ...]``: each word is a file of this package."""
    return [make(PACKAGE, entry) for entry in wanted]


def step(rules: Sequence[Rule], memory: Memory, now: Reading, *, rebased: bool = False) -> tuple[Memory, list[Trigger]]:
    """Judge one more closed candle.

    The first value of a series is only remembered, and so is one that is ``rebased``: it does not join on what was
    before. A value told again for the candle that was judged last replaces it; older ones change nothing.

    Returns:
        The memory after it, and what was found.
    """
    if now.close_time < memory.time:
        return memory, []
    triggers = []
    if memory.value is not None and not rebased and now.close_time > memory.time:
        for rule in rules:
            memory, trigger = rule.judge(memory, now)
            triggers += [trigger] if trigger else []
    return msgspec.structs.replace(memory, value=now.value, time=now.close_time, stage=now.stage), triggers
