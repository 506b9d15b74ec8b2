"""How an incarnation looks from another thread: its vital signs, and where it stands."""

import sys
import traceback

from livermore.supervision.incarnation import Incarnation
from livermore.supervision.vitals import Vitals


def vitals_of(incarnation: Incarnation) -> Vitals:
    """Its vital signs now."""
    now, since, turned = incarnation.now, incarnation.busy_since, incarnation.turned
    silent = 0.0 if turned is None else max(0.0, now - turned - incarnation.turns_every)
    busy = max(0.0 if since is None else now - since, silent)
    thread = incarnation.thread
    alive = incarnation.over or thread is None or thread.is_alive()
    return Vitals(alive, busy, silent, incarnation.quiet, incarnation.mailbox.pending)


def stack_of(incarnation: Incarnation) -> str:
    """Where its thread stands now, as a traceback does; nothing where it has none."""
    thread = incarnation.thread
    frame = sys._current_frames().get(thread.ident) if thread is not None and thread.ident is not None else None  # noqa: SLF001 - there is no other way to another thread's stack
    return "".join(traceback.format_stack(frame)) if frame is not None else ""
