"""The front's insides: everything that its routes read from, made once for each life of the front."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from livermore import metrics
from livermore.clock import Clock
from livermore.http.background import Background
from livermore.http.bounds import Bounds
from livermore.http.cached import Cached
from livermore.http.directory import Directory
from livermore.http.frame import message
from livermore.http.guests import Guests
from livermore.http.health import Health
from livermore.http.hub import Hub
from livermore.http.keyring import Keyring
from livermore.http.options import FrontOptions
from livermore.http.requests import MOST_CHANNELS
from livermore.http.resume_window import ResumeWindow
from livermore.http.shared_limits import SharedLimiter
from livermore.http.status_board import KEPT, board
from livermore.http.table import Table
from livermore.http.usage import Usage
from livermore.market.instant import iso
from livermore.store.api_keys import ApiKey
from livermore.store.redis import AsyncRedisStore
from livermore.store.sql import Database

if TYPE_CHECKING:
    from livermore.http.administrators import Administrators


@dataclass
class Front:
    """``follower``: a store whose commands may block for at least `event_follower.BLOCK`. ``mode``: a word to show.

    ``tree``: a snapshot of the supervision tree; blocks for up to a second, and raises TimeoutError after that.
    ``explain``: says why the alert of an id was raised, as plain data; None where there is no such alert.
    ``break_actor``: makes the actor at a path fail, in some way, or gives the reason why not; None where that is not
    to be done. It may block, too.
    """

    options: FrontOptions
    mode: str
    clock: Clock
    redis: AsyncRedisStore
    follower: AsyncRedisStore
    database: Database
    tree: Callable[[], Mapping[str, Any]]
    explain: Callable[[str], Awaitable[Mapping[str, Any] | None]]
    break_actor: Callable[[str, str], str | None] | None = None
    bounds: Bounds = field(default_factory=Bounds)

    def __post_init__(self) -> None:
        metrics.begin_front()
        self.mode = self.mode or self.options.shown_mode
        self.table = Table.of_words(self.options.routes)
        self.background = Background()
        self.directory = Directory(self.options.exchange, self.redis, self.database, self.clock, self.background)
        self.keyring = Keyring(self.database, self.clock, self.background)
        self.usage = Usage(self.database, self.clock)
        self.limiter = SharedLimiter(self.redis, self.clock, self.background)
        self.hub = Hub()
        self.guests = Guests()
        self.resume_window = ResumeWindow(self)
        self.health = Health(self)
        self.administrators = self._administrators()
        self.board = Cached(partial(board, self), lambda _: KEPT, self.clock.monotonic, self.background)

    def _administrators(self) -> "Administrators | None":
        if self.options.admin is None:
            return None
        from livermore.http.administrators import Administrators  # noqa: PLC0415 - a public front has none

        return Administrators(self.options.admin, self.database, self.clock, self.background)

    def heartbeat(self, *, placed: bool = True) -> bytes:
        """How far everybody has been handed the events. ``placed``: not so where somebody is still catching up."""
        ids = {name: self.hub.place(name) for name in self.hub.places} if placed else None
        return message("heartbeat", timestamp=iso(self.clock.now()), ids=ids)

    def welcome(self, key: ApiKey | None, window: int) -> bytes:
        """The first frame of a stream: what may be asked of it. ``window``: seconds in which it can be resumed."""
        limits = {
            "channels_per_message": MOST_CHANNELS,
            "subscriptions": self.bounds.subscriptions,
            "messages_per_second": self.bounds.messages_per_second,
            "message_bytes": self.bounds.message_bytes,
        }
        limits |= {"resume_window_seconds": window} | ({} if key is None else {"connections": key.connections})
        ids = {name: self.hub.place(name) for name in self.hub.places}
        pulse = self.bounds.heartbeat
        return message("welcome", heartbeat_seconds=pulse, exchanges=list(ids), ids=ids, limits=limits)
