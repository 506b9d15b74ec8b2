"""The table of seven states by every event, whole; and every life that an instance can have, step by step."""

from itertools import product
from typing import NamedTuple

import pytest

from livermore.lifecycle import Phase, check
from livermore.lifecycle_machine import Act, Event, Situation, Step, Want, after

SITUATIONS = [Situation(*one) for one in product(Phase, Want, (False, True))]
RUNNING = ("starting", "warming", "active")


MOVES = {
    ("idle", "occupied"): ["standby"],
    ("starting", "started"): ["warming"],
    ("warming", "warmed"): ["active"],
    ("stopping", "stopped"): ["stopped", "idle"],
}


def expected(phase: str, want: str, held: bool, event: str) -> tuple[list[str], list[str], str, bool]:
    """States to enter, acts, what is wanted then, and whether the lease is held: told once more, case by case."""
    if (held and event == "lost") or (phase in {"starting", "stopping"} and event == "refused"):
        return [], ["fail"], want, held and event != "lost"
    want = event if event in {"run", "pause", "rest"} else want
    entered = [] if event == "occupied" and held else MOVES.get((phase, event), [])
    more, acts, held = settled(entered[-1] if entered else phase, want, held or event == "taken")
    return [*entered, *more], acts, want, held


def settled(phase: str, want: str, held: bool) -> tuple[list[str], list[str], bool]:
    """What follows where an instance stands in ``phase``, wants this, and has the lease or not."""
    if phase in RUNNING:
        return ([], [], held) if want == "run" else (["stopping"], ["stop"], held)
    if phase in {"stopping", "stopped"}:
        return [], [], held
    if held and want == "run":
        return ["starting"], ["start"], True
    leaves = ["idle"] if phase == "standby" and (held or want == "rest") else []
    return (leaves, ["release"], False) if held and want == "rest" else (leaves, [], held)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("phase", Phase)
def test_each_of_seven_states_meets_each_event_as_the_table_says(phase: Phase, event: Event) -> None:
    for before in (one for one in SITUATIONS if one.phase is phase):
        entered, acts, want, held = expected(phase, before.want, before.held, event)
        step = after(before, event)
        assert [*step.phases] == entered, before
        assert [*step.acts] == acts, before
        assert step.now == Situation(Phase(entered[-1]) if entered else phase, Want(want), held), before


@pytest.mark.parametrize("before", SITUATIONS, ids=str)
def test_every_step_goes_by_ways_that_there_are(before: Situation) -> None:
    for event in Event:
        phase = before.phase
        for entered in after(before, event).phases:
            check(phase, entered)
            phase = entered


# -- lives


class Life(NamedTuple):
    """An instance with what is around it: its pipeline (down, starting, up or stopping), and whose lease it is."""

    situation: Situation
    pipeline: str = "down"
    warm: bool = False


def possible(life: Life) -> list[Event]:
    """What may happen next to a real instance."""
    events = [Event.RUN, Event.PAUSE, Event.REST]
    phase, want, held = life.situation
    if held:
        events.append(Event.LOST)
    elif want is not Want.REST and phase in (Phase.IDLE, Phase.STANDBY):
        events += [Event.TAKEN, Event.OCCUPIED]
    if life.pipeline == "starting":
        events += [Event.STARTED, Event.REFUSED]
    if life.pipeline == "stopping":
        events += [Event.STOPPED]
    if life.pipeline == "up" or life.warm:
        events += [Event.WARMED]
    return events


def lived(life: Life, event: Event, step: Step) -> Life | None:
    """The life after a step; None where the actor has failed, which ends it: all that writes is stopped with it."""
    if Act.FAIL in step.acts:
        return None
    pipeline = {Event.STARTED: "up", Event.STOPPED: "down"}.get(event, life.pipeline)
    if Act.START in step.acts:
        assert pipeline == "down", "what is started was down"
        assert step.now.held, "nothing is started without the lease"
        pipeline = "starting"
    if Act.STOP in step.acts:
        assert pipeline in ("up", "starting"), "what is stopped was there"
        pipeline = "stopping"
    if Act.RELEASE in step.acts:
        assert pipeline == "down", "the lease is given back when nothing writes any more"
    return Life(step.now, pipeline, event is Event.WARMED)


def test_in_every_life_the_pipeline_runs_only_under_the_lease_and_only_where_it_is_wanted() -> None:
    seen: set[Life] = set()
    open_ = [Life(Situation())]
    while open_:
        life = open_.pop()
        if life in seen:
            continue
        seen.add(life)
        phase, want, held = life.situation
        assert held or life.pipeline == "down", life
        assert (phase is Phase.ACTIVE) <= (life.pipeline == "up"), life
        assert (phase in (Phase.IDLE, Phase.STANDBY)) == (life.pipeline == "down"), life
        assert (life.pipeline in ("up", "starting")) <= (want is Want.RUN), life
        assert not (phase is Phase.STANDBY and (held or want is Want.REST)), life
        next_ = [lived(life, event, after(life.situation, event)) for event in possible(life)]
        open_ += [one for one in next_ if one is not None]
    assert {life.situation.phase for life in seen} == {*Phase} - {Phase.STOPPED}
    assert len(seen) >= 13


def test_from_every_state_the_pipeline_can_be_had_and_can_be_stopped() -> None:
    """By the answers that come if all goes well."""
    for start, wish, goal in product(SITUATIONS, (Event.RUN, Event.REST), (None,)):
        situation, event = start, wish
        if start.phase is Phase.STOPPED or (not start.held and start.phase not in (Phase.IDLE, Phase.STANDBY)):
            continue  # no instance stands there
        for _ in range(8):
            step = after(situation, event)
            situation = step.now
            event = well(situation)
        target = Phase.ACTIVE if wish is Event.RUN else Phase.IDLE
        assert situation.phase is target, (start, wish, goal)
        assert situation.held == (wish is Event.RUN)


def well(situation: Situation) -> Event:
    """What happens next if all goes well."""
    answers = {Phase.STARTING: Event.STARTED, Phase.WARMING: Event.WARMED, Phase.STOPPING: Event.STOPPED}
    if situation.phase in answers:
        return answers[situation.phase]
    return Event.TAKEN if situation.want is Want.RUN and not situation.held else Event.WARMED
