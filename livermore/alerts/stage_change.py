"""Stage changes: the indicator passes from one stage of `reference.md` 7.3 to another."""

from pydantic import Field

from livermore.alerts.rule import Memory, Reading, RuleOptions, Trigger

UNKNOWN = "unknown"


class Options(RuleOptions):
    """``hold``: how many candles in a row must have closed in a new stage before it counts (hysteresis)."""

    hold: int = Field(1, ge=1, le=100)


class StageChange:
    """A stage that was left again before it counted has never been."""

    name = "stage_change"

    def __init__(self, options: Options) -> None:
        self.options = options

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        before = memory.settled or memory.stage
        held = memory.held + 1 if now.stage == memory.stage else 1
        if now.stage in (UNKNOWN, before):
            return memory, None
        if held < self.options.hold:
            return memory.changed(settled=before), None
        label, memory = f"stage_{now.stage}", memory.changed(settled=now.stage)
        if before == UNKNOWN or not memory.cool(label, now.close_time, self.options.cooldown):
            return memory, None
        details = {"stage": now.stage, "before": before}
        return memory.after(label, now.close_time), Trigger(self.name, label, details, f"stage_{before}")
