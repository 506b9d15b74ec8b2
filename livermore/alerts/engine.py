"""The alert engine: all rules over one series, in the order they are listed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from livermore.alerts.rule import Memory, Reading, Rule, Trigger
from livermore.plugins import find

PACKAGE = "livermore.alerts"


def make_rules(wanted: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules for ``[{level_cross: {...}}, ...]``: each word is a file of this package."""
    return [_make(name, options or {}) for entry in wanted for name, options in entry.items()]


def _make(name: str, options: Any) -> Rule:
    module = find(PACKAGE, name)
    rule_class = getattr(module, "".join(map(str.capitalize, name.split("_"))))
    rule: Rule = rule_class(module.Options.model_validate(options))
    return rule


def step(rules: Sequence[Rule], memory: Memory, now: Reading) -> tuple[Memory, list[Trigger]]:
    """Judge one more closed candle; the first value of a series is only remembered.

    Returns:
        The memory after it, and what was found.
    """
    triggers = []
    if memory.value is not None:
        for rule in rules:
            memory, trigger = rule.judge(memory, now)
            triggers += [trigger] if trigger else []
    return msgspec.structs.replace(memory, value=now.value), triggers
