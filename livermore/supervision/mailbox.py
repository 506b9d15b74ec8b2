"""A mailbox: two lanes, control before user; the user lane is bounded; once closed, nothing can land in it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from time import monotonic
from typing import Any

from livermore.supervision.lane import Dropped, Lane
from livermore.supervision.orders import STOP
from livermore.supervision.spec import MailboxKeys
from livermore.supervision.stats import Histogram

EMPTY: Any = object()
"""What `poll` gives when nothing waits."""
DRAWN = 64
"""Messages that the taker draws at once, to spare itself the lock."""

Drop = Callable[[Any, str], None]
"""Hears of a message that will not be delivered, and of the policy by which it went."""


class Mailbox:
    """Any thread may put. One taker either blocks in `get`, or is woken by what it gave to `call`, and calls `poll`.

    ``waits``: how long messages have waited is counted there.
    """

    def __init__(self, keys: MailboxKeys, drop: Drop, waits: Histogram | None = None) -> None:
        self._drop = drop
        self._control: deque[Any] = deque()
        self._lane = Lane(keys)
        self._near: deque[Any] = deque()  # drawn by the taker, the next it will be given
        self._waits = waits or Histogram()
        self._lock = threading.Lock()
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._waiting = self._closed = self._out = False
        self._heir: Mailbox | None = None
        self.left = 0
        """How many messages were waiting when it was closed."""
        self._on_put: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._lane) + len(self._near)

    @property
    def pending(self) -> int:
        """How many messages wait or have been taken, the last of them perhaps still being handled."""
        return len(self) + self._out

    @property
    def closed(self) -> bool:
        """Whether nothing can land in it any more."""
        return self._closed

    @property
    def oldest_age(self) -> float:
        """How long the oldest message has waited, in seconds; 0 where none waits."""
        since = self._lane.oldest
        return 0.0 if since is None else monotonic() - since

    # -- putting

    def put(self, message: Any) -> bool:
        """Add a message; False where the mailbox is closed. Neither blocks nor raises."""
        with self._lock:
            if self._closed:
                return self._heir is not None and self._heir.put(message)
            dropped = self._lane.shrink() if self._lane.put(message) else None
            if self._waiting:
                self._wake()
        return self._told_of(dropped)

    def put_all(self, messages: Sequence[Any]) -> bool:
        """Add messages, in order, at the price of one."""
        with self._lock:
            if self._closed:
                return self._heir is not None and self._heir.put_all(messages)
            dropped = self._lane.shrink() if self._lane.put_all(messages) else None
            if self._waiting:
                self._wake()
        return self._told_of(dropped)

    def _told_of(self, dropped: Dropped | None) -> bool:
        for message, policy in dropped or ():
            self._drop(message, policy)
        return True

    def put_control(self, message: Any) -> bool:
        """Add to the control lane, which has no bound and overtakes the user lane."""
        with self._lock:
            if self._closed:
                return False
            self._control.append(message)
            self._wake()
        return True

    def _wake(self) -> None:
        if self._waiting:
            self._waiting = False
            if self._on_put is not None:
                self._on_put()
            else:
                self._signal.put(None)

    def call(self, on_put: Callable[[], None] | None) -> None:
        """Wake the taker by this from now on; with None nobody is still calling the one before, once this returns."""
        with self._lock:
            self._on_put = on_put

    # -- taking

    def get(self) -> Any:
        """The next message, waiting for it."""
        while (message := self.poll()) is EMPTY:
            self._signal.get()
        return message

    def get_some(self, most: int) -> Any:
        """As `poll_some`, waiting for it."""
        while (taken := self.poll_some(most)) is EMPTY:
            self._signal.get()
        return taken

    def poll(self) -> Any:
        """The next message, or `EMPTY`, after which the next put wakes the taker; `STOP` for ever once it is closed."""
        if not self._control:
            self._out = True
            try:
                return self._near.popleft()
            except IndexError:
                pass
        with self._lock:
            taken = self._other_than_mail()
            if taken is None:
                self._near.extend(self._draw(DRAWN) if not self._near else ())
                taken = self._near.popleft()
            return taken

    def poll_some(self, most: int) -> Any:
        """The next messages, as a list of at most so many; what comes by the control lane comes by itself."""
        with self._lock:
            taken = self._other_than_mail()
            return self._draw(most) if taken is None else taken

    def _other_than_mail(self) -> Any:
        """What is given before any mail, or instead of it; None where there is mail to be given."""
        self._out = False
        if self._closed:
            return STOP
        if self._control:
            return self._control.popleft()
        if not self._near and not self._lane:
            self._waiting = True
            return EMPTY
        self._out = True
        return None

    def _draw(self, most: int) -> list[Any]:
        messages, waited = self._lane.take(most)
        self._waits.add(waited, len(messages))
        return messages

    def close(self, heir: "Mailbox | None" = None) -> list[Any]:
        """Refuse all further messages, and give those that were still waiting.

        ``heir``: who gets those instead, and all that come later; nothing is lost or overtaken in between.
        """
        with self._lock:
            if self._closed:
                return []
            left = [*self._near, *self._lane.clear()]
            self.left = len(left)
            if heir is not None and left:
                heir.put_all(left)
            self._closed, self._heir = True, heir
            self._near.clear()
            self._control.clear()
            self._wake()
            return left if heir is None else []
