"""Actors that do what a test tells them, in real threads under the real supervisor; and real processes of Livermore."""

import asyncio
import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import pykka

from livermore.clock import AffineClock
from livermore.settings import Options
from livermore.supervision.actor import Actor, Context, Worker
from livermore.supervision.events import Down, Event, Operation
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.supervisor import Supervisor
from tests.support.clocks import ManualClock
from tests.support.processes import Process

PATIENCE = 10.0

Act = Callable[[Any], None]
"""Takes the actor, or, for the moment ``new``, the context that it is made with."""


class Told(str):
    """A message."""

    __slots__ = ()


class Script:
    """What actors do at the moments of their lives, and a line for each moment, as ``a#1 warm_up``."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._acts: dict[tuple[str, str], Act] = {}

    def when(self, who: str, moment: str, act: Act) -> None:
        """``who``: a path, or one incarnation of it, as ``a#1``; ``moment``: also the text of a message."""
        self._acts[who, moment] = act

    def play(self, context: Context, moment: str, actor: Any = None) -> None:
        """Write the moment down, and do what is planned for it."""
        who = f"{context.path}#{context.generation}"
        self.lines.append(f"{who} {moment}")
        act = self._acts.get((who, moment)) or self._acts.get((context.path, moment))
        if act is not None:
            act(actor or context)


class Scripted(Worker):
    """A worker that lives by the script."""

    options: Options
    accepts = (Told,)
    emits = (Told,)

    def __new__(cls, context: Context) -> "Scripted":
        context.resources.play(context, "new")
        return super().__new__(cls)

    def warm_up(self) -> None:
        self.resources.play(self.context, "warm_up", self)

    def receive(self, message: Any) -> None:
        self.resources.play(self.context, str(message), self)

    def quiesce(self) -> None:
        self.resources.play(self.context, "quiesce", self)

    def cool_down(self) -> None:
        self.resources.play(self.context, "cool_down", self)


class ScriptedLoop(LoopActor):
    """A loop actor that lives by the script."""

    options: Options
    accepts = (Told,)
    emits = (Told,)

    def __new__(cls, context: Context) -> "ScriptedLoop":
        context.resources.play(context, "new")
        return super().__new__(cls)

    async def warm_up(self) -> None:
        self.resources.play(self.context, "warm_up", self)

    async def main(self) -> None:
        self.resources.play(self.context, "main", self)
        await asyncio.Event().wait()

    def receive(self, message: Any) -> None:
        self.resources.play(self.context, str(message), self)

    async def quiesce(self) -> None:
        self.resources.play(self.context, "quiesce", self)

    async def cool_down(self) -> None:
        self.resources.play(self.context, "cool_down", self)


KINDS: list[type[Actor]] = [Scripted, ScriptedLoop]


def spec(path: str, kind: type[Actor] = Scripted, targets: tuple[ActorSpec, ...] = (), **keys: Any) -> ActorSpec:
    """An actor of the script."""
    made = ActorKeys.model_validate({"id": path.rpartition("/")[2], "class": "tests:x", **keys})
    return ActorSpec(path, made, kind, Options(), targets)


def group(path: str, *children: NodeSpec, **keys: Any) -> SupervisorSpec:
    """A supervisor."""
    made = SupervisorKeys.model_validate({"id": path.rpartition("/")[2], **keys})
    return SupervisorSpec(path, made, children)


def raising(error: BaseException) -> Act:
    """Raise such an error, a new one each time."""

    def act(_: Any) -> None:
        raise copy(error)

    return act


def until(holds: Callable[[], Any]) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.005)


class Run:
    """A real supervisor, on the wall's clock, with the script that its actors live by."""

    def __init__(self, root: SupervisorSpec, settings: SettingKeys | None, resources: Any) -> None:
        self.script = Script()
        self.when = self.script.when
        self.supervisor = Supervisor(root, AffineClock(), resources or self.script, settings)
        self.downs: list[Down] = []
        self._before = (set(threading.enumerate()), set(pykka.ActorRegistry.get_all()))
        self._gates: list[threading.Event] = []
        self.supervisor.incarnations.post = self._post

    def _post(self, event: Event) -> None:
        if isinstance(event, Down):
            self.downs.append(event)
        self.supervisor.post(event)

    @property
    def lines(self) -> list[str]:
        """What was written down so far."""
        return list(self.script.lines)

    def gate(self) -> threading.Event:
        """An event that is set at the end of the test at the latest."""
        self._gates.append(threading.Event())
        return self._gates[-1]

    def open(self) -> None:
        """Let everybody go on who waits at a gate."""
        for gate in self._gates:
            gate.set()

    # -- what happens

    def begin(self) -> "Run":
        self.supervisor.begin()
        return self

    def tell(self, path: str, *messages: str) -> None:
        for message in messages:
            self.supervisor.incarnations.mail.tell(path, Told(message))

    def ended(self) -> str:
        """Wait for the end of the tree, and give its reason."""
        assert self.supervisor.ended.wait(PATIENCE), "the tree does not end"
        assert self.supervisor.ending is not None
        return self.supervisor.ending.reason

    def shut_down(self, within: float = float("inf")) -> str:
        """Stop the tree, wait for its end, and give its reason."""
        self.supervisor.shut_down(within)
        return self.ended()

    def do(self, operation: Operation) -> Any:
        """Do an operation, and give the answer."""
        return self.supervisor.operate(operation, PATIENCE)

    # -- what is seen

    def node(self, path: str) -> dict[str, Any]:
        """A node as it is shown to people; empty where there is none."""
        return next((node for node in _walk(self.supervisor.snapshot()) if node["path"] == path), {})

    def state(self, path: str) -> str | None:
        return self.node(path).get("state")

    def up(self, path: str, generation: int = 1) -> None:
        """Wait until this incarnation is up."""
        until(lambda: self._is_up(path, generation))

    def _is_up(self, path: str, generation: int) -> bool:
        node = self.node(path)
        return bool(node) and (node["state"], node["generation"]) == ("up", generation)

    def reasons(self, path: str) -> list[str]:
        """How its incarnations have ended, in order."""
        return [down.ending.reason for down in self.downs if down.path == path]

    def threads(self) -> set[str]:
        """The names of the threads of actors that still run."""
        return {thread.name for thread in set(threading.enumerate()) - self._before[0] if "#" in thread.name}

    def registered(self) -> int:
        """How many actors Pykka knows, the supervisor among them."""
        return len(set(pykka.ActorRegistry.get_all()) - self._before[1])

    def living(self) -> set[str]:
        """Incarnations that have been made and have not ended."""
        made = {line.removesuffix(" new") for line in self.lines if line.endswith(" new")}
        return made - {f"{down.path}#{down.generation}" for down in list(self.downs)}

    def letters(self) -> dict[tuple[str, str], int]:
        """Dead letters, by path and reason."""
        return dict(self.supervisor.incarnations.mail.dead_letters.counts)

    def written(self, line: str) -> None:
        """Wait until this is written down."""
        until(lambda: line in self.script.lines)


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node["children"]:
        yield from _walk(child)


@contextmanager
def running(
    *children: NodeSpec, settings: SettingKeys | None = None, resources: Any = None, **keys: Any
) -> Iterator[Run]:
    """A supervisor ``root`` with these children, which the test begins; it is stopped at the end."""
    run = Run(group("root", *children, **keys), settings, resources)
    try:
        yield run
    finally:
        run.open()
        if run.supervisor.actor_ref.is_alive() and not run.supervisor.ended.is_set():
            run.shut_down(PATIENCE)


def is_gone(reference: Callable[[], Any]) -> bool:
    """Whether nothing holds what a weak reference stands for."""
    gc.collect()
    return reference() is None


class SteppingClock(ManualClock):
    """A manual clock whose wall time somebody sets."""

    def set_wall(self, seconds: float) -> None:
        """Move the wall's time, and with it the market's, by so many seconds; no time passes."""
        self._start += round(seconds * 1000)


# -- processes


def child(name: str, kind: str, **keys: Any) -> dict[str, Any]:
    """A child of a tree file, of a class in `tests.conformance.actors`."""
    return {"id": name, "class": f"tests.conformance.actors:{kind}", **keys}


@contextmanager
def livermore(folder: Path, *children: dict[str, Any], settings: Any = None, **root: Any) -> Iterator[Process]:
    """A process of Livermore with a tree of these children; it is ended at the end."""
    common = {"allow_modules": ["tests.conformance"], "health": {"listen": "127.0.0.1:0"}, **(settings or {})}
    stores = {"redis": {"url": "redis://127.0.0.1:1/0"}, "database": {"url": "sqlite:///x.db"}}
    tree = {"id": "exchange", "stores": stores, **root, "children": list(children)}
    file = folder / "tree.yaml"
    file.write_text(json.dumps({"version": 1, "settings": common, "modes": {"exchange": tree}}), encoding="utf-8")
    process = Process(["-m", "livermore", "--tree", str(file)], folder, {}, "livermore")
    try:
        yield process
    finally:
        process.kill()


def wait_for(process: Process, words: str) -> None:
    """Wait until a process has said this in its log."""

    def said() -> bool:
        assert process.popen.poll() is None, process.written()
        return words in process.written()

    until(said)


def log_of(process: Process) -> list[dict[str, Any]]:
    """The lines of its log."""
    return [json.loads(line) for line in process.written().splitlines() if line.startswith("{")]
