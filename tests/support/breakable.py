"""Livermore with a hook for tests: each line on standard input is the path of an actor, which then fails."""

import os
import sys
import threading

from livermore import cli
from livermore.composition import Application


class BreakableApplication(Application):
    """Listens to its standard input."""

    def run(self) -> int:
        threading.Thread(target=self._obey, daemon=True).start()
        return super().run()

    def _obey(self) -> None:
        for line in sys.stdin:
            self.supervisor.incarnations.break_(line.strip(), RuntimeError("a test breaks it"))


if __name__ == "__main__":
    cli.Application = BreakableApplication  # type: ignore[misc]  # a hook that only tests have
    code = cli.main()
    os._exit(code)
