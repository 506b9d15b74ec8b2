"""The reference of case 92: a tree of two levels whose actors come up and stop at once, in as few words as possible.

It shares nothing with `livermore.supervision`: plain recursion, no queue of steps, no timers but a time on each node.
"""

from collections import Counter
from collections.abc import Iterable

FIRST, LEAST, FACTOR, MOST, RESET = 0.0, 0.375, 3, 3.875, 6.0
"""The back-off, in seconds: no sum of them is a multiple of 0.25, which is when everything else happens."""


class Member:
    """A node below a group; ``up_since`` and ``wakes_at``: seconds."""

    def __init__(self, path: str, restart: str) -> None:
        self.path, self.restart, self.state = path, restart, "idle"
        self.attempts, self.up_since, self.wakes_at = 0, 0.0, 0.0
        self.waits = False  # for whom it went down with, or who rests before it
        self.restarts: Counter[str] = Counter()


class Group(Member):
    """A supervisor; ``plan``: path and restart type of each child, as in the file."""

    def __init__(self, path: str, strategy: str, limit: int, period: float, action: str) -> None:
        super().__init__(path, "permanent")
        self.strategy, self.limit, self.period, self.action = strategy, limit, period, action
        self.plan: dict[str, str] = {}
        self.children: list[Member] = []
        self.failures: list[float] = []

    def after(self, child: Member) -> list[Member]:
        """Who goes down with a child, and comes up with it."""
        if self.strategy == "one_for_one":
            return []
        others = self.children if self.strategy == "one_for_all" else self.children[self.children.index(child) :]
        return [one for one in others if one is not child and one.state != "parked"]


class Reference:
    """The whole tree, at ``now``."""

    def __init__(self, root: Group, inner: Group) -> None:
        self.root, self.inner, self.now = root, inner, 0.0
        self.generations: Counter[str] = Counter()
        self.ended = False
        self.start(root)

    # -- what is there

    def members(self) -> Iterable[Member]:
        """Every node."""
        for child in self.root.children:
            yield child
            yield from child.children if isinstance(child, Group) else ()

    def find(self, path: str) -> Member | None:
        return next((member for member in self.members() if member.path == path), None)

    def group_of(self, member: Member) -> Group:
        return self.root if member in self.root.children else self.inner

    # -- what happens

    def start(self, member: Member) -> None:
        member.state, member.up_since, member.waits = "up", self.now, False
        if not isinstance(member, Group):
            self.generations[member.path] += 1
            return
        held = {child.path: child for child in member.children}
        member.children = [held.get(path) or self._make(path, restart) for path, restart in member.plan.items()]
        member.failures = []
        for child in member.children:
            self.start(child)

    def _make(self, path: str, restart: str) -> Member:
        return self.inner if path == self.inner.path else Member(path, restart)

    def stop(self, member: Member) -> None:
        """Whatever it does; a temporary one that ran is gone."""
        ran = self._leave(member)
        for child in list(member.children) if isinstance(member, Group) else ():
            self.stop(child)
        if ran and member.restart == "temporary":
            self.group_of(member).children.remove(member)

    def _leave(self, member: Member) -> bool:
        """Be idle; whether it ran until now."""
        ran, member.state = member.state == "up", "idle"
        if ran and self.now - member.up_since >= RESET:
            member.attempts = 0
        return ran

    def fail(self, child: Member, reason: str, wait: float = 0.0) -> None:
        """A child that ran has ended by itself."""
        group = self.group_of(child)
        self._leave(child)
        if reason == "waiting":
            self._rest(group, child, reason, wait)
        elif child.restart == "temporary":
            group.children.remove(child)
        elif reason == "permanent":
            child.state = "parked"
        elif reason == "finished" and child.restart == "transient":
            child.state = "done"
        elif not self._too_much(group):
            steps = FIRST if child.attempts == 0 else min(MOST, LEAST * FACTOR ** (child.attempts - 1))
            child.attempts += 1
            self._rest(group, child, reason, steps)
        elif group.action == "park":
            child.state = "parked"
        else:
            self._give_up(group)

    def _too_much(self, group: Group) -> bool:
        group.failures = [at for at in group.failures if self.now - at < group.period] + [self.now]
        return len(group.failures) > group.limit

    def _rest(self, group: Group, child: Member, reason: str, seconds: float) -> None:
        child.restarts[reason] += 1
        child.state, child.wakes_at = "waiting" if reason == "waiting" else "backoff", self.now + seconds
        for other in group.after(child):
            other.restarts["strategy"] += other.state == "up" and other.restart != "temporary"
            self.stop(other)
            other.waits = True

    def _give_up(self, group: Group) -> None:
        for child in list(group.children):
            self.stop(child)
        if group is self.root:
            group.state, self.ended = "idle", True
        else:
            self.fail(group, "exhausted")

    def wake(self, child: Member) -> None:
        """A child's rest is over: it comes up like those that wait, each once nobody rests whom it depends on."""
        child.state, child.waits = "idle", True
        self._free(self.group_of(child))

    def _free(self, group: Group) -> None:
        held = [other for one in group.children if self.rests(one) for other in group.after(one)]
        for child in group.children:
            if child.waits and child.state == "idle" and child not in held:
                self.start(child)

    def pass_time(self, seconds: float) -> None:
        """Everyone whose rest is over meanwhile comes up, each at its own time."""
        end = self.now + seconds
        while not self.ended and (due := [m for m in self.members() if self.rests(m) and m.wakes_at <= end]):
            first = min(due, key=lambda member: member.wakes_at)
            self.now = max(self.now, first.wakes_at)
            self.wake(first)
        self.now = end

    @staticmethod
    def rests(member: Member) -> bool:
        return member.state in {"backoff", "waiting"}

    # -- what is asked for: True where it is done

    def ask_start(self, path: str) -> bool:
        member = self.find(path)
        if member is None or member.state not in {"idle", "parked", "done"}:
            return False
        return self._begin(member)

    def _begin(self, member: Member) -> bool:
        if self.group_of(member).state != "up":
            return False
        member.attempts = 0
        self.start(member)
        self._free(self.group_of(member))
        return True

    def ask_stop(self, path: str) -> bool:
        member = self.find(path)
        if member is not None:
            self.stop(member)
        return member is not None

    def ask_restart(self, path: str, reason: str = "manual") -> bool:
        member = self.find(path)
        if member is None:
            return False
        if member.state != "up":
            return self._begin(member)
        member.restarts[reason] += 1
        self._leave(member)
        for child in list(member.children) if isinstance(member, Group) else ():
            self.stop(child)
        member.attempts = 0
        self.start(member)
        return True

    # -- what a reload changes

    def change(self, path: str) -> None:
        """Of one child, so that only another incarnation can have it."""
        member = self.find(path)
        if member is not None and member.state == "up":
            self.ask_restart(path, "reload")
        elif member is not None and member.state in {"idle", "done"}:
            member.state = "idle"  # what it had done was another task
        elif member is not None:
            self._begin(member)

    def remove(self, path: str) -> None:
        del self.inner.plan[path]
        self.inner.children = [child for child in self.inner.children if child.path != path]

    def add(self, path: str, restart: str) -> None:
        self.inner.plan[path] = restart
        self.inner.children.append(self._make(path, restart))
        if self.inner.state == "up":
            self.start(self.inner.children[-1])

    def reorder(self, paths: list[str]) -> None:
        self.inner.plan = {path: self.inner.plan[path] for path in paths}
        self.inner.children.sort(key=lambda child: paths.index(child.path))
