"""An environment for each foreign client, of its own hash-locked list of wheels: they need not agree with ours."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".certify"


def python_of(client: str) -> Path:
    """The client's own interpreter; its environment is made if it does not exist or its list has changed."""
    lock, place = ROOT / "requirements" / f"certify-{client}.lock", FOLDER / client
    want, stamp, python = hashlib.sha256(lock.read_bytes()).hexdigest(), place / ".done", place / "bin" / "python"
    if stamp.exists() and stamp.read_text() == want:
        return python
    print(f"installing {lock.relative_to(ROOT)} into {place.relative_to(ROOT)}", flush=True)
    venv.create(place, with_pip=True, clear=True)
    options = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    wheels = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    subprocess.run([python, "-m", "pip", *options, "install", *wheels], check=True, stdout=sys.stderr)
    stamp.write_text(want)
    return python
