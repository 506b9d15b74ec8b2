"""Real processes for tests: the simulated exchange and Livermore itself, started, watched and ended by their pid."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from livermore.demo import make_private_key
from tests.support.free_port import free_port
from tests.support.notices import tells_of_an_alert

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
PLAIN = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
"""The whole environment of a process, but for what a test adds."""


def until(holds: Callable[[], Any], what: str, within: float = PATIENCE, every: float = 0.05) -> Any:
    """Look again and again, ``every`` so many seconds; gives the first answer that is true."""
    deadline = time.monotonic() + within
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"waited {within:g} s in vain for {what}"
        time.sleep(every)
    return answer


def until_none(look: Callable[[], list[str]], what: str, within: float = PATIENCE, every: float = 0.05) -> None:
    """Look again and again until nothing is wrong; fails with what the last look found, ``every`` so many seconds.

    One look that finds nothing is enough: a later one may fall into the moment after another candle has closed.
    """
    deadline = time.monotonic() + within
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(every)
    assert not found, "\n".join([f"waited {within:g} s in vain for {what}:", *found])


class Process:
    """A program with its own folder; what it says on stderr goes to a file there."""

    def __init__(self, arguments: list[str], folder: Path, variables: Mapping[str, str], name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.log = folder, folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=folder,
                env={**PLAIN, **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def send(self, number: int) -> None:
        """Send it a signal."""
        self.popen.send_signal(number)

    def wait(self, within: float = PATIENCE) -> int:
        """Its exit code, once it has ended."""
        return self.popen.wait(within)

    def end(self) -> None:
        """End it in good order, or else at once."""
        if self.popen.poll() is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self.wait(15)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream is not None:
                stream.close()

    def kill(self) -> None:
        """End it at once, as SIGKILL does."""
        self.popen.kill()
        self.popen.wait()
        self.end()

    def written(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class Exchange(Process):
    """The simulated exchange."""

    def __init__(self, folder: Path, clock: str = "", *, options: tuple[str, ...] = ()) -> None:
        super().__init__(["-m", "livermore.simulator", *options], folder, {"LIVERMORE_CLOCK": clock}, "simulator")
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert line, self.written()
        self.urls: dict[str, str] = json.loads(line)

    def notices(self) -> list[dict[str, Any]]:
        """What was posted to its webhook about alerts."""
        return [notice for notice in self._posted() if tells_of_an_alert(notice)]

    def state_notices(self) -> list[dict[str, Any]]:
        """What was posted about the pipeline."""
        return [notice for notice in self._posted() if not tells_of_an_alert(notice)]

    def _posted(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = get_json(self.urls["webhook_url"])[1]
        return found

    def variables(self) -> dict[str, str]:
        """What a tree needs to reach it."""
        return {
            "LIVERMORE_SIMULATED": "true",
            "LIVERMORE_EXCHANGE_WS_URL": self.urls["websocket_url"],
            "LIVERMORE_EXCHANGE_REST_URL": self.urls["rest_url"],
            "DISCORD_LIVERMORE_BOT": self.urls["webhook_url"],
            "LIVERMORE_ADMIN_TOKEN": "admin-token-of-tests",
            "Coinbase_ApiKeyId": "organizations/test/apiKeys/test",
            "Coinbase_EcPrivateKeyPem": make_private_key(),
        }


class Livermore(Process):
    """Livermore in one mode, on the ports that it was given."""

    def __init__(
        self,
        mode: str,
        folder: Path,
        variables: Mapping[str, str],
        *,
        hooks: bool = False,
        program: Path | None = None,
        tree: Path = ROOT / "supervisors.yaml",
        port: int | None = None,
    ) -> None:
        """``port``: that of the API; else any that is free."""
        self.port, self.health_port = port or free_port(), free_port()
        ports = {"API_PORT": str(self.port), "HEALTH_PORT": str(self.health_port)}
        file = ROOT / "tests/support/hooked.py" if hooks else program
        started = ["-m", "livermore"] if file is None else [str(file)]
        super().__init__(
            [*started, "--mode", mode, "--tree", str(tree)], folder, {**variables, **ports}, f"{mode}-{self.port}"
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /health; 0 where nobody listens."""
        return get_json(f"{self.url}/health")

    def wait_until_ok(self, within: float = PATIENCE) -> None:
        """Until /health says ok: warm and active, where there is a pipeline."""

        def ok() -> bool:
            assert self.popen.poll() is None, self.written()[-3000:]
            return self.health()[1].get("status") == "ok"

        until(ok, f"{self.url}/health to say ok; {self.log}", within)

    def get(self, path: str, key: str) -> tuple[int, dict[str, Any]]:
        """A request to the public API."""
        return get_json(f"{self.url}/public/v1{path}", {"X-API-Key": key})

    def tree(self) -> dict[str, Any]:
        """The supervision tree."""
        return get_json(f"http://127.0.0.1:{self.health_port}/supervision/tree")[1]

    def states(self) -> dict[str, str]:
        """The state of each node, by its path."""
        return {node["path"]: node["state"] for node in nodes(self.tree())}

    def metric(self, series: str) -> float:
        """The value of a metric, named with its labels as Prometheus writes them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line for line in lines if line.startswith(f"{series} ")).rpartition(" ")[2])

    def break_(self, path: str) -> None:
        """Make an actor fail. The process must have been started with its hooks."""
        self.say(f"break {path}")

    def modules(self) -> set[str]:
        """The names of all modules that it has loaded. The process must have been started with its hooks."""
        self.say("modules")
        assert self.popen.stdout is not None
        return set(json.loads(self.popen.stdout.readline()))


def nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """A node and all below it."""
    return [tree, *(node for child in tree.get("children", ()) for node in nodes(child))]


def get_json(url: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> tuple[int, Any]:
    """Status and body; 0 and nothing where nobody answers."""
    request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
        return error.code, json.loads(body) if body else {}
    except OSError:
        return 0, {}


def livermore(
    *arguments: str, folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of Livermore to its end."""
    command = [sys.executable, "-m", "livermore", *arguments]
    environment = {**PLAIN, **(variables or {})}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
