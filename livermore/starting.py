"""How far the start of a pipeline is, for people: in a word, a few words, and percent of all of it."""

from livermore.lifecycle import Phase
from livermore.store.status import Startup

STEPS = {
    Phase.STARTING: Startup("starting", "The pipeline is being started", 5),
    Phase.WARMING: Startup("warmup", "History is fetched where it is missing", 10),
    Phase.ACTIVE: Startup("complete", "All series are known", 100),
}


def startup(phase: Phase, warmed_up: float) -> Startup | None:
    """None where nothing is being started, or was. ``warmed_up``: percent of the warm-up."""
    step = STEPS.get(phase)
    if step is None or phase is not Phase.WARMING:
        return step
    percent = step.percent + int((99 - step.percent) * min(warmed_up, 100) / 100)
    return Startup(step.phase, step.phase_label, percent)
