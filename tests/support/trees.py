"""Trees for tests: specs made in a line, and a shell that only notes what the tree decides."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from livermore.settings import Options
from livermore.supervision.actor import Worker
from livermore.supervision.events import (
    Answer,
    Arguments,
    Down,
    Ending,
    Operation,
    Ready,
    Reload,
    Request,
    Shutdown,
    Start,
    Stop,
)
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.node import Node
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.tree import Tree
from livermore.supervision.vitals import Vitals
from tests.support.clocks import ManualClock


class Nobody(Worker):
    """An actor that is never made: the shell of these tests makes none."""

    options: Options


def actor(name: str, **keys: Any) -> ActorSpec:
    """An actor without jitter in its back-off, unless told otherwise."""
    keys = {"backoff": {"jitter": 0}, **keys}
    made = ActorKeys.model_validate({"id": name.rpartition("/")[2], "class": "tests:Nobody", **keys})
    return ActorSpec(name, made, Nobody, Options())


def supervisor(name: str, *children: NodeSpec, **keys: Any) -> SupervisorSpec:
    """A supervisor."""
    keys = {"backoff": {"jitter": 0}, **keys}
    made = SupervisorKeys.model_validate({"id": name.rpartition("/")[2], **keys})
    return SupervisorSpec(name, made, children)


@dataclass
class Bench:
    """A tree on a manual clock. ``log`` has what it decided, in order, as short words."""

    spec: SupervisorSpec
    clock: ManualClock = field(default_factory=ManualClock)
    log: list[str] = field(default_factory=list)
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    arguments: dict[str, Arguments] = field(default_factory=dict)
    seen: dict[str, Vitals] = field(default_factory=dict)
    """How an actor looks from outside; as a healthy one where nothing stands here."""
    threads: Counter[str] = field(default_factory=Counter)
    """Abandoned incarnations that have not ended yet."""
    ending: Ending | None = None
    obedient: bool = True  # whether an actor that is asked to stop stops at once
    settings: SettingKeys = field(default_factory=SettingKeys)
    luck: float = 0.0

    def __post_init__(self) -> None:
        self.tree = Tree(self.spec, Runtime(self.clock, self, lambda: self.luck), self._ended, self.settings)

    def _ended(self, ending: Ending) -> None:
        assert self.ending is None, "the end was reported twice"
        self.ending = ending

    # -- the shell

    def spawn(self, spec: ActorSpec, generation: int, arguments: Arguments) -> None:
        self.log.append(f"start {spec.path}")
        self.arguments[spec.path] = arguments

    def stop(self, path: str) -> None:
        self.log.append(f"stop {path}")
        if self.obedient:
            self.down(path, Ending("stopped"))

    def quiesce(self, path: str) -> None:
        self.log.append(f"quiesce {path}")

    def reconfigure(self, path: str, options: Any) -> None:
        self.log.append(f"reconfigure {path}")

    def interrupt(self, path: str) -> None:
        self.log.append(f"interrupt {path}")

    def abandon(self, path: str, ending: Ending) -> Ending:
        self.log.append(f"abandon {path}")
        self.threads[path] += 1
        return Ending(ending.reason, ending.error, stack="its stack")

    def vitals(self, path: str) -> Vitals:
        return self.seen.get(path, Vitals())

    def zombies(self, path: str) -> int:
        return self.threads[path]

    def answer(self, path: str, answer: Answer) -> None:
        self.answers.append((path, answer))

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        self.log.append(f"{ending.reason} {path}")

    def warned(self, path: str, vitals: Vitals) -> None:
        self.log.append(f"warn {path}")

    def discard(self, path: str, reason: str) -> None:
        """Nothing is kept here."""

    def forget(self, path: str) -> None:
        """Nothing is kept here."""

    # -- what happens

    def boot(self, *, ready: bool = True) -> "Bench":
        """Start the tree; with ``ready`` every actor warms up at once."""
        self.tree.boot()
        if ready:
            self.all_ready()
        return self

    def all_ready(self) -> None:
        """Let every actor that is starting, and those that start upon it, warm up."""
        while starting := [n for n in self.tree.actors() if n.state is State.STARTING]:
            for node in starting:
                self.ready(node.path)

    def ready(self, path: str) -> None:
        self.tree.handle(Ready(path, self.generation(path)))

    def down(self, path: str, ending: Ending, generation: int | None = None) -> None:
        self.tree.handle(Down(path, generation or self.generation(path), ending))

    def crash(self, path: str) -> None:
        self.down(path, Ending("crash", RuntimeError("boom")))

    def wait(self, path: str, seconds: float = 2.0) -> None:
        self.down(path, Ending("waiting", RuntimeError("no Redis"), seconds))

    def do(self, operation: Operation, sender: str = "asker") -> None:
        """Ask for an operation; the answer goes to ``answers``."""
        who = (sender, self.generation(sender))
        self.tree.handle(Request(operation, lambda answer: self.answers.append((sender, answer)), who))

    def answered(self) -> list[Answer]:
        """The answers since the last call."""
        answers, self.answers = self.answers, []
        return [answer for _, answer in answers]

    def request(self, path: str, sender: str = "asker", **arguments: Any) -> None:
        self.do(Start(path, arguments), sender)

    def request_stop(self, path: str, sender: str = "asker") -> None:
        self.do(Stop(path), sender)

    def reload(self, spec: SupervisorSpec, *, rollback: bool = True) -> None:
        self.do(Reload(spec, rollback))

    def shut_down(self, within: float = float("inf")) -> None:
        self.tree.handle(Shutdown(within))

    def advance(self, seconds: float) -> None:
        """Let time pass, with every timer at its own moment."""
        end = self.clock.monotonic() + seconds
        while (due := self.tree.runtime.timers.next()) is not None and due <= end:
            self.clock.advance(max(0.0, due - self.clock.monotonic()))
            self.tree.tick()
        self.clock.advance(end - self.clock.monotonic())

    # -- what is seen

    def node(self, path: str) -> Node:
        return self.tree.nodes[path]

    def state(self, path: str) -> State:
        return self.node(path).state

    def states(self) -> dict[str, str]:
        return {path: str(node.state) for path, node in self.tree.nodes.items()}

    def generation(self, path: str) -> int:
        return self.tree.runtime.generations[path]

    def taken(self) -> list[str]:
        """What was decided since the last call; that sources are to be quiet is told only by `said`."""
        return [word for word in self.said() if not word.startswith("quiesce")]

    def said(self) -> list[str]:
        """Everything that was decided since the last call."""
        taken, self.log = self.log, []
        return taken
