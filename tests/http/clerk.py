"""A Clerk of our own: an instance with RSA keys, that signs sessions and serves its public keys on this machine."""

import base64
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

HOST = "clerk.example.com"
ISSUER = f"https://{HOST}"
PAGE = "http://localhost:4001"
PUBLISHABLE = "pk_test_" + base64.b64encode(f"{HOST}$".encode()).decode()
SECRET = "sk_test_canary-of-clerks-secret-key"


class ClerkServer:
    """``fetches``: how often its keys were asked for; ``down``: whether it answers with 503."""

    def __init__(self) -> None:
        self.keys = {"ins_1": new_key()}
        self.fetches, self.down = 0, False
        self.body: bytes | None = None
        """What is served instead of the keys."""
        self.answers = threading.Event()
        """Cleared while whoever asks is kept waiting."""
        self.answers.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="clerk", kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        """Of the public keys."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/.well-known/jwks.json"

    @property
    def options(self) -> dict[str, str]:
        """With which a front believes this instance."""
        return {"clerk_publishable_key": PUBLISHABLE, "clerk_secret_key": SECRET, "clerk_jwks_url": self.url}

    def served(self) -> bytes:
        """The public keys, as JWKS, or what stands in their place."""
        keys = [{**_public(key), "kid": name, "use": "sig", "alg": "RS256"} for name, key in self.keys.items()]
        return json.dumps({"keys": keys}).encode() if self.body is None else self.body

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def session(
        self, now: int, subject: str = "user_2ann", *, lasts: int = 60, kid: str = "ins_1", **claims: Any
    ) -> str:
        """A session token as Clerk makes them at ``now`` (ms); a claim that is None is left out."""
        key = self.keys.get(kid) or self.keys["ins_1"]
        return jwt.encode(claims_of(now, subject, claims), key, "RS256", {"kid": kid})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.fetches += 1
                site.answers.wait(10)
                body = site.served()
                self.send_response(503 if site.down else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def new_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims_of(now: int, subject: str, changes: Mapping[str, Any] = {}) -> dict[str, Any]:
    """What Clerk says of a session."""
    at = now // 1000
    claims = {
        "azp": PAGE, "exp": at + 60, "iat": at, "iss": ISSUER, "nbf": at - 10, "sid": "sess_2abc", "sub": subject,
        "v": 2, "fva": [0, -1],
    } | changes  # fmt: skip
    return {name: value for name, value in claims.items() if value is not None}


def _public(key: RSAPrivateKey) -> dict[str, Any]:
    return dict(RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))
