"""The server that forks actors' processes, wherever temporary files are kept."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import PLAIN


def test_a_temporary_folder_with_a_long_name_is_no_obstacle_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    program = "from livermore.supervision.fork_server import prepare, tidy; prepare([]); tidy()"
    subprocess.run([sys.executable, "-c", program], env={**PLAIN, "TMPDIR": str(folder)}, check=True, timeout=30)
    assert list(folder.iterdir()) == []
