"""Tokens for Coinbase: a JWT of two minutes, made anew for each message and request (`exchanges.md` 1.3)."""

import binascii
import secrets
from base64 import b64decode
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from livermore.errors import Permanent
from livermore.exchanges.frame import Request
from livermore.net.rest import Signed

LIFE = 120


def sign(key_id: str, private: str, now: int, uri: str = "") -> str:
    """A token for one WebSocket message, or for one request.

    ``private``: an EC (P-256) or Ed25519 key in PEM form, in which ``\\n`` written out counts as the end of a line, or
    an Ed25519 key of 32 or 64 bytes in base64; ``now``: wall time, seconds; ``uri``: a request's method, host and path.

    Raises:
        Permanent: the key cannot be read; the text says nothing of it.
    """
    key = _raw(private) or _pem(private)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        algorithm = "ES256"
    elif isinstance(key, Ed25519PrivateKey):
        algorithm = "EdDSA"
    else:
        raise Permanent("Coinbase_EcPrivateKeyPem is neither an EC key on the curve P-256 nor an Ed25519 key")
    claims = {"sub": key_id, "iss": "cdp", "nbf": now, "exp": now + LIFE} | ({"uri": uri} if uri else {})
    return jwt.encode(claims, key, algorithm, {"kid": key_id, "nonce": secrets.token_hex(16)})


def seal(key_id: str, private: str, now: int, host: str, request: Request) -> Signed:
    """A request with a token of its own, to the path where it is looked at; ``now``: wall time, ms. As `sign` else."""
    path = request.private or request.path
    token = sign(key_id, private, now // 1000, f"GET {host}{path}")
    return Signed(path, request.query, {"Authorization": f"Bearer {token}"})


def _raw(private: str) -> Ed25519PrivateKey | None:
    """Coinbase hands out the seed, or the seed with the public key after it."""
    try:
        data = b64decode(private, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Ed25519PrivateKey.from_private_bytes(data[:32]) if len(data) in {32, 64} else None


def _pem(private: str) -> Any:
    try:
        return load_pem_private_key(private.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # a TypeError: it is encrypted
        raise Permanent("Coinbase_EcPrivateKeyPem is no private key in PEM form, or an encrypted one") from error
