"""The demo: either mode with no configuration at all, on a simulated exchange and embedded stores.

It fills the variables of the tree from an environment of its own, and starts what the variables that the tree mentions
stand for: where no exchange is mentioned, none is simulated.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from tornado.netutil import bind_sockets

from livermore.clock import Clock
from livermore.errors import LivermoreError
from livermore.listeners import CannotListen, Held
from livermore.local import BEGINNING, Local

FOLDER = Path(".livermore")
KEY = "organizations/demo/apiKeys/demo"
"""The name of the key with which the account is read."""
FIRST_PORT = 4000
TRIES = 100
AWAY = 1.0
"""Seconds for which an exchange that has ended stays away."""
OWN = ("API_HOST", "API_PORT", "HEALTH_HOST", "HEALTH_PORT", *BEGINNING)
"""Variables that the demo takes from the process's environment."""


class Simulator:
    """The simulated exchange, in a process that ends when this one does: it waits for the end of its standard input.

    Should it end by itself it is started again, at the same address; its market goes on as if nothing had been.
    """

    def __init__(self, public_key: str) -> None:
        """``public_key``: in PEM form, of the one whom it shows its account."""
        self._key = f"{KEY}={public_key}"
        self._closing = threading.Event()
        self._start(port=0)
        threading.Thread(target=self._keep, name="simulator", daemon=True).start()

    def _start(self, port: int) -> None:
        command = [sys.executable, "-m", "livermore.simulator", "--until-stdin-closes", "--port", str(port)]
        command += ["--key", self._key]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LivermoreError("the simulated exchange did not start; what it said stands above")
        self.urls: dict[str, str] = json.loads(line)

    def _keep(self) -> None:
        port = urlsplit(self.urls["rest_url"]).port or 0
        log = structlog.get_logger("livermore.demo")
        while True:
            code = self._process.wait()
            if self._closing.wait(AWAY):
                return
            log.warning("the simulated exchange has ended: it is started again", exit_code=code)
            try:
                self._start(port)
            except LivermoreError as error:
                log.warning("not yet", reason=str(error))

    def close(self) -> None:
        """End it."""
        self._closing.set()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()


class Demo(Local):
    """A local run whose variables are all its own."""

    name = "demo"
    breakable = True

    def __init__(self, mode: str, mentioned: Collection[str], given: Mapping[str, str], clock: Clock) -> None:
        super().__init__(FOLDER, mode, mentioned, clock, given)
        self._simulator: Simulator | None = None
        self._private_key = make_private_key()
        self._variables = {name: given[name] for name in OWN if name in given}
        self._variables.setdefault("HEALTH_PORT", "0")
        self._variables["API_PORT"], self.held = _listen(self._variables)

    def variables(self, given: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002 - a demo is not configured
        """What the tree is filled with; starts what stands behind it."""
        providers: dict[str, Callable[[], str]] = {
            "LIVERMORE_REDIS_URL": lambda: self.stores.redis.full_url,
            "DATABASE_URL": lambda: self.stores.database.full_url,
            "LIVERMORE_ADMIN_TOKEN": lambda: self.credentials.admin_token,
            "LIVERMORE_SIMULATED": lambda: "true",
            "LIVERMORE_EXCHANGE_WS_URL": lambda: self._simulated("websocket_url"),
            "LIVERMORE_EXCHANGE_REST_URL": lambda: self._simulated("rest_url"),
            "DISCORD_LIVERMORE_BOT": lambda: self._simulated("webhook_url"),
            "Coinbase_ApiKeyId": lambda: KEY,
            "Coinbase_EcPrivateKeyPem": lambda: self._private_key,
        }
        provided = {name: provide() for name, provide in providers.items() if name in self.mentioned}
        return self._variables | provided

    def _simulated(self, what: str) -> str:
        if self._simulator is None:
            self._simulator = Simulator(public_key_of(self._private_key))
        return self._simulator.urls[what]

    def facts(self) -> dict[str, object]:
        """Where the exchange is, and where the notices go."""
        urls = self._simulator.urls if self._simulator is not None else {}
        return {name: url for name, url in urls.items() if name.endswith("_url")}

    def close(self) -> None:
        """Stop the exchange, then the stores."""
        if self._simulator is not None:
            self._simulator.close()
        super().close()


def make_private_key() -> str:
    """An EC key in PEM form, with which nothing can be done but to sign."""
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public_key_of(private_key: str) -> str:
    """The other half, in PEM form: by that it is known who has signed."""
    key = load_pem_private_key(private_key.encode(), password=None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _listen(variables: Mapping[str, str]) -> tuple[str, Held]:
    """A port for the front, and its sockets: the one that was asked for, or the next from 4000 that is free."""
    host = variables.get("API_HOST") or "127.0.0.1"
    if asked := variables.get("API_PORT"):
        return asked, {}
    for port in range(FIRST_PORT, FIRST_PORT + TRIES):
        with suppress(OSError):
            return str(port), {f"{host}:{port}": bind_sockets(port, host)}
    raise CannotListen(
        f"no port from {FIRST_PORT} to {FIRST_PORT + TRIES - 1} is free on {host}: set API_PORT to one that is"
    )
