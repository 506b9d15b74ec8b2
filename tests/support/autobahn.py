"""The Autobahn cases against our WebSocket: a client in a process of its own that breaks the protocol in every way."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tornado.netutil import bind_sockets
from tornado.web import Application

from livermore.http.server import Server
from livermore.http.strict_websocket import StrictHandler

LARGEST = 32 * 1024 * 1024
"""Bytes; some cases send 16 MiB."""
AT_ONCE = "8"
"""Cases: some only wait for a second."""
WITHOUT_COMPRESSION = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]


class Echo(StrictHandler):
    """The streams' protocol, saying what it hears as the cases want it."""

    max_message_size = LARGEST

    def open(self) -> None:
        self.ws_connection.stream.max_buffer_size = 2 * LARGEST

    async def on_message(self, data: str | bytes) -> None:
        await self.write_message(data, binary=isinstance(data, bytes))


class Compressing(Echo):
    """Agrees to compression, which our streams do not."""

    def get_compression_options(self) -> dict[str, Any]:
        return {}


def run(handler: type[Echo], cases: list[str], folder: Path, patience: float = 100) -> dict[str, dict[str, Any]]:
    """What was seen in each case, by its number; fails where one is not passed.

    ``cases`` may end with a star; ``folder`` is for reports; ``patience`` in seconds.
    """
    return asyncio.run(_run(handler, cases, folder, patience))


async def _run(handler: type[Echo], cases: list[str], folder: Path, patience: float) -> dict[str, dict[str, Any]]:
    server, sockets = Server(Application([("/", handler)])), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    program, address = Path(sys.executable).with_name("kosoku"), f"127.0.0.1:{sockets[0].getsockname()[1]}"
    wanted = [word for case in cases for word in ("-i", case)]
    process = await asyncio.create_subprocess_exec(
        program, address, "-p", AT_ONCE, "-o", folder, *wanted, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(patience):
            _, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        server.stop()
        await server.close_all_connections()
    assert process.returncode == 0, told.decode()
    (seen,) = json.loads((folder / "index.json").read_text()).values()
    return seen
