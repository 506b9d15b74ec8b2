"""The handler of both streams: the way in, the pace, the way out. What is said is the session's business."""

import asyncio

import msgspec
import structlog
from tornado.iostream import StreamClosedError

from livermore import metrics
from livermore.errors import Transient
from livermore.http import channel
from livermore.http.doors import presented
from livermore.http.frame import message
from livermore.http.handshake import Handshake, StreamParameters
from livermore.http.limits import Bucket
from livermore.http.outbox import Outbox
from livermore.http.refusal import NotEntitled, Refusal
from livermore.http.replay import TrimmedError
from livermore.http.requests import Auth, Request, decode
from livermore.http.route import Access
from livermore.http.session import Session
from livermore.http.visitor import Administrator, Visitor
from livermore.market.instant import iso
from livermore.store.api_keys import ApiKey

_log = structlog.get_logger("livermore.http")

UNAUTHENTICATED, NO_SCOPE, TOO_MANY_CONNECTIONS, SLOW, TOO_FAST = 4001, 4003, 4008, 4009, 4029
FAILED = 1011
TRY_LATER = 1013
RESTARTING = 1012
WAITING = 20
"""Messages that may wait for their answers."""
_CLOSE_CODES = {401: UNAUTHENTICATED, 403: NO_SCOPE, 429: TOO_FAST}


class StreamHandler(Handshake):
    """One connection, from its first moment to its last."""

    key: ApiKey | None = None
    administrator: Administrator | None = None
    session: Session | None = None
    admitted = over = False

    async def open(self, *_: str, **__: str) -> None:
        """Tornado reads no message before this is done, so that none is lost while a key is being checked."""
        assert self.ws_connection is not None
        assert self.ws_connection.stream is not None
        admin = self.access is Access.ADMIN
        self.outbox = Outbox(self.ws_connection.stream, self._slow, full=admin)
        self.session = Session(self.front, self.outbox, channel.ADMIN if admin else channel.PUBLIC)
        rate = self.front.bounds.messages_per_second
        self.pace = Bucket(rate, rate, rate, self.front.clock.monotonic())
        self.front.guests.come(self)
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(self.front.bounds.authentication, self.end, UNAUTHENTICATED, "no key in time")
        self.inbox: asyncio.Queue[str | bytes] = asyncio.Queue(WAITING)
        self.reader = self.front.background.start(self._work(self.session))
        self.reader.add_done_callback(self._failed)
        secret = presented(self.request.headers)
        if secret is None and isinstance(self.asked, StreamParameters):
            secret = self.asked.apiKey
        if secret is not None:
            await self._authenticate(secret)

    def on_message(self, data: str | bytes) -> None:
        """Put it aside: answering may take long, and meanwhile the protocol's own frames have to be read."""
        if self.over or self.session is None:
            return  # what still comes in after the end is nobody's business
        if self.inbox.full() or not self.pace.take(self.front.clock.monotonic()):
            self.session.error("RATE_LIMITED", "expected fewer messages a second")
            self.end(TOO_FAST, "too many messages")
        else:
            self.inbox.put_nowait(data)

    async def _work(self, session: Session) -> None:
        """Answer one message after the other."""
        while True:
            await self._take(await self.inbox.get(), session)

    def _failed(self, work: "asyncio.Task[None]") -> None:
        error = None if work.cancelled() else work.exception()
        if isinstance(error, TrimmedError):
            self._slow(self.outbox.last_id)
        elif error is not None and not isinstance(error, StreamClosedError):  # else the client is gone already
            _log.error("a message could not be answered", exc_info=error)
            self.end(FAILED, "internal error")

    async def _take(self, data: str | bytes, session: Session) -> None:
        if isinstance(data, bytes):
            session.error("PARSE_ERROR", "expected JSON in a text message")
            return
        try:
            request = decode(data)
        except msgspec.ValidationError as error:
            session.error("INVALID_MESSAGE", str(error))
        except (msgspec.DecodeError, RecursionError):
            session.error("PARSE_ERROR", "expected JSON")
        else:
            await self._heed(request, session)

    async def _heed(self, request: Request, session: Session) -> None:
        if self.admitted and not isinstance(request, Auth):
            await session.take(request)
        elif self.admitted and self.administrator is None:
            session.error("INVALID_MESSAGE", "expected auth once, before anything else")
        elif isinstance(request, Auth):
            await self._authenticate(request.key)
        else:
            self.end(UNAUTHENTICATED, "expected auth first")

    async def _authenticate(self, secret: str) -> None:
        try:
            visitor = await self._visitor(self._route().route, secret)
        except Refusal as refusal:
            self.end(_CLOSE_CODES[refusal.status], refusal.message)
        except Transient:
            self.end(TRY_LATER, "try again later")
        else:
            window = await self.front.resume_window.seconds()
            if isinstance(visitor, Administrator):
                self._let_administrator_in(visitor, window)
                return
            self._let_in(visitor.key if isinstance(visitor, Visitor) else None, window)
            await self.check()  # it may have been revoked while its limit was being looked up

    def _let_administrator_in(self, one: Administrator, window: int) -> None:
        """Whoever shows a newer token before the last one ends may stay; nobody may become somebody else."""
        before, self.administrator = self.administrator, one
        if before is None:
            self._let_in(None, window)
        elif before.identity != one.identity:
            self.end(UNAUTHENTICATED, "this is the token of somebody else")
        elif not self.over:
            self.outbox.add(message("renewed", until=one.until and iso(one.until)))

    def _let_in(self, key: ApiKey | None, window: int) -> None:
        if self.over:
            return  # it has gone, or been too slow, while its key was being checked
        if key is not None and not self.front.guests.seat(key):
            self.end(TOO_MANY_CONNECTIONS, "too many connections with this key")
            return
        self.deadline.cancel()
        self.admitted, self.key = True, key
        self.outbox.add(self.front.welcome(key, window))

    async def check(self, *, believed: bool = True) -> None:
        """Close, if the key is good no more. ``believed``: whether it is as long as nobody can say."""
        if self.administrator is not None:
            await self._check_administrator(self.administrator)
        if self.key is None:
            return
        try:
            good = await self.front.keyring.current(self.key.key_id) is not None
        except Transient:
            if not believed:
                self.end(TRY_LATER, "this key was changed, and cannot be checked now")
            return
        if not good:
            self.end(UNAUTHENTICATED, "this key is no longer valid")

    async def _check_administrator(self, one: Administrator) -> None:
        """A session ends with its token, whatever SQL does."""
        assert self.front.administrators is not None
        try:
            await self.front.administrators.check(one)
        except NotEntitled as refusal:
            if self.administrator is one:  # else a newer token was shown meanwhile
                self.end(UNAUTHENTICATED, refusal.message)
        except Transient as reason:
            _log.info("nobody can say now whether a stream may go on", reason=str(reason))

    def _slow(self, last_id: str) -> None:
        self.end(SLOW, f"slow_consumer {last_id}")

    @property
    def placed(self) -> bool:
        """Whether the client has been handed all that everybody else has."""
        return self.session is not None and not self.session.catching_up

    def say(self, frame: bytes) -> None:
        """Send a frame to a client that has been let in."""
        if self.admitted:
            self.outbox.add(frame)

    def end(self, code: int, reason: str) -> None:
        """Close, after everything that has been said before."""
        if not self.over:
            metrics.STREAM_CLOSES.labels(code).inc()
        self.over = True
        self.outbox.end()
        self.close(code, reason)

    def goodbye(self) -> None:
        """The process stops as planned."""
        self.say(message("reconnect", within_seconds=self.front.bounds.reconnect))
        self.end(RESTARTING, "restarting")

    def on_close(self) -> None:
        """Give everything back, however it ended."""
        self.over = True
        if self.session is None:
            return  # it never was a WebSocket
        self.deadline.cancel()
        self.reader.cancel()
        self.session.end()
        self.front.guests.leave(self, self.key)
