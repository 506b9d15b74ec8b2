"""Livermore with hooks for tests, obeyed line by line on standard input.

``break PATH`` makes an actor fail; ``modules`` writes the names of all modules that are loaded, as JSON, to stdout.
"""

import json
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
            match line.split():
                case ["break", path]:
                    self.supervisor.incarnations.break_(path, RuntimeError("a test breaks it"))
                case ["modules"]:
                    print(json.dumps(sorted(sys.modules)), flush=True)


if __name__ == "__main__":
    cli.Application = BreakableApplication  # type: ignore[misc]  # a hook that only tests have
    code = cli.main()
    os._exit(code)
