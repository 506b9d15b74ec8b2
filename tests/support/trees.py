"""Trees for tests: specs made in a line, and a shell that only notes what the tree decides."""

from dataclasses import dataclass, field
from typing import Any

from livermore.settings import Options
from livermore.supervision.actor import Worker
from livermore.supervision.events import Answer, Arguments, Down, Ending, Ready, Shutdown, Start, Stop
from livermore.supervision.node import Node, State
from livermore.supervision.runtime import Runtime
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.tree import Tree
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
    ending: Ending | None = None
    obedient: bool = True  # whether an actor that is asked to stop stops at once

    def __post_init__(self) -> None:
        self.tree = Tree(self.spec, Runtime(self.clock, self, lambda: 0.0), self._ended)

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

    def abandon(self, path: str) -> None:
        self.log.append(f"abandon {path}")

    def answer(self, path: str, answer: Answer) -> None:
        self.answers.append((path, answer))

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        self.log.append(f"{ending.reason} {path}")

    # -- what happens

    def boot(self, *, ready: bool = True) -> "Bench":
        """Start the tree; with ``ready`` every actor warms up at once."""
        self.tree.boot()
        if ready:
            self.all_ready()
        return self

    def all_ready(self) -> None:
        """Let every actor that is starting, and those that start upon it, warm up."""
        while starting := [
            n for n in self.tree.nodes.values() if hasattr(n, "generation") and n.state is State.STARTING
        ]:
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

    def request(self, path: str, sender: str = "asker", **arguments: Any) -> None:
        self.tree.handle(Start(path, arguments, sender))

    def request_stop(self, path: str, sender: str = "asker") -> None:
        self.tree.handle(Stop(path, sender))

    def shut_down(self) -> None:
        self.tree.handle(Shutdown())

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

    def generation(self, path: str) -> int:
        return getattr(self.node(path), "generation", 0)

    def taken(self) -> list[str]:
        """What was decided since the last call."""
        taken, self.log = self.log, []
        return taken
