"""A running demo to which everything happens that happens to processes: it heals, and no closed candle is missing."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from livermore.clock import AffineClock
from livermore.simulator.market import Market
from tests.support.comparison import differences
from tests.support.demo import Demo
from tests.support.free_port import free_port
from tests.support.processes import get_json, nodes, until, until_none

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

PIPELINE = "coinbase/writer/pipeline"
REDIS_AWAY = 20.0
"""Seconds."""


class Story:
    """A demo with hooks, and what is seen of it from outside."""

    def __init__(self, folder: Path) -> None:
        now = time.time_ns() // 1_000_000
        self.clock = AffineClock.from_text(f"{now}@{now}x5")
        self.folder = folder
        port = str(free_port())
        self.demo = Demo("exchange", folder, hooks=True, API_PORT=port, LIVERMORE_CLOCK=str(self.clock))
        self.facts = self.demo.facts()

    def node(self, path: str) -> dict[str, Any]:
        tree = get_json(self.facts["metrics_url"].removesuffix("/metrics") + "/supervision/tree")[1]
        return next((one for one in nodes(tree) if one["path"] == path), {})

    def actors(self) -> list[dict[str, Any]]:
        tree = get_json(self.facts["metrics_url"].removesuffix("/metrics") + "/supervision/tree")[1]
        return [one for one in nodes(tree) if one["kind"] == "actor"]

    def whole(self) -> bool:
        return len(found := self.actors()) == 13 and all(one["state"] == "up" for one in found)

    def shows(self, path: str, error: str, within: float = 60) -> None:
        """Until the tree says what an actor died of, and everything is up again."""
        until(lambda: error in (self.node(path).get("last_error") or ""), f"{path} to show {error!r}", within)
        until(self.whole, f"a whole tree after {error!r}", within)

    def get(self, path: str, key: str) -> tuple[int, dict[str, Any]]:
        """As soon as the key's limit allows."""

        def admitted() -> tuple[int, dict[str, Any]] | None:
            answer = get_json(f"{self.facts['base_url']}{path}", {"X-API-Key": key})
            return None if answer[0] == 429 else answer

        return until(admitted, "room within the key's limit", 70)

    def pids(self, word: str) -> list[int]:
        """Of processes that belong to this demo, by a word of their command line."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                here = str((entry / "cwd").readlink())
            except OSError:
                continue
            if word in line and (str(self.folder) in line or here.startswith(str(self.folder))):
                found.append(int(entry.name))
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One demo for the whole story, at ten times the wall's speed."""
    told = Story(tmp_path_factory.mktemp("demo"))
    try:
        until(told.whole, "a whole tree")
        yield told
    finally:
        told.demo.end()


def kill_the_front(story: Story) -> None:
    os.kill(story.node("http_front")["pid"], signal.SIGKILL)
    story.shows("http_front", "SIGKILL")


def let_an_actor_sleep(story: Story) -> None:
    query = f"path={PIPELINE}/indicator_calculator&how=hang"
    page = story.facts["page_url"].partition("#")[0]
    headers = {"Authorization": f"Bearer {story.facts['admin_token']}"}
    assert get_json(f"{page}admin/v1/break?{query}", headers, method="POST")[0] == 200
    story.shows(f"{PIPELINE}/indicator_calculator", "hang: it has been at one message for")


def hold_pythons_lock(story: Story) -> None:
    """Nobody in the process can do anything meanwhile; only its front answers, which has a process of its own."""
    before = story.node(f"{PIPELINE}/alert_evaluator")["generation"]
    story.demo.say("regex livermore.actors.alert_evaluator:AlertEvaluator")
    took = r"hook: receive_all came through after ([\d.]+) s"
    through = until(lambda: re.search(took, story.demo.written()), "the expression to be through", 90)
    assert float(through[1]) > 1
    until(story.whole, "a whole tree once the expression is through", 90)
    assert story.node(f"{PIPELINE}/alert_evaluator")["generation"] in {before, before + 1}


def exit_in_warm_up(story: Story) -> None:
    story.demo.say("exit livermore.actors.alert_evaluator:AlertEvaluator")
    story.demo.say(f"break {PIPELINE}/alert_evaluator")
    story.shows(f"{PIPELINE}/alert_evaluator", "start_error: 3")
    assert story.node(f"{PIPELINE}/alert_evaluator")["restarts"]["start_error"] == 2


def stop_redis(story: Story) -> None:
    (server,) = story.pids("valkey-server")
    os.kill(server, signal.SIGSTOP)
    began = time.monotonic()
    try:
        until(lambda: any(one["state"] == "waiting" for one in story.actors()), "actors to wait for Redis", 15)
        until(
            lambda: get_json(story.facts["health_url"])[0] == 503,
            "/health to say so, whose probes are kept a second",
            5,
        )
        until(lambda: time.monotonic() - began > REDIS_AWAY, "the twenty seconds", REDIS_AWAY + 5)
    finally:
        os.kill(server, signal.SIGCONT)
    until(story.whole, "a whole tree with Redis back")


def kill_the_exchange(story: Story) -> None:
    (simulator,) = story.pids("livermore.simulator")
    os.kill(simulator, signal.SIGKILL)
    until(lambda: story.pids("livermore.simulator") not in ([], [simulator]), "another simulated exchange", 30)
    until(story.whole, "a whole tree with the exchange back")


FAULTS: list[Callable[[Story], None]] = [
    kill_the_front,
    let_an_actor_sleep,
    hold_pythons_lock,
    exit_in_warm_up,
    stop_redis,
    kill_the_exchange,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_running_demo_heals_from_it(story: Story, fault: Callable[[Story], None]) -> None:
    fault(story)
    assert story.demo.popen.poll() is None
    until(lambda: get_json(story.facts["health_url"])[1].get("status") == "ok", "/health to say ok")


def test_afterwards_no_closed_candle_is_missing_and_none_is_wrong(story: Story) -> None:
    def wrong() -> list[str]:
        return differences(story, story.facts["api_key"], Market(1), story.clock.now())

    until_none(wrong, "the last hole to be repaired", 60)
