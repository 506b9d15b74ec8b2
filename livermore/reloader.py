"""The reloader: reads the tree's file again when it has changed, or when somebody asks, and applies what differs."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import structlog

from livermore.clock import Clock
from livermore.errors import ConfigurationError, LivermoreError
from livermore.listeners import CannotListen, Listeners
from livermore.supervision.events import Reload, Reloaded
from livermore.supervision.file_keys import ReloadKeys, SettingKeys
from livermore.supervision.plan import RELOAD, plan
from livermore.supervision.spec import TreeSpec
from livermore.supervision.supervisor import Supervisor

LONGEST = 300.0
"""Seconds that a reload may take, all its starts together."""

Result = Literal["applied", "unchanged", "invalid", "refused", "rolled_back"]

_log = structlog.get_logger("livermore.reload")


@dataclass(frozen=True)
class Outcome:
    """What became of a reload. ``at``: ms since the epoch; ``problems``: why not, one each."""

    result: Result
    at: int
    changes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the tree is what the file says."""
        return self.result in {"applied", "unchanged"}


class Reloader:
    """``read``: makes a tree of the file's text as it is now, or of another text.

    ``settled``: is called with settings that hold from now on.
    """

    def __init__(
        self,
        tree: TreeSpec,
        path: Path,
        read: Callable[[str | None], TreeSpec],
        supervisor: Supervisor,
        listeners: Listeners,
        clock: Clock,
    ) -> None:
        self.applied = tree
        self.counts: Counter[str] = Counter()
        self.last: Outcome = Outcome("applied", clock.wall())
        self.last_good = self.last.at
        self._path, self._read, self._clock = path, read, clock
        self._supervisor, self._listeners = supervisor, listeners
        self._lock = threading.Lock()
        self._seen = self._signature()
        self._changed_at: float | None = None

    @property
    def _keys(self) -> ReloadKeys:
        keys: ReloadKeys = self.applied.settings.reload
        return keys

    # -- when

    def look(self) -> None:
        """Reload, in a thread of its own, once the file has changed and then stayed as it is for a moment."""
        if not self._keys.watch:
            return
        seen, now = self._signature(), time.monotonic()
        if seen != self._seen:
            self._seen, self._changed_at = seen, now
        elif self._changed_at is not None and now - self._changed_at >= self._keys.debounce:
            self._changed_at = None
            self.begin("the file has changed")

    def hang_up(self) -> None:
        """SIGHUP has come."""
        if self._keys.on_sighup:
            self.begin("SIGHUP")

    def begin(self, why: str) -> None:
        """Reload aside."""
        _log.info("reloading", file=str(self._path), because=why)
        threading.Thread(target=self.reload, name="reload", daemon=True).start()

    def _signature(self) -> tuple[Any, ...] | None:
        """Differs when the file does, also when a link on the way to it leads elsewhere now."""
        try:
            found = self._path.stat()
        except OSError:
            return None  # it is being replaced
        return (str(self._path.resolve()), found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)

    # -- what

    def plan(self, text: str) -> Outcome:
        """What a reload would do if this were the file's text."""
        try:
            tree = self._read(text)
        except LivermoreError as error:
            return self._outcome("invalid", problems=_lines(error))
        if refused := self._why_not(tree):
            return self._outcome("refused", problems=refused)
        changes = self._changes(tree)
        return self._outcome("applied" if changes else "unchanged", changes=changes)

    def reload(self) -> Outcome:
        """Make the tree what the file says, all or nothing; one at a time."""
        with self._lock:
            outcome = self._reload()
            self.last = outcome
            self.counts[outcome.result] += 1
            self.last_good = outcome.at if outcome.good else self.last_good
        log = _log.info if outcome.good else _log.error
        log("reloaded" if outcome.good else "not reloaded", result=outcome.result, changes=outcome.changes)
        for problem in outcome.problems:
            _log.error("problem", text=problem)
        return outcome

    def _reload(self) -> Outcome:
        try:
            tree = self._read(None)
        except LivermoreError as error:
            return self._outcome("invalid", problems=_lines(error))
        if refused := self._why_not(tree):
            return self._outcome("refused", problems=refused)
        changes = self._changes(tree)
        return self._apply(tree, changes) if changes else self._outcome("unchanged")

    def _apply(self, tree: TreeSpec, changes: list[str]) -> Outcome:
        try:
            new = self._listeners.hold(tree.root)
        except CannotListen as error:
            return self._outcome("refused", problems=[str(error)])
        rollback = tree.settings.reload.rollback
        try:
            answer = self._supervisor.operate(Reload(tree.root, rollback), LONGEST)
        except TimeoutError as error:
            return self._outcome("refused", problems=[str(error)])
        if not isinstance(answer, Reloaded) and rollback:
            self._listeners.release(new)
            return self._outcome("rolled_back", problems=[str(answer)])
        self._listeners.keep_only(tree.root)
        self._supervisor.settle(tree.settings)
        self.applied = tree
        return self._outcome("applied", changes=changes)

    def _changes(self, tree: TreeSpec) -> list[str]:
        keys = _differing(self.applied.settings, tree.settings)
        settings = [f"live settings ({', '.join(keys)})"] if keys else []
        return [*settings, *map(str, plan(self.applied.root, tree.root))]

    def _why_not(self, tree: TreeSpec) -> list[str]:
        """What only a new process can heed."""
        keys = [k for k in _differing(self.applied.settings, tree.settings) if RELOAD["settings"][k] == "process"]
        names = [f"settings.{key}" for key in keys]
        names += [name for name, held in self.applied.sections.items() if tree.sections[name] != held]
        if tree.root.path != self.applied.root.path:
            names.append("the root's id")
        return [f"{name} cannot change while the process runs: start it anew [E_RELOAD_PROCESS]" for name in names]

    def _outcome(
        self, result: Result, *, changes: list[str] | None = None, problems: list[str] | None = None
    ) -> Outcome:
        return Outcome(result, self._clock.wall(), changes or [], problems or [])


def _differing(old: SettingKeys, new: SettingKeys) -> list[str]:
    return [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]


def _lines(error: LivermoreError) -> list[str]:
    return list(map(str, error.problems)) if isinstance(error, ConfigurationError) else [str(error)]
