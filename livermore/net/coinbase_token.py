"""Tokens for Coinbase: a JWT of two minutes, made anew for each message (`exchanges.md` 1.3)."""

import secrets

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from livermore.errors import Permanent

LIFE = 120


def sign(key_id: str, pem: str, now: int) -> str:
    """A token for one WebSocket message.

    ``pem``: an EC (ES256) or Ed25519 private key, in which ``\\n`` written out counts as the end of a line; ``now``:
    wall time, seconds.

    Raises:
        Permanent: the key cannot be read; the text says nothing of it.
    """
    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except ValueError as error:
        raise Permanent("Coinbase_EcPrivateKeyPem is no private key in PEM form") from error
    if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise Permanent("Coinbase_EcPrivateKeyPem is neither an EC nor an Ed25519 key")
    algorithm = "ES256" if isinstance(key, EllipticCurvePrivateKey) else "EdDSA"
    claims = {"sub": key_id, "iss": "cdp", "nbf": now, "exp": now + LIFE}
    return jwt.encode(claims, key, algorithm, {"kid": key_id, "nonce": secrets.token_hex(16)})
