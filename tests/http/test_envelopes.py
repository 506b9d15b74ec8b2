"""Answers as such: one envelope for every error, bounds on what comes in, and the headers that all have in common."""

import gzip
import json
import logging
import re
import socket
from typing import Any

import pytest

from livermore.http.server import Server
from tests.http.conftest import MakeWorld
from tests.http.world import PATIENCE, TOKEN, World, wait_until

URL = "/public/v1/exchanges"


def raw(world: World, data: bytes) -> tuple[int, dict[str, str], Any]:
    """What is answered to bytes that no library would send; the server has to hang up after it."""
    with socket.create_connection(("127.0.0.1", world.port), PATIENCE) as connection:
        connection.sendall(data)
        told = b""
        while chunk := connection.recv(65536):
            told += chunk
    head, _, body = told.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, json.loads(body)


def in_envelope(answer: Any, code: str) -> None:
    assert answer["success"] is False
    assert answer["error"]["code"] == code
    assert set(answer["error"]) <= {"code", "message", "param", "request_id"}
    assert answer["error"]["request_id"]


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET  / HTTP/1.1",
        b"GET /health HTTP/9.9",
        b"NONSENSE",
        b"GET /health",
        b"\x00\x01 / HTTP/1.1",
        b"G T / HTTP/1.1",
    ],
)
def test_a_request_that_cannot_be_parsed_is_refused_in_the_envelope(world: World, request_line: bytes) -> None:
    status, headers, answer = raw(world, request_line + b"\r\nHost: x\r\n\r\n")
    assert status == 400
    assert headers["content-type"] == "application/json; charset=utf-8"
    in_envelope(answer, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (b"Content-Length: 200000000", 413, "CONTENT_TOO_LARGE"),
        (b"Content-Length: 1\r\nContent-Length: 2", 400, "BAD_REQUEST"),
        (b"Content-Length: +3", 400, "BAD_REQUEST"),
        (b"Content-Length: 3\r\nTransfer-Encoding: chunked", 400, "BAD_REQUEST"),
        (b"X-Long: " + b"a" * 20_000, 431, "HEADERS_TOO_LARGE"),
        (b"Host: y", 400, "BAD_REQUEST"),
    ],
)
def test_what_is_too_large_or_ambiguous_is_refused_in_the_envelope(
    world: World, header: bytes, status: int, code: str
) -> None:
    found, _, answer = raw(world, b"GET /health HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
    assert found == status
    in_envelope(answer, code)


def test_a_body_that_turns_out_too_large_is_refused_in_the_envelope(world: World) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = b"POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, _, answer = raw(world, head + chunk * 2 + b"1\r\n")
    assert status == 413
    in_envelope(answer, "CONTENT_TOO_LARGE")


def test_a_long_query_is_refused(world: World) -> None:
    answer = world.ask(f"{URL}?{'a' * 9000}=1")
    assert answer.status == 414
    in_envelope(answer.json(), "URI_TOO_LONG")


@pytest.mark.parametrize(
    "path", ["/", "/public/v1", "/public/v1/", "/public/v1/x", "//health", "/health/", "/admin/v1/tree"]
)
def test_unknown_paths_are_not_found_in_the_envelope(make_world: MakeWorld, path: str) -> None:
    world = make_world(routes=("exchanges", "health"))
    answer = world.ask(path)
    assert answer.status == 404
    in_envelope(answer.json(), "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_other_methods_are_refused_with_those_there_are(world: World, method: str) -> None:
    answer = world.ask(URL, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    in_envelope(answer.json(), "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/public/v1/candles/coinbase/%zz/1m", "/public/v1/candles/coinbase/%ff/1m"])
def test_a_badly_encoded_path_is_refused_in_the_envelope(world: World, path: str) -> None:
    answer = world.ask(path)
    assert answer.status == 400
    in_envelope(answer.json(), "BAD_REQUEST")


def test_a_badly_encoded_query_is_refused_in_the_envelope(world: World) -> None:
    answer = world.ask(f"{URL}?%ff=1")
    assert answer.status == 400
    in_envelope(answer.json(), "BAD_REQUEST")


def test_a_fault_of_ours_says_nothing_of_the_inside_and_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(world.front.directory, "markets", lambda: 1 / 0)
    answer = world.ask(f"{URL}", headers={"X-Request-ID": "find-me"})
    assert answer.status == 500
    in_envelope(answer.json(), "INTERNAL_ERROR")
    assert b"division" not in answer.body
    assert b"Traceback" not in answer.body
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "find-me" in str(vars(record))
    assert record.exc_info is not None


def test_head_says_what_get_says_without_saying_it(world: World) -> None:
    got, headed = world.ask(URL), world.ask(URL, method="HEAD")
    assert (headed.status, headed.body) == (200, b"")
    varying = {"date", "x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    assert {k: v for k, v in headed.headers.items() if k not in varying} == {
        k: v for k, v in got.headers.items() if k not in varying
    }
    assert world.ask(URL, method="HEAD", key=None).status == 401


def test_every_route_has_options_for_anyone(world: World) -> None:
    for route in world.front.table.routes:
        path = re.sub(r"{\w+}", "x", route.path)
        answer = world.ask(path, method="OPTIONS", key=None)
        assert (answer.status, answer.headers["allow"], answer.body) == (204, "GET, HEAD, OPTIONS", b""), path
    assert world.ask("/nothing", method="OPTIONS").status == 404


@pytest.mark.parametrize("given", ["abc-123", "A" * 128, "trace/1.2:3=4+5@x_y"])
def test_a_safe_request_id_is_echoed(world: World, given: str) -> None:
    assert world.ask(URL, headers={"X-Request-ID": given}).headers["x-request-id"] == given
    assert world.ask(URL, key="bad", headers={"X-Request-ID": given}).json()["error"]["request_id"] == given


@pytest.mark.parametrize("given", ["", "A" * 129, "a b", "a;b", "<script>", "é"])
def test_any_other_request_id_is_replaced(world: World, given: str) -> None:
    answer = world.ask(URL, key="bad", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    assert answer.headers["x-request-id"] not in {given, ""}


def test_large_answers_are_compressed_for_those_who_take_it(world: World) -> None:
    world.ask(URL)
    plain = world.ask(URL)
    assert len(plain.body) < 1024
    assert "content-encoding" not in world.ask(URL, headers={"Accept-Encoding": "gzip"}).headers
    large = "/public/v1/openapi.json"
    whole = world.ask(large)
    for accepted in ("gzip", "br, GZIP;q=0.5", "*"):
        zipped = world.ask(large, headers={"Accept-Encoding": accepted})
        assert zipped.headers["content-encoding"] == "gzip", accepted
        assert gzip.decompress(zipped.body) == whole.body
    for refused in ("", "br", "gzip;q=0", "identity", "*;q=0"):
        assert "content-encoding" not in world.ask(large, headers={"Accept-Encoding": refused}).headers, refused
    assert "Accept-Encoding" in whole.headers["vary"]


def test_answers_tell_nothing_of_the_server_and_are_not_kept(world: World) -> None:
    for path in (URL, "/nothing", "/health", "/public/v1/docs"):
        headers = world.ask(path).headers
        assert "server" not in headers
        assert headers["x-content-type-options"] == "nosniff"
    assert world.ask(URL).headers["cache-control"] == "no-store"


def test_any_page_may_use_the_public_api_without_credentials(world: World) -> None:
    for answer in (
        world.ask(URL, headers={"Origin": "https://anywhere.example"}),
        world.ask(URL, key="bad", headers={"Origin": "https://anywhere.example"}),
        world.ask("/public/v1/nothing", headers={"Origin": "https://anywhere.example"}),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    asking = {"Origin": "https://anywhere.example", "Access-Control-Request-Method": "GET"}
    preflight = world.ask(URL, method="OPTIONS", key=None, headers=asking)
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert "X-API-Key" in preflight.headers["access-control-allow-headers"]


def test_only_the_administrators_page_may_use_the_rest(admin_world: World) -> None:
    def allowed(origin: str, path: str) -> tuple[str | None, str | None]:
        headers = {"Origin": origin, "Authorization": f"Bearer {TOKEN}"}
        found = admin_world.ask(path, key=None, headers=headers).headers
        assert "Origin" in found["vary"]
        return found.get("access-control-allow-origin"), found.get("access-control-allow-credentials")

    for path in ("/admin/v1/tree", "/health", "/admin/v1/nothing"):
        assert allowed("http://localhost:4001", path) == ("http://localhost:4001", "true")
        assert allowed("http://localhost:4002", path) == (None, None)
        assert allowed("null", path) == (None, None)


def test_connections_are_bounded_and_the_next_is_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = world.service._server
    assert isinstance(server, Server)
    server.most = 2
    held = [socket.create_connection(("127.0.0.1", world.port), PATIENCE) for _ in range(2)]
    for connection in held:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
    with socket.create_connection(("127.0.0.1", world.port), PATIENCE) as third:
        assert third.recv(12) == b"HTTP/1.1 503"
    for connection in held:
        connection.close()
    wait_until(lambda: not server.open, "the connections to be given back")
    assert world.ask("/health").status == 200


def test_a_key_in_a_query_is_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = world.key.split("_", 2)[2]
    for path in ("/public/v1/stream", URL, "/nothing", "/public/v1/candles/%zz/a/b"):
        for suffix in ("", "&x=%ff", "&apiKey=2"):
            world.ask(f"{path}?apiKey={world.key}{suffix}", key=None)
            world.ask(f"{path}?apiKey={world.key}{suffix}", method="BREW", key=None)
    stream = world.connect(path=f"/public/v1/stream?apiKey={world.key}", key=None)
    stream.expect("welcome")
    raw(world, f"GET /public/v1/stream?apiKey={world.key} HTTP/9.9\r\n\r\n".encode())
    assert caplog.records
    assert secret not in caplog.text
    assert not [record for record in caplog.records if secret in str(vars(record))]
