"""Start, stop, pause, resume and hand over: each decides something, and waits until the instance has heeded it."""

from typing import Any

from livermore.control.kind import Kind, Nothing
from livermore.control.office import CommandFailed, Office
from livermore.directing import HANDOVER, PAUSE, RUN, STOP
from livermore.lifecycle import Phase
from livermore.lifecycle_machine import AT_REST, RUNNING, Want
from livermore.store import instances, lease
from livermore.store.directives import LIFECYCLE
from livermore.store.reign import Reign

PATIENCE = 25.0
"""Seconds for the pipeline to start, or to stop."""
HANDOVER_WITHIN = 8.0
SIGN_OF_LIFE_WITHIN = 3.0
"""Seconds. An instance that stands by shows itself every `livermore.actors.instance.LOOK`, if Redis can be reached."""


async def start(office: Office, _: Nothing) -> dict[str, Any]:
    """Run the pipeline, wherever it is not: in this process, that is."""
    if office.reign.phase in RUNNING:
        return _said(office, "already_started")
    return await _run(office, "started")


async def resume(office: Office, _: Nothing) -> dict[str, Any]:
    """Run a pipeline that is paused."""
    if office.reign.phase in RUNNING:
        return _said(office, "already_running")
    if office.reign.want is not Want.PAUSE:
        raise CommandFailed(f"{office.exchange} is {office.reign.phase} and not paused: start it")
    return await _run(office, "resumed")


async def pause(office: Office, _: Nothing) -> dict[str, Any]:
    """Stop the pipeline, and keep the lease: nobody else runs it meanwhile."""
    office.lease()
    if office.reign.want is Want.PAUSE and office.reign.phase in AT_REST:
        return _said(office, "already_paused")
    await office.decide(LIFECYCLE, {"do": PAUSE, "process": office.process})
    await _rested(office)
    return _said(office, "paused")


async def stop(office: Office, _: Nothing) -> dict[str, Any]:
    """Stop the pipeline and give the lease back; no instance takes it until somebody starts it."""
    before = await office.directive(LIFECYCLE)
    if _is_idle(office.reign) and before is not None and before.value["do"] == STOP:
        return _said(office, "already_idle")
    await office.decide(LIFECYCLE, {"do": STOP})
    await _rested(office)
    return _said(office, "stopped")


async def hand_over(office: Office, _: Nothing) -> dict[str, Any]:
    """Let another instance have it, which stands by."""
    mine = await office.redis.run(lease.holder(office.keys))
    if mine is None:
        raise CommandFailed(f"nobody runs {office.exchange}: start it")
    await _check_heirs(office)
    await office.decide(LIFECYCLE, {"do": HANDOVER, "process": office.process})

    async def is_taken() -> bool:
        holder = await office.redis.run(lease.holder(office.keys))
        return holder is not None and holder != mine

    if not await office.until_found(is_taken, HANDOVER_WITHIN):
        raise CommandFailed("nobody has taken it over: it goes on here in a moment")
    taker = await office.redis.run(lease.holder(office.keys))
    to = {"host": taker.host, "pid": taker.pid, "epoch": taker.epoch} if taker is not None else None
    return {**_said(office, "handed_over"), "to": to}


async def _check_heirs(office: Office) -> None:
    """Somebody else has to stand by, and to give a sign of life now: by whose clock does not matter."""
    before = await _standing_by(office)
    if not before:
        raise CommandFailed(f"no other instance of {office.exchange} stands by: start one with --standby")

    async def has_one_shown_itself() -> bool:
        return any(before.get(name) not in {None, seen} for name, seen in (await _standing_by(office)).items())

    if not await office.until_found(has_one_shown_itself, SIGN_OF_LIFE_WITHIN):
        names = ", ".join(sorted(before))
        raise CommandFailed(f"{names}: stood by, but gives no sign of life; it goes on here")


async def _standing_by(office: Office) -> dict[str, int]:
    """When each of the others has shown itself last, by its own clock (wall ms)."""
    shown = instances.present(await office.redis.run(instances.listed(office.keys)), office.clock.wall())
    waits = [one for one in shown if one.standby and one.phase == Phase.STANDBY and one.name != office.process]
    return {one.name: one.seen for one in waits}


async def _run(office: Office, word: str) -> dict[str, Any]:
    """Whatever goes wrong, nothing is left running, and what was decided before holds again."""
    before = await office.directive(LIFECYCLE)
    told = office.reign
    await office.decide(LIFECYCLE, {"do": RUN, "process": office.process})
    try:
        done = await office.until(lambda reign: _has_begun(reign) or _has_failed(reign, told), PATIENCE)
    except TimeoutError:
        await _withdraw(office, before.value if before is not None else None)
        raise CommandFailed(f"it did not start within {PATIENCE:.0f} s") from None
    if not _has_begun(done):
        await _withdraw(office, before.value if before is not None else None)
        raise CommandFailed(f"it did not start: {done.error}")
    return _said(office, word)


async def _withdraw(office: Office, before: dict[str, Any] | None) -> None:
    paused = before is not None and before["do"] == PAUSE
    await office.decide(LIFECYCLE, before if paused else {"do": STOP})


async def _rested(office: Office) -> None:
    try:
        await office.until(lambda reign: reign.phase in AT_REST, PATIENCE)
    except TimeoutError:
        raise CommandFailed(f"it has not stopped within {PATIENCE:.0f} s, and is {office.reign.phase}") from None


def _has_begun(reign: Reign) -> bool:
    return reign.phase in {Phase.WARMING, Phase.ACTIVE}


def _has_failed(reign: Reign, told: Reign) -> bool:
    return reign is not told and bool(reign.error)


def _is_idle(reign: Reign) -> bool:
    return reign.phase is Phase.IDLE and reign.duty is None


def _said(office: Office, word: str) -> dict[str, Any]:
    phase, symbols = office.reign.phase, office.reign.symbols
    return {"status": word, "exchange": office.exchange, "state": phase, "symbolCount": symbols}


KINDS = (
    Kind("start", 1, Nothing, start),
    Kind("stop", 1, Nothing, stop),
    Kind("pause", 1, Nothing, pause),
    Kind("resume", 1, Nothing, resume),
    Kind("handover", 1, Nothing, hand_over, waits=False),
)
