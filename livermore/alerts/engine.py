"""The alert engine: all rules over one series, in the order they are listed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from livermore.alerts.rule import Memory, Reading, Rule, Trigger
from livermore.plugins import make

PACKAGE = "livermore.alerts"


class Found(NamedTuple):
    """What a rule has found, and why: ``before`` is what it remembered, ``rule`` its word with all of its options."""

    trigger: Trigger
    before: Memory
    rule: dict[str, Any]


def make_rules(wanted: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules for ``[{level_cross: {...}}, ...]``: each word is a file of this package."""
    return [make(PACKAGE, entry) for entry in wanted]


def step(rules: Sequence[Rule], memory: Memory, now: Reading, *, rebased: bool = False) -> tuple[Memory, list[Found]]:
    """Judge one more closed candle.

    The first value of a series is only remembered, and so is one that is ``rebased``, as it does not join on what was
    before, or of a candle that closed too early (`Memory.since`). A value told again for the candle that was judged
    last replaces it; older ones change nothing.

    Returns:
        The memory after it, and what was found.
    """
    if now.close_time < memory.time:
        return memory, []
    found: list[Found] = []
    again = now.close_time == memory.time
    rebased = rebased or now.close_time <= memory.since
    before = memory
    if memory.value is not None and not rebased and not again:
        for rule in (rule for rule in rules if rule.options.covers(now.series)):
            after, trigger = rule.judge(memory, now)
            found += [Found(trigger, memory, {rule.name: rule.options.model_dump(mode="json")})] if trigger else []
            memory = after
    held = 1 if rebased or now.stage != before.stage else before.held + (not again)
    memory = memory.changed(value=now.value, time=now.close_time, stage=now.stage, close=now.close, held=held)
    return memory, found
