"""Livermore with hooks for tests, obeyed line by line on standard input.

``break PATH`` makes an actor fail; ``modules`` writes the names of all modules that are loaded, as JSON, to stdout;
``regex CLASS`` has an actor's next message meet a regular expression that takes long, with Python's lock held;
``exit CLASS`` has an actor's next two starts raise SystemExit. CLASS is ``module:Name``. ``jump MS`` sets the wall's
clock forward, or back, for this process: what is monotonic goes on as it was.
"""

import json
import os
import re
import sys
import threading
import time
from typing import Any

from livermore import cli
from livermore.commands import run
from livermore.composition import Application
from livermore.plugins import load

CATASTROPHE = "a" * 27 + "b"
"""What `(a+)+$` needs some seconds for, without letting any other thread run."""


class HookedApplication(Application):
    """Listens to its standard input."""

    def run(self) -> int:
        threading.Thread(target=self._obey, daemon=True).start()
        return super().run()

    def _obey(self) -> None:
        for line in sys.stdin:
            match line.split():
                case ["break", path]:
                    self.supervisor.incarnations.break_(path, RuntimeError("a test breaks it"))
                case ["modules"]:
                    print(json.dumps(sorted(sys.modules)), flush=True)
                case ["regex", name]:
                    replace(load(name), "receive_all", 1, lambda: re.match(r"(a+)+$", CATASTROPHE))
                case ["jump", ms]:
                    jump(int(ms) * 1_000_000)
                case ["exit", name]:
                    replace(load(name), "warm_up", 2, lambda: sys.exit(3))


def jump(ns: int) -> None:
    """Set the clock by so many nanoseconds."""
    told = time.time_ns
    time.time_ns = lambda: told() + ns


def replace(owner: Any, name: str, times: int, first: Any) -> None:
    """Have ``first`` done before a method, so many times."""
    method, left = getattr(owner, name), [None] * times

    def hooked(self: Any, *arguments: Any) -> Any:
        if left:
            left.pop()
            began = time.monotonic()
            first()
            print(f"hook: {name} came through after {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        return method(self, *arguments)

    setattr(owner, name, hooked)


if __name__ == "__main__":
    run.Application = HookedApplication  # type: ignore[misc]  # a hook that only tests have
    code = cli.main()
    os._exit(code)
