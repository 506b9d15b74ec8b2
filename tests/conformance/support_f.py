"""Trees for cases 51 to 92: on a manual clock, with a fake shell or the real one; in threads; and read from a file."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from livermore.listeners import Listeners
from livermore.reload_metrics import reload_metrics
from livermore.reloader import Reloader
from livermore.settings import Options
from livermore.supervision.actor import Actor, Worker
from livermore.supervision.events import Answer, Down, Ending, Event, Operation, Request
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.incarnations import Incarnations
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.mailbox import EMPTY
from livermore.supervision.metrics import TreeMetrics, walk
from livermore.supervision.orders import STOP
from livermore.supervision.runtime import Runtime
from livermore.supervision.snapshot import snapshot
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.supervisor import Supervisor
from livermore.supervision.tree import Tree
from livermore.tree_file import Source, TreeFile
from tests.support.clocks import ManualClock
from tests.support.trees import Bench, actor, supervisor

PATIENCE = 20.0
AT_ONCE = {"first": "0s", "min": "0ms", "max": "0ms", "jitter": 0}
"""A back-off that is none."""

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric's name, and its labels."""


def until(holds: Callable[[], Any], what: str = "it") -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come about"
        threading.Event().wait(0.002)


class Calm(Bench):
    """A bench whose actors end as real ones do: after whoever asked them to stop has said all, never in between."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ends: deque[Down] = deque()
        self._handle, self._at_it = self.tree.handle, False
        for name in ("handle", "tick"):
            setattr(self.tree, name, self._then_end(getattr(self.tree, name)))

    def _then_end(self, take: Callable[..., None]) -> Callable[..., None]:
        def taken(*event: Event) -> None:
            take(*event)
            if not self._at_it:
                self._at_it = True
                while self._ends:
                    self._handle(self._ends.popleft())
                self._at_it = False

        return taken

    def stop(self, path: str) -> None:
        self.log.append(f"stop {path}")
        if self.obedient:
            self._ends.append(Down(path, self.generation(path), Ending("stopped")))

    def examined(self) -> "Calm":
        """Forget what was decided so far, and how it was answered."""
        self.said()
        self.answers.clear()
        return self

    def generations(self) -> dict[str, int]:
        """The newest incarnation of every actor there is."""
        return {node.path: node.generation for node in self.tree.actors()}

    def renewed(self, before: Mapping[str, int]) -> set[str]:
        """Those actors that have another incarnation than ``before``, are new, or are gone."""
        now = self.generations()
        return {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}

    @property
    def mail(self) -> "Calm":
        """As a snapshot asks, whose post office this is too."""
        return self

    def box(self, path: str) -> None:
        """Nobody has any mail."""

    def pid(self, path: str) -> None:
        """As a snapshot asks: nobody has one."""

    def shown(self) -> dict[str, dict[str, Any]]:
        """What a snapshot shows of each node, by its path."""
        shell: Any = self
        return {node["path"]: node for _, node in walk(snapshot(self.tree, shell))}


# -- actors that do as they are told


class Word(str):
    """A message."""

    __slots__ = ()


class Deeds:
    """What is done when a word is heard, and all that was heard: who, and what."""

    def __init__(self, **when: Callable[[Any], None]) -> None:
        self.gate = threading.Event()
        """What somebody can hang at; opened at the end of a test at the latest."""
        self.got: list[tuple[str, str]] = []
        self.downs: list[tuple[str, Down]] = []
        self.when: dict[str, Callable[[Any], None]] = {"boom": _boom, **when}

    def play(self, actor: Actor, word: str) -> None:
        self.got.append((f"{actor.context.path}#{actor.context.generation}", word))
        self.when.get(word, lambda _: None)(actor)

    def heard(self, path: str) -> list[str]:
        """The words that an actor has heard, whichever incarnation of it."""
        return [word for who, word in list(self.got) if who.partition("#")[0] == path]


def _boom(_: Any) -> None:
    raise RuntimeError("boom")


class Doer(Worker):
    """Hears words, and does what is meant by them."""

    options: Options
    accepts = (Word, Down)
    emits = (Word,)

    def warm_up(self) -> None:
        self.resources.play(self, "warm up")

    def receive(self, message: Any) -> None:
        if isinstance(message, Down):
            self.resources.downs.append((f"{self.context.path}#{self.context.generation}", message))
        else:
            self.resources.play(self, str(message))

    def interrupt(self) -> None:
        self.resources.play(self, "interrupt")


class Looper(LoopActor):
    """The same, in a loop; ``main`` is one of its words."""

    options: Options
    accepts = (Word,)
    emits = (Word,)

    async def main(self) -> None:
        self.resources.play(self, "main")
        await asyncio.Event().wait()

    def receive(self, message: Any) -> None:
        self.resources.play(self, str(message))


def doer(
    path: str, *targets: ActorSpec, kind: type[Actor] = Doer, options: Options | None = None, **keys: Any
) -> ActorSpec:
    """Such an actor, which tells ``targets``."""
    keys = {"tells": [target.keys.id for target in targets], **keys}
    return replace(actor(path, **keys), actor=kind, options=options or Options(), targets=targets)


class House:
    """A tree with its real shell, on a manual clock. The test plays the threads: mail is worked off when it says so."""

    def __init__(self, *children: NodeSpec, settings: SettingKeys | None = None, **keys: Any) -> None:
        self.clock, self.lag = ManualClock(), 0.0
        self.deeds = Deeds()
        self.events: deque[Event] = deque()
        self.lives: dict[str, Incarnation] = {}
        """Every incarnation there ever was, as ``a#1``."""
        self.actors: dict[str, Actor] = {}
        self.incarnations = Incarnations(self._launch, self.events.append, self.clock, self.deeds, settings)
        runtime = Runtime(self.clock, self.incarnations, lambda: 0.0)
        self.tree = Tree(supervisor("root", *children, **keys), runtime, self._ended, settings)
        self.ending: Ending | None = None
        self.tree.boot()
        self.settle()

    def _ended(self, ending: Ending) -> None:
        self.ending = ending

    def _launch(self, life: Incarnation) -> None:
        who = f"{life.path}#{life.generation}"
        self.lives[who], self.actors[who] = life, life.make()
        self._try(life, partial(self._warm_up, life))

    def _warm_up(self, life: Incarnation) -> None:
        worker = self.actors[f"{life.path}#{life.generation}"]
        if isinstance(worker, Worker):
            worker.warm_up()
        life.warmed_up()

    @staticmethod
    def _try(life: Incarnation, do: Callable[[], None]) -> bool:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - as in a thread's host
            life.end(error)
            return False
        return True

    def life(self, path: str) -> Incarnation:
        """The newest incarnation of an actor."""
        return self.lives[f"{path}#{self.tree.runtime.generations[path]}"]

    # -- what happens

    def settle(self) -> None:
        """Let the tree take in all that has come; who has been asked to stop does."""
        while self.events or self._obey():
            if self.events:
                self.tree.handle(self.events.popleft())
        self.incarnations.failures.write_out()

    def _obey(self) -> bool:
        asked = [life for life in self.lives.values() if not life.over and STOP in life.mailbox._control]
        for life in asked:
            life.end(None)
        return bool(asked)

    def tell(self, path: str, *words: str) -> None:
        for word in words:
            self.incarnations.mail.tell(path, Word(word))

    def emit(self, who: str, word: str) -> None:
        """Have an incarnation, as ``a#1``, tell whom it tells."""
        self.actors[who].emit(Word(word))

    def work(self, path: str, most: int = 1_000_000) -> None:
        """Have an actor take its mail, so many messages at most, until it has no more or fails."""
        self.work_as(self.life(path), most)

    def work_as(self, life: Incarnation, most: int = 1_000_000) -> None:
        """The same for any incarnation."""
        worker: Any = self.actors[f"{life.path}#{life.generation}"]
        for _ in range(most):
            message = life.mailbox.poll()
            if message is EMPTY or message is STOP:
                break
            if not self._try(life, partial(life.deliver, worker, message)):
                break
        self.settle()

    def end(self, path: str, error: BaseException) -> None:
        """Let the newest incarnation of an actor come to its end."""
        self.life(path).end(error)
        self.settle()

    def advance(self, seconds: float) -> None:
        """Let time pass, with every timer at its own moment."""
        end = self.clock.monotonic() + seconds
        while (due := self.tree.runtime.timers.next()) is not None and due <= end:
            self.clock.advance(max(0.0, due - self.clock.monotonic()))
            self.tree.tick()
            self.settle()
        self.clock.advance(end - self.clock.monotonic())

    def do(self, operation: Operation) -> list[Answer]:
        """Do an operation; gives the answers so far."""
        answers: list[Answer] = []
        self.tree.handle(Request(operation, answers.append))
        self.settle()
        return answers

    # -- what is seen

    def state(self, path: str) -> State:
        return self.tree.nodes[path].state

    def generation(self, path: str) -> int:
        return self.tree.runtime.generations[path]

    def letters(self) -> dict[tuple[str, str], int]:
        """Dead letters, by path and reason."""
        return dict(self.incarnations.mail.dead_letters.counts)

    def snapshot(self) -> dict[str, Any]:
        return snapshot(self.tree, self.incarnations)

    def series(self) -> dict[Series, float]:
        """All metrics of the tree."""
        house: Any = self
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(TreeMetrics(house, "1.0").text())
            for sample in family.samples
        }

    def metric(self, name: str, **labels: str) -> float:
        """One of them; ``actor`` is enough where all stand below the root."""
        wanted = labels.items()
        (value,) = (value for (found, has), value in self.series().items() if found == name and wanted <= set(has))
        return value


# -- real threads, on a manual clock


class Threads:
    """A real supervisor with real threads, whose clock moves only when the test says so."""

    def __init__(self, root: SupervisorSpec, settings: SettingKeys | None, deeds: Deeds) -> None:
        self.clock, self.deeds = ManualClock(), deeds
        self.supervisor = Supervisor(root, self.clock, self.deeds, settings)
        self.incarnations = self.supervisor.incarnations
        self.supervisor.begin()

    def tell(self, path: str, *words: str) -> None:
        for word in words:
            self.incarnations.mail.tell(path, Word(word))

    def advance(self, seconds: float) -> None:
        """Let time pass, a poll at a time, and have the supervisor see it."""
        every = self.supervisor.tree.settings.hang_poll
        for _ in range(round(seconds / every)):
            self.clock.advance(every)
            self.shown()
            self.shown()  # its timers have run before it answers a second time

    def end(self) -> None:
        """Stop the tree, letting time pass as it needs it."""
        self.supervisor.shut_down()
        deadline = time.monotonic() + PATIENCE
        while not self.supervisor.ended.wait(0.005):
            assert time.monotonic() < deadline, "the tree does not end"
            self.clock.advance(0.02)

    def shown(self) -> dict[str, dict[str, Any]]:
        """What a snapshot shows of each node, by its path."""
        return {node["path"]: node for _, node in walk(self.supervisor.snapshot(PATIENCE))}

    def up(self, path: str, generation: int = 1) -> None:
        """Wait until this incarnation is up."""
        until(lambda: self._is_up(path, generation), f"{path}#{generation}")

    def _is_up(self, path: str, generation: int) -> bool:
        node = self.shown().get(path, {"state": None})
        return node["state"] == "up" and node.get("generation", generation) == generation

    def thread(self, path: str) -> threading.Thread:
        """That of the newest incarnation of an actor."""
        thread = self.incarnations._current[path].thread
        assert thread is not None
        return thread

    def zombies(self) -> int:
        """Threads that were given up and have not ended."""
        return sum(map(len, list(self.incarnations._zombies.values())))


@contextmanager
def in_threads(
    *children: NodeSpec, settings: SettingKeys | None = None, deeds: Deeds | None = None, **keys: Any
) -> Iterator[Threads]:
    """A tree ``root`` of these children, in threads; stopped at the end."""
    threads = Threads(supervisor("root", *children, **keys), settings, deeds or Deeds())
    try:
        yield threads
    finally:
        threads.deeds.gate.set()
        threads.end()
        until(lambda: threads.zombies() == 0, "the end of every thread")


# -- a tree that comes from a file


class Resting(Worker):
    """Stands in a file."""

    options: Options


class TunedOptions(Options):
    """One number."""

    pace: int = 1


class Tuned(Worker):
    """Heeds other options as it runs."""

    options: TunedOptions

    def reconfigure(self, options: TunedOptions) -> None:
        """Hear of them."""


STORES = "{redis: {url: 'redis://127.0.0.1:1/0'}, database: {url: 'sqlite:///none.db'}}"
"""What every mode of a file has, in one line."""


def source(path: Path) -> Source:
    """The tree of the mode ``day``."""
    return Source(TreeFile(path), "day", {})


class Edited:
    """A file, the tree that was made of it, and the reloader between them, on a bench."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.write(text)
        tree = source(path).tree()
        self.bench = Calm(tree.root, settings=tree.settings)
        self.bench.boot()
        operator: Any = self
        self.reloader = Reloader(tree, path, source(path).tree, operator, Listeners(), self.bench.clock)
        self.bench.examined()

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def operate(self, operation: Operation, within: float) -> Answer:
        """As the supervisor does."""
        self.bench.do(operation)
        self.bench.all_ready()
        return self.bench.answered()[0]

    def settle(self, settings: SettingKeys) -> None:
        """As the supervisor does."""
        self.bench.tree.settings = settings

    def metrics(self) -> dict[str, float]:
        """Those of reloads; a result stands behind the name."""
        samples = [sample for family in reload_metrics(self.reloader) for sample in family.samples]
        return {"/".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}
