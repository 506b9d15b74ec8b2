"""Discord and webhook over real sockets: what arrives is what a receiver can read and check."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from livermore.net.network import TornadoNetwork
from livermore.notices.notice import Notice
from livermore.notices.target import Outcome, make_target
from tests.notices.examples import AT, LEVEL

SECRET = "a-secret-of-sixteen"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200


class Receiver(RequestHandler):
    """Keeps every request."""

    def post(self, status: str) -> None:
        self.settings["requests"].append(self.request)
        self.set_status(int(status))
        self.set_header("Retry-After", "33")
        self.set_header("Location", "/200")


class Wire:
    """A receiver and a sender in one loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner, self.requests = runner, list[HTTPServerRequest]()
        self.port = runner.run(self._open())

    async def _open(self) -> int:
        self.network = TornadoNetwork()
        self.server = HTTPServer(Application([(r"/(\d+)", Receiver)], requests=self.requests, log_function=id))
        (listening,) = bind_sockets(0, "127.0.0.1")
        self.server.add_socket(listening)
        port: int = listening.getsockname()[1]
        return port

    def send(self, word: str, status: int, chart: bytes | None = None, **options: Any) -> Outcome:
        url = f"http://127.0.0.1:{self.port}/{status}"
        target = make_target({word: {"url": url, "allow_private": True, **options}})
        return self.runner.run(target.send(self.network, Notice(LEVEL, (), chart), AT))

    async def close(self) -> None:
        self.network.close()
        self.server.stop()
        await self.server.close_all_connections()


@pytest.fixture
def wire() -> Iterator[Wire]:
    with asyncio.Runner() as runner:
        made = Wire(runner)
        yield made
        runner.run(made.close())


def test_discord_gets_the_message_and_the_chart(wire: Wire) -> None:
    assert wire.send("discord", 204, PNG).kind == "sent"
    (request,) = wire.requests
    message = json.loads(request.body_arguments["payload_json"][0])
    (file,) = request.files["files[0]"]
    assert message["embeds"][0]["image"]["url"] == f"attachment://{file.filename}"
    assert file.body == PNG


def test_a_receiver_can_check_who_sent_a_notice(wire: Wire) -> None:
    assert wire.send("webhook", 200, secrets=[SECRET]).kind == "sent"
    (request,) = wire.requests
    signed = request.headers["X-Livermore-Timestamp"].encode() + b"." + request.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["X-Livermore-Signature"] == f"v1={expected}"
    assert request.headers["Idempotency-Key"] == json.loads(request.body)["id"] == LEVEL.id


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, Outcome("refused", "the answer is 302, and redirects are not followed")),
        (307, Outcome("refused", "the answer is 307, and redirects are not followed")),
        (404, Outcome("refused", "the answer is 404")),
        (429, Outcome("postponed", "the answer is 429", 33.0)),
        (503, Outcome("postponed", "the answer is 503", 33.0)),
    ],
)
def test_an_answer_is_heeded_and_a_redirect_is_not_followed(wire: Wire, status: int, expected: Outcome) -> None:
    assert wire.send("discord", status) == expected
    assert [request.path for request in wire.requests] == [f"/{status}"]
