"""A lane: messages in the order in which they came. What was put at once stays together, which costs as much as one."""

from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

from livermore.supervision.spec import MailboxKeys

Dropped = list[tuple[Any, str]]
"""Messages that had to go, each with the policy by which it went."""


class Chunk(list[Any]):
    """Messages that came together."""

    __slots__ = ()


class Lane:
    """Not safe for threads by itself: its mailbox has a lock."""

    def __init__(self, keys: MailboxKeys) -> None:
        self._keys = keys
        self._items: deque[Any] = deque()  # messages and chunks of them
        self._since: deque[float] = deque()  # when each of these came, monotonic seconds
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def oldest(self) -> float | None:
        """When the oldest came, monotonic seconds."""
        try:
            return self._since[0]
        except IndexError:
            return None

    def put(self, message: Any) -> bool:
        """Add a message; True where there are too many now."""
        self._items.append(message)
        self._since.append(monotonic())
        self._count += 1
        return self._count > self._keys.capacity

    def put_all(self, messages: Sequence[Any]) -> bool:
        """Add messages; True where there are too many now."""
        self._items.append(Chunk(messages))
        self._since.append(monotonic())
        self._count += len(messages)
        return self._count > self._keys.capacity

    def take(self, most: int) -> tuple[list[Any], float]:
        """The next messages, at least one and at most so many, and how long the first has waited (seconds)."""
        items, since = self._items, self._since
        begun, messages = since[0], list[Any]()
        while items and len(messages) < most:
            item = items.popleft()
            if item.__class__ is not Chunk:
                messages.append(item)
                since.popleft()
            elif len(messages) + len(item) <= most:
                messages = messages + item if messages else item
                since.popleft()
            else:
                items.appendleft(Chunk(item[most - len(messages) :]))
                messages = [*messages, *item[: most - len(messages)]]
        self._count -= len(messages)
        return messages, monotonic() - begun

    def clear(self) -> list[Any]:
        """Take everything."""
        left = [message for message, _ in self._each()]
        self._items.clear()
        self._since.clear()
        self._count = 0
        return left

    def _each(self) -> list[tuple[Any, float]]:
        return [
            (message, since)
            for item, since in zip(self._items, self._since, strict=True)
            for message in (item if item.__class__ is Chunk else (item,))
        ]

    def shrink(self) -> Dropped:
        """Bring it back within its bound."""
        policy, dropped = self._keys.overflow, Dropped()
        if policy == "coalesce":
            dropped = self._coalesce()
        while self._count > self._keys.capacity:
            newest = policy == "drop_newest"
            dropped.append((self._drop(-1 if newest else 0), "drop_newest" if newest else "drop_oldest"))
        return dropped

    def _drop(self, end: int) -> Any:
        """Take away the first message (0) or the last (-1)."""
        item = self._items[end]
        self._count -= 1
        if item.__class__ is Chunk and len(item) > 1:
            return item.pop(end)
        (self._since.popleft if end == 0 else self._since.pop)()
        item = self._items.popleft() if end == 0 else self._items.pop()
        return item[0] if item.__class__ is Chunk else item

    def _coalesce(self) -> Dropped:
        """Of all messages with one key the newest stays, in the place of the oldest."""
        places: dict[Any, int] = {}
        kept: list[tuple[Any, float]] = []
        dropped: Dropped = []
        for message, since in self._each():
            key = getattr(message, self._keys.coalesce_key or "", None)
            if key is not None and key in places:
                old, first = kept[places[key]]
                dropped.append((old, "coalesce"))
                kept[places[key]] = (message, first)
            else:
                places[key] = len(kept)
                kept.append((message, since))
        self._items = deque(message for message, _ in kept)
        self._since = deque(since for _, since in kept)
        self._count = len(kept)
        return dropped
