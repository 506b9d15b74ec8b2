"""Binance's account: what is held, for whoever has signed the query, in time and with the secret of the key."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from livermore.simulator.balances import Balance
from livermore.simulator.binance_query import Invalid, only
from livermore.simulator.request import Request

USUAL, MOST = 5_000, 60_000
"""Milliseconds for which a request is good."""
AHEAD = 1_000
"""How far (ms) its clock may be ahead of ours."""


class Unauthorized(Invalid):
    """Nobody of that name is known here: 401."""


class Account:
    """``secrets``: of the keys, by their names."""

    def __init__(self, balances: Sequence[Balance], secrets: Mapping[str, str]) -> None:
        self._balances, self._secrets = balances, secrets

    def answer(self, request: Request) -> dict[str, Any]:
        """All of it, or only what is not nothing."""
        self._check(request)
        only(request.query, {"omitZeroBalances", "recvWindow", "timestamp", "signature"})
        shown = request.query.get("omitZeroBalances", "false") == "true"
        rows = [_row(one) for one in self._balances if not (shown and one.is_nothing)]
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": dict.fromkeys(("maker", "taker", "buyer", "seller"), "0.00000000"),
            "canTrade": False,
            "canWithdraw": False,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": request.now,
            "accountType": "SPOT",
            "balances": rows,
            "permissions": ["SPOT"],
            "uid": 354_937_868,
        }

    def _check(self, request: Request) -> None:
        """In Binance's order: the key, what has to be there, the time, and then the signature."""
        secret = self._secrets.get(request.headers.get("x-mbx-apikey", ""))
        if secret is None:
            known = "x-mbx-apikey" in request.headers
            why = "Invalid API-key, IP, or permissions for action." if known else "API-key format invalid."
            raise Unauthorized(-2015 if known else -2014, why)
        for name in ("timestamp", "signature"):
            if not request.query.get(name):
                raise Invalid(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        window = _whole(request.query.get("recvWindow", str(USUAL)), "recvWindow")
        if window > MOST:
            raise Invalid(-1131, f"recvWindow must be less than {MOST}")
        at = _whole(request.query["timestamp"], "timestamp")
        if not request.epoch - window <= at < request.epoch + AHEAD:
            raise Invalid(-1021, "Timestamp for this request is outside of the recvWindow.")
        signed = urlencode([pair for pair in request.query.items() if pair[0] != "signature"])
        right = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), request.query["signature"].encode()):
            raise Invalid(-1022, "Signature for this request is not valid.")


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(text)


def _row(balance: Balance) -> dict[str, str]:
    return {"asset": balance.currency, "free": f"{balance.available:.8f}", "locked": f"{balance.held:.8f}"}
