"""The wheel: installed anywhere, it has all that the program reads, and runs from any folder."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.processes import PLAIN, ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source, unpacked."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("livermore", "supervisors.yaml", "supervisors.local.yaml", "setup.cfg", "pyproject.toml", "README.md",
                 "LICENSE", "THIRD_PARTY.md"):  # fmt: skip
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name, **({"symlinks": True} if (ROOT / name).is_dir() else {}))
    words = [
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(source),
    ]
    made = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_every_file_that_the_program_reads(installed: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "livermore"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("this is no checkout: which files belong to it is not known")
    missing = [name for name in tracked.stdout.split() if not (installed / name).is_file()]
    assert missing == []
    assert not (installed / "livermore" / "supervisors.yaml").is_symlink()


def test_it_checks_its_own_tree_from_any_folder(installed: Path, tmp_path: Path) -> None:
    environment = {**PLAIN, "PYTHONPATH": str(installed)}
    words = [sys.executable, "-m", "livermore", "check"]
    answer = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert str(installed) in answer.stdout
