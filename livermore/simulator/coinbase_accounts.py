"""Coinbase's accounts: what is held, in pages, for whoever shows a token that was made for this very request."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jwt

from livermore.simulator.balances import Balance
from livermore.simulator.moments import envelope_time
from livermore.simulator.request import Refusal, Request, invalid

ALGORITHMS = ["ES256", "EdDSA"]
LIFE = 120
"""Seconds for which a token is good."""
LEEWAY = 5
USUAL, MOST = 49, 250
"""Accounts of one page."""
CLAIMS = ("sub", "iss", "nbf", "exp", "uri")


class Accounts:
    """``keys``: public keys in PEM form by their names. Without any it is not looked at who has signed a token, only
    what it says.
    """

    def __init__(self, balances: Sequence[Balance], keys: Mapping[str, str]) -> None:
        self._rows, self._keys = [_row(balance) for balance in balances], keys

    def answer(self, request: Request) -> dict[str, Any]:
        """One page of them."""
        self._check(request)
        limit, first = _whole(request.query, "limit", USUAL), _whole(request.query, "cursor", 0)
        if not 1 <= limit <= MOST:
            raise invalid(f"limit must be between 1 and {MOST}")
        last = first + limit
        rows, more = self._rows[first:last], last < len(self._rows)
        return {"accounts": rows, "has_next": more, "cursor": str(last) if more else "", "size": len(rows)}

    def _check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not self._is_good(token, request):
            raise Refusal("Unauthorized", status=401, code=16, name="UNAUTHENTICATED")

    def _is_good(self, token: str, request: Request) -> bool:
        try:
            head = jwt.get_unverified_header(token)
            key = self._keys.get(head.get("kid", ""))
            if head.get("alg") not in ALGORITHMS or not head.get("nonce") or (self._keys and key is None):
                return False
            said = _claims(token, key)
        except jwt.PyJWTError:
            return False
        now, uri = request.epoch / 1000, f"{request.method} {request.headers.get('host', '')}{request.path}"
        lasts = said["nbf"] - LEEWAY <= now < said["exp"] + LEEWAY and said["exp"] - said["nbf"] <= LIFE
        return bool(lasts and (said["iss"], said["sub"], said["uri"]) == ("cdp", head.get("kid"), uri))


def _claims(token: str, key: str | None) -> dict[str, Any]:
    """What a token says; its times are looked at by the clock of the request."""
    options: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
    options |= {"verify_signature": key is not None}
    said: dict[str, Any] = jwt.decode(token, key or "", ALGORITHMS, options)
    if not all(name in said for name in CLAIMS) or not all(isinstance(said[name], int) for name in ("nbf", "exp")):
        raise jwt.InvalidTokenError("something is not said")
    return said


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 7):
        raise invalid(f"{name} is no number")
    return int(text) if text else otherwise


def _row(balance: Balance) -> dict[str, Any]:
    currency = balance.currency
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"account of {currency}")),
        "name": f"{currency} Wallet",
        "currency": currency,
        "available_balance": {"value": f"{balance.available:f}", "currency": currency},
        "default": True,
        "active": True,
        "created_at": envelope_time(1_600_000_000_000),
        "updated_at": envelope_time(1_600_000_000_000),
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if currency == "USD" else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": f"{balance.held:f}", "currency": currency},
        "retail_portfolio_id": str(uuid5(NAMESPACE_URL, "portfolio")),
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }
