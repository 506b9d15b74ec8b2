"""Tokens for Coinbase: a JWT of two minutes, made anew for each message (`exchanges.md` 1.3)."""

import secrets

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from livermore.errors import Permanent

LIFE = 120


def sign(key_id: str, pem: str, now: int) -> str:
    """A token for one WebSocket message.

    ``pem``: an EC (P-256) or Ed25519 private key, in which ``\\n`` written out counts as the end of a line; ``now``:
    wall time, seconds.

    Raises:
        Permanent: the key cannot be read; the text says nothing of it.
    """
    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # a TypeError: it is encrypted
        raise Permanent("Coinbase_EcPrivateKeyPem is no private key in PEM form, or an encrypted one") from error
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        algorithm = "ES256"
    elif isinstance(key, Ed25519PrivateKey):
        algorithm = "EdDSA"
    else:
        raise Permanent("Coinbase_EcPrivateKeyPem is neither an EC key on the curve P-256 nor an Ed25519 key")
    claims = {"sub": key_id, "iss": "cdp", "nbf": now, "exp": now + LIFE}
    return jwt.encode(claims, key, algorithm, {"kid": key_id, "nonce": secrets.token_hex(16)})
