"""Apprise, the real one, in its own process: it posts, follows nobody elsewhere, and reaches no private address."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from livermore.errors import Transient
from livermore.notices import apprise as module
from livermore.notices import apprise_program as program
from livermore.notices.apprise import Apprise, Options
from livermore.notices.notice import Notice
from livermore.notices.target import Outcome
from tests.notices.examples import AT, LEVEL, Mailbox

T = TypeVar("T")


class Receiver(RequestHandler):
    """Remembers what is posted; ``/elsewhere`` sends everybody on, ``/never`` does not answer."""

    async def post(self, path: str) -> None:
        self.settings["posted"].append((path, json.loads(self.request.body or b"{}")))
        if path == "elsewhere":
            self.redirect("/here", status=307)
        elif path == "never":
            await asyncio.Event().wait()
        elif path == "broken":
            self.set_status(500)


class Site:
    """A server on the loopback, in the loop that everything runs in."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner, self.posted = runner, list[tuple[str, Any]]()
        self.port = runner.run(self._listen())

    async def _listen(self) -> int:
        application = Application([(r"/(\w+)", Receiver)], posted=self.posted, log_function=lambda _: None)
        self.server = HTTPServer(application)
        (listening,) = bind_sockets(0, "127.0.0.1")
        self.server.add_socket(listening)
        port: int = listening.getsockname()[1]
        return port

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def send(self, path: str, *, private: bool, host: str = "127.0.0.1") -> Outcome:
        url = f"json://{host}:{self.port}/{path}"
        target = Apprise(Options.model_validate({"url": url, "allow_private": private}))
        return self.run(target.send(Mailbox(), Notice(LEVEL), AT))  # type: ignore[arg-type]

    async def close(self) -> None:
        self.server.stop()
        await self.server.close_all_connections()


@pytest.fixture
def site() -> Iterator[Site]:
    with asyncio.Runner() as runner:
        made = Site(runner)
        yield made
        runner.run(made.close())


def test_a_notice_arrives_by_apprise(site: Site) -> None:
    assert site.send("here", private=True) == Outcome("sent")
    ((path, said),) = site.posted
    assert path == "here"
    assert said["title"] == "BTC-USD above +150 on 1m"
    assert LEVEL.id in said["message"]


def test_one_that_is_refused_is_tried_again_later(site: Site) -> None:
    assert site.send("broken", private=True) == Outcome("postponed", "apprise could not deliver it")


def test_apprise_is_sent_nowhere_else(site: Site) -> None:
    assert site.send("elsewhere", private=True).kind == "postponed"
    assert [path for path, _ in site.posted] == ["elsewhere"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0.0.0.0"])
def test_apprise_reaches_no_private_address(site: Site, host: str) -> None:
    outcome = site.send("here", private=False, host=host)
    assert outcome.kind == "postponed"
    assert "private address" in outcome.reason
    assert site.posted == []


def test_a_url_that_apprise_does_not_know_is_refused(site: Site) -> None:
    target = Apprise(Options.model_validate({"url": "nonsense://t0ken"}))
    outcome = site.run(target.send(Mailbox(), Notice(LEVEL), AT))  # type: ignore[arg-type]
    assert outcome == Outcome("refused", "apprise does not know such a URL")


def test_apprise_is_not_waited_for_for_long_and_its_process_is_ended(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    start = asyncio.create_subprocess_exec

    async def remembered(*arguments: Any, **options: Any) -> Any:
        started.append(await start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remembered)
    monkeypatch.setattr(module, "TIME_LIMIT", 0.5)
    with pytest.raises(Transient, match=r"not delivered it within 0\.5 s"):
        site.send("never", private=True)
    assert started[0].returncode is not None


def test_a_program_that_fails_is_a_notice_that_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "__name__", "livermore.notices.no_such_program")
    with pytest.raises(Transient, match="ended with the code 1"):
        site.send("here", private=True)


GUARDED = """
import socket, sys
from livermore.notices.apprise_program import Refused
guard = Refused()
guard.stand_guard()
def refused(kind, place, name="connect", family=socket.AF_INET):
    with socket.socket(family, kind) as own:
        own.settimeout(0.05)
        try:
            getattr(own, name)(*((b"x", place) if name == "sendto" else (place,)))
        except PermissionError:
            return True
        except OSError:
            return False
    return False
stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
port = int(sys.argv[1])
assert refused(stream, ("127.0.0.1", port))
assert refused(stream, ("127.0.0.1", port), "connect_ex")
assert refused(stream, ("localhost", port))
assert refused(stream, ("::ffff:127.0.0.1", port, 0, 0), family=socket.AF_INET6)
assert refused(stream, "/tmp/no-such-socket", family=socket.AF_UNIX)
assert refused(datagram, ("127.0.0.1", port), "sendto")
assert refused(stream, ("127.0.0.1", 53))
assert guard.any
assert not refused(datagram, ("127.0.0.1", 53))
assert not refused(datagram, ("192.88.99.1", 9))
"""


def test_the_guard_looks_at_what_is_really_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run([sys.executable, "-c", GUARDED, port], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
