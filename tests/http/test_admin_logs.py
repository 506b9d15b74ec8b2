"""The admin API of logs: the newest lines of every process, by level, page by page."""

import json

import pytest

from livermore import log
from livermore.store import journal
from tests.http.world import World


def say(world: World, *levels: str, **more: object) -> None:
    """Lines of these levels, each telling its number."""
    for number, level in enumerate(levels):
        line = {"timestamp": "then", "level": level, "logger": "livermore", "event": f"{level} {number}", **more}
        world.redis.run(journal.append(json.dumps(line).encode(), "exchange@here:7"))


def events(world: World, query: str = "") -> list[str]:
    return [line["event"] for line in world.admin(f"/logs{query}")["lines"]]


def test_lines_are_newest_first_with_who_said_them(admin_world: World) -> None:
    say(admin_world, "info", "error", symbol="BTC-USD")
    newest, oldest = admin_world.admin("/logs")["lines"]
    assert (newest["event"], oldest["event"]) == ("error 1", "info 0")
    assert newest.items() >= {"process": "exchange@here:7", "symbol": "BTC-USD", "logger": "livermore"}.items()
    assert newest["id"] > oldest["id"]


@pytest.mark.parametrize(
    ("level", "found"),
    [
        ("info", ["critical 4", "error 3", "warning 2", "info 1", "info 0"]),
        ("warning", ["critical 4", "error 3", "warning 2"]),
        ("error", ["critical 4", "error 3"]),
        ("critical", ["critical 4"]),
    ],
)
def test_a_level_means_itself_and_those_above(admin_world: World, level: str, found: list[str]) -> None:
    say(admin_world, "info", "info", "warning", "error", "critical")
    assert events(admin_world, f"?level={level}") == found


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_following_the_cursors_gives_every_line_once_also_while_others_come_in(admin_world: World, limit: int) -> None:
    say(admin_world, *(["info", "error"] * 6))
    found, told = [], admin_world.admin(f"/logs?level=error&limit={limit}")
    while True:
        found += [line["event"] for line in told["lines"]]
        say(admin_world, "error")
        if told["next_cursor"] is None:
            break
        told = admin_world.admin(f"/logs?level=error&limit={limit}&cursor={told['next_cursor']}")
    assert found == [f"error {n}" for n in range(11, 0, -2)]


def test_lines_of_a_level_are_found_far_behind_others(admin_world: World) -> None:
    say(admin_world, "error", *(["info"] * 1200))
    assert events(admin_world, "?level=error") == ["error 0"]


def test_nothing_is_logged_yet(admin_world: World) -> None:
    assert admin_world.admin("/logs") == {"lines": [], "next_cursor": None}


def test_what_another_process_let_slip_is_struck_out(admin_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", {"canary-hunter2"})
    say(admin_world, "error", reason="it is canary-hunter2", nested={"key": "canary-hunter2"})
    assert "hunter2" not in json.dumps(admin_world.admin("/logs"))


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "level=debug", "level=", "cursor=AAAA", "date=2026-01-01"])
def test_odd_questions_are_refused(admin_world: World, query: str) -> None:
    admin_world.admin(f"/logs?{query}", status=400)
