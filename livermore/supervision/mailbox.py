"""A mailbox: two lanes, control before user; the user lane is bounded; once closed, nothing can land in it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from livermore.supervision.orders import STOP
from livermore.supervision.spec import MailboxKeys

EMPTY: Any = object()
"""What `poll` gives when nothing waits."""

Drop = Callable[[Any, str], None]
"""Hears of a message that will not be delivered, and why."""


class Mailbox:
    """Any thread may put. One taker either blocks in `get`, or is woken by ``on_put`` and calls `poll`."""

    def __init__(self, keys: MailboxKeys, drop: Drop) -> None:
        self._keys, self._drop = keys, drop
        self._control: deque[Any] = deque()
        self._user: deque[Any] = deque()
        self._lock = threading.Lock()
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._waiting = self._closed = False
        self.on_put: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._user)

    def put(self, message: Any) -> bool:
        """Add a message; False where the mailbox is closed. Neither blocks nor raises."""
        return self.put_all((message,))

    def put_all(self, messages: Sequence[Any]) -> bool:
        """Add messages, in order, at the price of one."""
        dropped: Sequence[Any] = ()
        with self._lock:
            if self._closed:
                return False
            self._user.extend(messages)
            if len(self._user) > self._keys.capacity:
                dropped = self._shrink()
            self._wake()
        for message in dropped:
            self._drop(message, self._keys.overflow)
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
            if self._closed:
                return STOP
            if self._control:
                return self._control.popleft()
            if self._user:
                return self._user.popleft()
            self._waiting = True
            return EMPTY

    def take(self, most: int) -> list[Any]:
        """More messages of the user lane that wait already, without a wait."""
        with self._lock:
            return [self._user.popleft() for _ in range(min(most, len(self._user)))]

    def close(self) -> list[Any]:
        """Refuse all further messages, and give those that were still waiting."""
        with self._lock:
            self._closed = True
            left = list(self._user)
            self._control.clear()
            self._user.clear()
            self._wake()
            return left

    def _shrink(self) -> list[Any]:
        """Bring the lane back within its bound: what is dropped is given back."""
        dropped: list[Any] = []
        if self._keys.overflow == "coalesce":
            dropped = self._coalesce()
        surplus = max(0, len(self._user) - self._keys.capacity)
        newest = self._keys.overflow == "drop_newest"
        return dropped + [self._user.pop() if newest else self._user.popleft() for _ in range(surplus)]

    def _coalesce(self) -> list[Any]:
        """Of all messages with one key the newest stays, in the place of the oldest."""
        places: dict[Any, int] = {}
        kept: list[Any] = []
        dropped: list[Any] = []
        for message in self._user:
            key = getattr(message, self._keys.coalesce_key or "", None)
            if key is not None and key in places:
                dropped.append(kept[places[key]])
                kept[places[key]] = message
            else:
                places[key] = len(kept)
                kept.append(message)
        self._user = deque(kept)
        return dropped
