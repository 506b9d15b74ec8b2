"""A mailbox: two lanes, control before user; the user lane is bounded; once closed, nothing can land in it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import repeat
from queue import SimpleQueue
from time import monotonic
from typing import Any

from livermore.supervision.orders import STOP
from livermore.supervision.spec import MailboxKeys

EMPTY: Any = object()
"""What `poll` gives when nothing waits."""

Drop = Callable[[Any, str], None]
"""Hears of a message that will not be delivered, and of the policy by which it went."""


class Mailbox:
    """Any thread may put. One taker either blocks in `get`, or is woken by ``on_put`` and calls `poll`."""

    def __init__(self, keys: MailboxKeys, drop: Drop) -> None:
        self._keys, self._drop = keys, drop
        self._control: deque[Any] = deque()
        self._user: deque[Any] = deque()
        self._since: deque[float] = deque()  # when each message of the user lane came, monotonic seconds
        self._lock = threading.Lock()
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._waiting = self._closed = self._out = False
        self._heir: Mailbox | None = None
        self.left = 0
        """How many messages were waiting when it was closed."""
        self.waited = 0.0
        """How long the message that was taken last had waited, in seconds."""
        self.on_put: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._user)

    @property
    def pending(self) -> int:
        """How many messages wait or have been taken, the last of them perhaps still being handled."""
        return len(self._user) + self._out

    @property
    def closed(self) -> bool:
        """Whether nothing can land in it any more."""
        return self._closed

    @property
    def oldest_age(self) -> float:
        """How long the oldest message has waited, in seconds; 0 where none waits."""
        try:
            return monotonic() - self._since[0]
        except IndexError:
            return 0.0

    def put(self, message: Any) -> bool:
        """Add a message; False where the mailbox is closed. Neither blocks nor raises."""
        return self.put_all((message,))

    def put_all(self, messages: Sequence[Any]) -> bool:
        """Add messages, in order, at the price of one."""
        dropped: Sequence[Any] = ()
        with self._lock:
            if self._closed:
                return self._heir is not None and self._heir.put_all(messages)
            self._user.extend(messages)
            self._since.extend(repeat(monotonic(), len(messages)))
            if len(self._user) > self._keys.capacity:
                dropped = self._shrink()
            self._wake()
        for message, policy in dropped:
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
            if self.on_put is not None:
                self.on_put()
            else:
                self._signal.put(None)

    def get(self) -> Any:
        """The next message, waiting for it."""
        while (message := self.poll()) is EMPTY:
            self._signal.get()
        return message

    def poll(self) -> Any:
        """The next message, or `EMPTY`, after which the next put wakes the taker; `STOP` for ever once it is closed."""
        with self._lock:
            self._out = False
            if self._closed:
                return STOP
            if self._control:
                return self._control.popleft()
            if self._user:
                self._out = True
                self.waited = monotonic() - self._since.popleft()
                return self._user.popleft()
            self._waiting = True
            return EMPTY

    def take(self, most: int) -> list[Any]:
        """More messages of the user lane that wait already, without a wait."""
        with self._lock:
            taken = [self._user.popleft() for _ in range(min(most, len(self._user)))]
            for _ in taken:
                self._since.popleft()
            return taken

    def close(self, heir: "Mailbox | None" = None) -> list[Any]:
        """Refuse all further messages, and give those that were still waiting.

        ``heir``: who gets those instead, and all that come later; nothing is lost or overtaken in between.
        """
        with self._lock:
            if self._closed:
                return []
            left = list(self._user)
            self.left = len(left)
            if heir is not None and left:
                heir.put_all(left)
            self._closed, self._heir = True, heir
            self._control.clear()
            self._user.clear()
            self._since.clear()
            self._wake()
            return left if heir is None else []

    # -- when it is full

    def _shrink(self) -> list[tuple[Any, str]]:
        """Bring the lane back within its bound: what is dropped is given back, each with the policy."""
        policy = self._keys.overflow
        dropped = self._coalesce() if policy == "coalesce" else []
        newest = policy == "drop_newest"
        rest = policy if newest else "drop_oldest"
        for _ in range(max(0, len(self._user) - self._keys.capacity)):
            dropped.append((self._user.pop() if newest else self._user.popleft(), rest))
            self._since.pop() if newest else self._since.popleft()
        return dropped

    def _coalesce(self) -> list[tuple[Any, str]]:
        """Of all messages with one key the newest stays, in the place of the oldest."""
        places: dict[Any, int] = {}
        kept: list[tuple[Any, float]] = []
        dropped: list[tuple[Any, str]] = []
        for message, since in zip(self._user, self._since, strict=True):
            key = getattr(message, self._keys.coalesce_key or "", None)
            if key is not None and key in places:
                old, first = kept[places[key]]
                dropped.append((old, "coalesce"))
                kept[places[key]] = (message, first)
            else:
                places[key] = len(kept)
                kept.append((message, since))
        self._user = deque(message for message, _ in kept)
        self._since = deque(since for _, since in kept)
        return dropped
