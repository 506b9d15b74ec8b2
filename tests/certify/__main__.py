"""Runs each foreign client's script against the simulated exchange; fails if one check does.

The clients are as published. They are told where the exchange is and whom to trust, and nothing else.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any, NamedTuple

from tests.certify.environment import ROOT, python_of

PACKAGES = {"ccxt": "ccxt", "coinbase": "coinbase-advanced-py", "binance": "binance-sdk-spot"}
SEED = 5
LONGEST = 300.0
"""Seconds for one client."""


class Certificate(NamedTuple):
    """What one client found."""

    client: str
    version: str
    checks: int
    failed: int


@contextmanager
def simulator(protocol: str, folder: Path) -> Iterator[dict[str, Any]]:
    """A simulated exchange over TLS, and what it says of itself."""
    options = ["--protocol", protocol, "--seed", str(SEED), "--tls-dir", str(folder / protocol), "--until-stdin-closes"]
    command = [sys.executable, "-m", "livermore.simulator", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@contextmanager
def exchanges(folder: Path) -> Iterator[dict[str, Any]]:
    """One of each protocol, and whom to trust. An exchange limits the requests of an address, whoever asks from it."""
    with ExitStack() as stack:
        facts: dict[str, Any] = {p: stack.enter_context(simulator(p, folder)) for p in ("coinbase", "binance")}
        trust = folder / "ca.pem"
        trust.write_text("".join(Path(told["ca_file"]).read_text() for told in facts.values()))
        yield facts | {"ca_file": str(trust), "seed": SEED}


def certified(client: str, python: Path) -> Certificate:
    """Run one client's script against exchanges of its own."""
    with TemporaryDirectory() as folder, exchanges(Path(folder)) as facts:
        return checked(client, python, facts)


def checked(client: str, python: Path, facts: dict[str, Any]) -> Certificate:
    """Run one client's script, and print what it says as it is said."""
    trust = facts["ca_file"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SSL_CERT_FILE": trust, "REQUESTS_CA_BUNDLE": trust}
    command = [python, "-m", f"tests.certify.{client}_client", json.dumps(facts)]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        hung = Timer(LONGEST, process.kill)
        hung.start()
        for line in process.stdout:
            print(f"{client:8} {line}", end="", flush=True)
            said.append(line.split(" ", 1)[0])
        hung.cancel()
    failed = said.count("FAIL") or int(process.returncode != 0 or "ok" not in said)
    return Certificate(PACKAGES[client], version(client, python), said.count("ok") + said.count("FAIL"), failed)


def version(client: str, python: Path) -> str:
    """Which version of the client it was."""
    [packages] = (python.parents[1] / "lib").glob("python*/site-packages")
    return next(d.version for d in distributions(name=PACKAGES[client], path=[str(packages)]))


def main() -> int:
    """All at once: they mostly wait for the end of a minute.

    Returns:
        The exit code.
    """
    pythons = {client: python_of(client) for client in PACKAGES}
    with ThreadPoolExecutor() as pool:
        certificates = list(pool.map(lambda client: certified(client, pythons[client]), PACKAGES))
    print(f"\n{'client':22}{'version':10}{'checks':>7}{'failed':>8}")
    for c in certificates:
        print(f"{c.client:22}{c.version:10}{c.checks:7}{c.failed:8}")
    return int(any(c.failed for c in certificates))


if __name__ == "__main__":
    sys.exit(main())
