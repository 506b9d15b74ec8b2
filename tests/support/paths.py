"""Where the recorded market data lie: beside the repository, if at all."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def recorded(name: str) -> Path:
    """The path of a recorded file; where it is missing, the test that asks for it is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {path}, which is not there")
    return path
