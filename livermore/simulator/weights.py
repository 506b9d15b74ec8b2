"""How much weight each client has used in its minute, and who is refused or banned for it (`exchanges.md` 4)."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

_CLIENTS = 1_000
_MINUTE = 60.0
_PATIENCE = 5
"""Requests in excess, within a minute, that are merely refused; the next one is a ban."""
_SHORTEST, _LONGEST = 120.0, 259_200.0
"""Seconds of a client's first ban, which double with each further one, and of the longest."""


class Verdict(NamedTuple):
    """``status`` 200, 429 or 418; ``used`` in this minute; ``wait`` in wall seconds, 0 if it is admitted."""

    status: int
    used: int
    wait: int


@dataclass
class _Account:
    window: int = 0
    used: int = 0
    excess: int = 0
    bans: int = 0
    banned_until: float = 0.0


class Weights:
    """A budget of weight for every client and minute. Times are wall seconds on a clock that never steps."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.while_banned = 0
        """Requests of clients that were banned at that moment: a good client makes none."""
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def charge(self, client: str, weight: int, at: float) -> Verdict:
        """What becomes of a request at the moment ``at``. Requests that are refused weigh as much."""
        account = self._account(client, int(at // _MINUTE))
        account.used += weight
        if at < account.banned_until:
            self.while_banned += 1
            return Verdict(418, account.used, math.ceil(account.banned_until - at))
        if account.used <= self.budget:
            return Verdict(200, account.used, 0)
        account.excess += 1
        if account.excess <= _PATIENCE:
            return Verdict(429, account.used, math.ceil((account.window + 1) * _MINUTE - at))
        length = min(_SHORTEST * 2**account.bans, _LONGEST)
        account.bans, account.banned_until = account.bans + 1, at + length
        return Verdict(418, account.used, math.ceil(length))

    def _account(self, client: str, window: int) -> _Account:
        account = self._accounts.pop(client, None) or _Account(window)
        if account.window != window:
            account.window, account.used, account.excess = window, 0, 0
        self._accounts[client] = account
        if len(self._accounts) > _CLIENTS:
            self._accounts.popitem(last=False)
        return account
