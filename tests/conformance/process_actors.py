"""Patients: actors in processes of their own, which fall ill in the way that they are told, and their hospital."""

import asyncio
import ctypes
import gc
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from livermore.clock import AffineClock
from livermore.settings import Options
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.spec import ActorKeys, ActorSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.supervisor import Supervisor

MIB = 1 << 20


class Fever(Exception):
    """What a patient raises."""


class Patient(LoopActor):
    """Asks, once it is up, what it suffers from; its first incarnation does, every other one is well."""

    options: Options

    async def main(self) -> None:
        name = self.context.path if self.context.generation == 1 else "well"
        self.resources("up", self.context.path, self.context.generation, os.getpid())
        self.grown = ILLNESSES[name]()
        await asyncio.Event().wait()


def _seg_fault() -> None:
    ctypes.string_at(0)


def _raise() -> None:
    raise Fever("40 degrees")


def _hang_up() -> None:
    """Close the pipe to the one who holds the tree, for both directions and whoever reads from it."""
    pipes = [one for one in gc.get_objects() if isinstance(one, Connection) and not one.closed]
    for pipe in pipes:
        with socket.socket(fileno=os.dup(pipe.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


ILLNESSES: dict[str, Callable[[], Any]] = {
    "well": lambda: None,
    "sigkill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "sigsegv": _seg_fault,
    "exit": lambda: os._exit(3),
    "memory": lambda: b"x" * (256 * MIB),
    "pipe": _hang_up,
    "hang": lambda: time.sleep(3600),
    "raise": _raise,
}


@dataclass(frozen=True)
class Suitcase:
    """Resources on their way: what comes out of it is a way to ask."""

    def open(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        return ask


@dataclass
class Hospital:
    """Resources on this side: it hears who is up, and in which process."""

    pids: dict[str, int] = field(default_factory=dict)

    def portable(self, listen: str | None) -> Suitcase:
        return Suitcase()

    def serve(self, question: str, path: str, generation: int, pid: int) -> None:
        assert question == "up"
        self.pids[f"{path}#{generation}"] = pid


def ward(*names: str, heartbeat: str = "2s") -> tuple[Supervisor, Hospital]:
    """A tree of such patients, which does not run yet; ``heartbeat``: of the one that hangs."""
    hospital = Hospital()
    patients = tuple(_patient(name, heartbeat) for name in names)
    return Supervisor(
        SupervisorSpec("root", SupervisorKeys(id="root", intensity=50), patients), AffineClock(), hospital
    ), hospital


def _patient(name: str, heartbeat: str) -> ActorSpec:
    keys: dict[str, Any] = {"id": name, "class": "tests:Patient", "isolation": "process", "start": {"timeout": "60s"}}
    keys["hang"] = {"warn_after": "1h", "after": "never"}
    keys["heartbeat"] = heartbeat if name == "hang" else "never"
    keys["process"] = {"rss_max": "200MiB"} if name == "memory" else {}
    return ActorSpec(name, ActorKeys.model_validate(keys), Patient, Options())


def be_a_parent(*names: str) -> None:
    """The life of a process that holds such a tree: it says the pids of its patients, and waits to be killed."""
    supervisor, hospital = ward(*names, heartbeat="never")
    supervisor.begin()
    while len(hospital.pids) < len(names):
        time.sleep(0.01)
    print(json.dumps(list(hospital.pids.values())), flush=True)
    time.sleep(3600)
