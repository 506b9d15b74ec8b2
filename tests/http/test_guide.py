"""The guide: every program that it shows is run as a reader would run it, against a front that really listens."""

import html
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from livermore.errors import Transient
from livermore.http.files import OURS, folder
from livermore.http.guide import PAGE, PROGRAM
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store.candles import Write, write
from tests.http.test_resume import newest
from tests.http.world import World, wait_until
from tests.support.candles import candle
from tests.support.processes import PLAIN
from tests.support.programs import program

FOLDER = Path(str(folder(OURS, "static")))
PROGRAMS = sorted(path.name for path in FOLDER.glob("guide-*.*"))
HOUR = Series("coinbase", "BTC-USD", Timeframe.H1)
HOURS = 1050
"""More than fit into one page."""


def command(name: str) -> list[str]:
    """How a reader would start a program."""
    path = str(FOLDER / name)
    if name.endswith(".py"):
        return [sys.executable, "-u", path]
    return [program("bash", "bash"), path] if name.endswith(".sh") else [*node(), path]


def node() -> list[str]:
    """Node, with its WebSocket; skipped where it has none."""
    path = program("node", "nodejs")
    for flags in ([], ["--no-warnings", "--experimental-websocket"]):
        found = subprocess.run([path, *flags, "-p", "typeof WebSocket"], capture_output=True, text=True, check=False)
        if found.stdout.strip() == "function":
            return [path, *flags]
    pytest.skip("this node has no WebSocket (from 20 on it has); the programs run in Chromium, too")


def environment(world: World) -> dict[str, str]:
    reader = {"LIVERMORE_URL": f"http://127.0.0.1:{world.port}", "LIVERMORE_KEY": world.key}
    return {**PLAIN, **reader}


def output(name: str, world: World) -> str:
    """All that a program says, which has to end well."""
    done = subprocess.run(
        command(name), env=environment(world), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def running(name: str, world: World, place: Path) -> Iterator[Iterator[str]]:
    """The lines of a program that does not end by itself."""
    with subprocess.Popen(
        command(name), env=environment(world), cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        assert process.stdout is not None
        yield iter(process.stdout)
        process.kill()
        watch.cancel()


def line_with(lines: Iterator[str], word: str) -> str:
    """The next line with a word; fails with what was said instead."""
    said: list[str] = []
    for line in lines:
        said.append(line)
        if word in line:
            return line
    raise AssertionError("".join(said))


def hours(world: World) -> None:
    """More candles of an hour than fit into one page."""
    told = [candle(n, str(n + 1), series=HOUR) for n in range(HOURS)]
    for first in range(0, HOURS, 150):
        world.redis.run(write(world.lease, Write(told[first : first + 150], (), news=False), HOURS))
    world.known(HOUR, told[0].open_time, told[-1].open_time)


def listened_to(world: World) -> bool:
    return any(stream.session and stream.session.topics for stream in world.front.guests.streams)


@pytest.fixture
def failing_once(world: World, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The front says once that it cannot answer now."""
    ask, failures = world.front.redis.run_all, [True]

    async def flaky(*queries: Any) -> Any:
        if failures:
            failures.pop()
            raise Transient("Redis is away", retry_after=1)
        return await ask(*queries)

    monkeypatch.setattr(world.front.redis, "run_all", flaky)
    return failures


def test_the_page_shows_every_program_once_and_as_it_is(world: World) -> None:
    answer = world.ask("/public/v1/docs/guide", key=None)
    assert (answer.status, "default-src 'self'" in answer.headers["content-security-policy"]) == (200, True)
    shown, template = answer.body.decode(), (FOLDER / PAGE).read_text(encoding="utf-8")
    assert sorted(PROGRAM.findall(template)) == PROGRAMS
    assert "<!--" not in shown
    for name in PROGRAMS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert html.escape(text.strip()) in shown
        file = world.ask(f"/public/v1/docs/{name}", key=None)
        assert (file.status, file.body.decode()) == (200, text)


def test_the_first_request_is_answered(world: World) -> None:
    for name in ("guide-first.sh", "guide-first.py"):
        assert "coinbase" in output(name, world)


@pytest.mark.parametrize("name", ["guide-pages.sh", "guide-pages.py", "guide-pages-plain.py"])
def test_every_candle_of_all_pages_is_given_although_the_server_has_to_be_waited_for(
    world: World, failing_once: list[bool], name: str
) -> None:
    hours(world)
    said = output(name, world)
    assert not failing_once
    assert said.count("2023-11-14T00:00:00.000Z") == 1
    assert said.count(".000Z") == HOURS


def test_what_is_wrong_is_said(world: World) -> None:
    assert "404 NOT_FOUND" in output("guide-errors.py", world)
    done = subprocess.run(
        command("guide-errors.sh"), env=environment(world), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 22
    assert '"code":"NOT_FOUND"' in done.stdout


@pytest.mark.parametrize("name", ["guide-stream.py", "guide-stream-plain.py", "guide-use.mjs"])
def test_events_come_and_none_is_lost_when_the_server_is_restarted(world: World, tmp_path: Path, name: str) -> None:
    world.store(candle(0, "77"))
    wait_until(lambda: world.front.hub.place("coinbase") == newest(world), "the front to follow")
    with running(name, world, tmp_path) as lines:
        wait_until(lambda: listened_to(world), "the program to subscribe")
        world.store(candle(1, "1001"))
        line_with(lines, "1001")
        world.restart(lambda: world.store(candle(2, "1002")) and None)
        line_with(lines, "1002")
        world.store(candle(3, "1003"))
        line_with(lines, "1003")


def test_another_process_goes_on_where_the_first_was(world: World, tmp_path: Path) -> None:
    world.store(candle(0, "77"))
    wait_until(lambda: world.front.hub.place("coinbase") == newest(world), "the front to follow")
    with running("guide-resume.py", world, tmp_path) as lines:
        wait_until(lambda: listened_to(world), "the program to subscribe")
        world.store(candle(1, "1001"))
        line_with(lines, "1001")
        kept = tmp_path / "place.txt"
        wait_until(lambda: kept.exists() and kept.read_text() == newest(world), "the place to be kept")
    world.store(candle(2, "1002"))
    with running("guide-resume.py", world, tmp_path) as lines:
        assert "1002" in next(lines)


def test_programs_for_browsers_and_node_list_candles_too(world: World, tmp_path: Path) -> None:
    hours(world)
    with running("guide-use.mjs", world, tmp_path) as lines:
        line_with(lines, "coinbase")
        told = [line_with(lines, ".000Z").split()[-1] for _ in range(HOURS)]
    assert told == [str(n + 1) for n in range(HOURS)]
