"""The demo of either mode as a newcomer starts it, in a folder of its own."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.support.processes import ROOT, Process, until


class Demo(Process):
    """A demo in its own folder."""

    def __init__(self, mode: str, folder: Path, *, hooks: bool = False, **variables: str) -> None:
        temporary = folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        self.file = folder / ".livermore" / f"demo-{mode}.json"
        program = [str(ROOT / "tests/support/hooked.py")] if hooks else ["-m", "livermore"]
        arguments = [*program, "--mode", mode, "--demo"]
        super().__init__(arguments, folder, {"TMPDIR": str(temporary), **variables}, mode)

    def facts(self) -> dict[str, Any]:
        """What its file says, once it is up."""
        until(self.file.exists, f"{self.file}; {self.log}")
        facts: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return facts

    def stop(self) -> int:
        """End it as Ctrl+C does."""
        self.send(signal.SIGINT)
        code = self.wait(10)
        self.end()
        return code
