"""The simulator's HTTP: REST requests handed to the service, and the webhooks of a Discord that only remembers."""

from typing import Protocol

from tornado.web import RequestHandler

from livermore.clock import Clock
from livermore.simulator.request import Answer, Request
from livermore.simulator.webhooks import WebhookSink


class Service(Protocol):
    """An exchange's REST."""

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""


class RestHandler(RequestHandler):
    """Everything that is nothing else."""

    def initialize(self, service: Service, clock: Clock) -> None:
        self._service, self._clock = service, clock

    def prepare(self) -> None:
        """Answer, whatever the method."""
        r = self.request
        query = {name: values[-1].decode(errors="replace") for name, values in r.query_arguments.items()}
        headers = {name.lower(): value for name, value in r.headers.get_all()} | {"host": r.host}
        times = self._clock.now(), self._clock.monotonic(), self._clock.wall()
        answer = self._service.answer(Request(r.method or "", r.path, query, r.remote_ip or "", *times, headers))
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.finish(answer.body)


class WebhookHandler(RequestHandler):
    """``POST`` as to Discord; ``GET`` tells what was posted, which Discord does not."""

    def initialize(self, sink: WebhookSink) -> None:
        self._sink = sink

    def post(self, webhook: str) -> None:
        if self._post(webhook):
            self.set_status(204)
            return
        self.set_status(400)
        self.finish({"message": "The request body contains invalid JSON.", "code": 50109})

    def _post(self, webhook: str) -> bool:
        if not self.request.headers.get("Content-Type", "").startswith("multipart/form-data"):
            return self._sink.post(webhook, self.request.body)
        message = self.request.body_arguments.get("payload_json", [b""])[0]
        files = [file for name, held in self.request.files.items() if name.startswith("files[") for file in held]
        return self._sink.post(webhook, message, {file.filename: file.body for file in files})

    def get(self, webhook: str) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(self._sink.posted(webhook))
