"""The requests of a client: one after the other, waited for as the server asks, read as the records they are."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse

from livermore.client.errors import ApiError, UnexpectedError, UnreachableError
from livermore.client.patience import Patience, Sleep

T = TypeVar("T")

ROOT = "/public/v1"
AGAIN = {429, 502, 503, 504}
"""Statuses that pass."""
TIMEOUT = 30.0
"""Seconds for one answer."""


class _Fault(msgspec.Struct):
    code: str
    message: str
    param: str | None = None
    request_id: str | None = None


class _Refused(msgspec.Struct):
    error: _Fault


class Rest:
    """``url``: of the server, without ``/public/v1``. The key goes into a header, and nowhere else."""

    def __init__(self, url: str, key: str, patience: float, sleep: Sleep) -> None:
        self._url, self._patience, self._sleep = url.rstrip("/") + ROOT, patience, sleep
        self._headers = {"X-API-Key": key, "User-Agent": "livermore-client"}
        self._http: AsyncHTTPClient | None = None

    async def get(self, form: type[T], *path: str, **query: str | int | None) -> T:
        """What a route gives. Parts of the path and the query are as they are meant, not as they are encoded.

        Raises:
            ApiError: the server refuses, or still cannot answer when patience is at its end.
            UnreachableError: it cannot be reached.
            UnexpectedError: it is no such server.
        """
        patience = Patience(self._patience, self._sleep)
        while True:
            answer = await self._fetch(self._request(path, query), patience)
            if answer is None:
                continue
            if answer.code == 200:
                return _read(answer.body, form)
            refused = _refusal(answer)
            if answer.code not in AGAIN or not await patience.wait(refused.retry_after or 0.0):
                raise refused

    def _request(self, path: tuple[str, ...], query: Mapping[str, str | int | None]) -> HTTPRequest:
        words = urlencode({name: word for name, word in query.items() if word is not None})
        url = "/".join([self._url, *(quote(part, safe="") for part in path)]) + (f"?{words}" if words else "")
        return HTTPRequest(
            url, headers=self._headers, follow_redirects=False, request_timeout=TIMEOUT, decompress_response=True
        )

    async def _fetch(self, request: HTTPRequest, patience: Patience) -> HTTPResponse | None:
        """The answer; None where there was none, and it is to be tried again."""
        if self._http is None:
            self._http = AsyncHTTPClient(force_instance=True)
        try:
            return await self._http.fetch(request, raise_error=False)
        except (HTTPError, OSError) as reason:
            if not await patience.wait():
                raise UnreachableError(str(reason)) from reason
            return None

    def close(self) -> None:
        """Give back what is held."""
        if self._http is not None:
            self._http.close()
            self._http = None


def _read(body: bytes, form: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError as error:
        raise UnexpectedError(str(error)) from error


def _refusal(answer: HTTPResponse) -> ApiError:
    """Also of a proxy, which knows nothing of codes."""
    retry_after = answer.headers.get("Retry-After", "")
    wait = float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None
    try:
        fault = msgspec.json.decode(answer.body, type=_Refused).error
    except msgspec.DecodeError:
        fault = _Fault(f"HTTP_{answer.code}", answer.reason)
    return ApiError(
        answer.code, fault.code, fault.message, param=fault.param, request_id=fault.request_id, retry_after=wait
    )
