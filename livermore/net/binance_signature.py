"""Signatures for Binance: an HMAC over the query, which says when it was made and how long it is good."""

import hashlib
import hmac
from urllib.parse import urlencode

from livermore.exchanges.frame import Request
from livermore.net.rest import Signed

WINDOW = 5_000
"""Milliseconds that a request may be on its way."""


def seal(key_id: str, private: str, now: int, host: str, request: Request) -> Signed:  # noqa: ARG001 - as others are
    """A request for what is private, signed; any other as it is. ``private``: the secret of the key; ``now``: ms."""
    if not request.private:
        return Signed(request.path, request.query, {})
    query = (*request.query, ("recvWindow", str(WINDOW)), ("timestamp", str(now)))
    signature = hmac.new(private.encode(), urlencode(query).encode(), hashlib.sha256).hexdigest()
    return Signed(request.private, (*query, ("signature", signature)), {"X-MBX-APIKEY": key_id})
