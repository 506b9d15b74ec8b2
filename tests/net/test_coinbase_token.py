"""Tokens for Coinbase: signed with either kind of key, good for two minutes, and no word of the key when it is bad."""

from base64 import b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from livermore.errors import Permanent
from livermore.net.coinbase_token import sign

KEY_ID = "organizations/o-1/apiKeys/k-2"
NOW = 1_700_000_000
P256 = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key: object, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()  # type: ignore[attr-defined]


EC_PEM, ED_PEM = pem(P256, PrivateFormat.TraditionalOpenSSL), pem(ED)


SEED = ED.private_bytes_raw()
PUBLIC = ED.public_key().public_bytes_raw()


def read(token: str, key: object, algorithm: str) -> dict[str, object]:
    """What a token claims, once its signature has been verified."""
    options = {"verify_exp": False, "verify_nbf": False}
    return jwt.decode(token, key.public_key(), [algorithm], options=options, issuer="cdp")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "key", "algorithm"),
    [
        (EC_PEM, P256, "ES256"),
        (pem(P256), P256, "ES256"),
        (ED_PEM, ED, "EdDSA"),
        (b64encode(SEED).decode(), ED, "EdDSA"),
        (b64encode(SEED + PUBLIC).decode(), ED, "EdDSA"),
    ],
    ids=["EC, SEC1", "EC, PKCS8", "Ed25519", "Ed25519, its seed", "Ed25519, its seed and the public key"],
)
def test_a_token_claims_what_coinbase_wants(text: str, key: object, algorithm: str) -> None:
    token = sign(KEY_ID, text, NOW)
    assert read(token, key, algorithm) == {"sub": KEY_ID, "iss": "cdp", "nbf": NOW, "exp": NOW + 120}
    header = jwt.get_unverified_header(token)
    assert {name: header[name] for name in ("alg", "typ", "kid")} == {"alg": algorithm, "typ": "JWT", "kid": KEY_ID}
    assert int(header["nonce"], 16) > 0


def test_the_token_of_a_request_names_it() -> None:
    uri = "GET api.coinbase.com/api/v3/brokerage/products"
    assert read(sign(KEY_ID, EC_PEM, NOW, uri), P256, "ES256")["uri"] == uri


def test_each_token_has_a_nonce_of_its_own() -> None:
    nonces = {jwt.get_unverified_header(sign(KEY_ID, EC_PEM, NOW))["nonce"] for _ in range(10)}
    assert len(nonces) == 10


@pytest.mark.parametrize("text", [EC_PEM, ED_PEM], ids=["EC", "Ed25519"])
@pytest.mark.parametrize("end", ["\\n", "\r\n", " "])
def test_ends_of_lines_may_be_written_out_or_of_another_system(text: str, end: str) -> None:
    key, algorithm = (P256, "ES256") if text is EC_PEM else (ED, "EdDSA")
    assert read(sign(KEY_ID, text.replace("\n", end), NOW), key, algorithm)["sub"] == KEY_ID


OTHERS = {
    "RSA": pem(rsa.generate_private_key(65537, 2048)),
    "DSA": pem(dsa.generate_private_key(2048)),
    "another curve": pem(ec.generate_private_key(ec.SECP384R1())),
    "a curve of the same size": pem(ec.generate_private_key(ec.SECP256K1())),
    "encrypted": P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode(),
    "public": P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "cut off": EC_PEM[:-60],
    "without its frame": "".join(EC_PEM.splitlines()[1:-1]),
    "nothing": "",
    "nonsense": "nonsense",
    "of another length": b64encode(SEED + b"x").decode(),
    "no text": "\udcff nonsense",
    "garbage inside": EC_PEM.replace("M", "*"),
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_a_key_that_cannot_be_used_is_refused_for_good_without_a_word_of_it(text: str) -> None:
    with pytest.raises(Permanent) as caught:
        sign(KEY_ID, text, NOW)
    said = str(caught.value)
    assert said.startswith("Coinbase_EcPrivateKeyPem is ")
    words = [text[i : i + 12] for i in range(0, len(text), 12)]
    assert not [word for word in words if word.strip() and word in f"{said} {caught.value.__cause__}"]
