"""A queue with one taker that may wait for a time: any number of threads and signal handlers put."""

import threading
from collections import deque
from queue import Empty
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class EventQueue(Generic[T]):
    """As `queue.SimpleQueue`, whose ``get`` may wait for ever although it was given a time.

    It does in CPython 3.11 where the thread is held up, on a busy machine, for longer than it was to wait: a restart
    that was due would stay due until something else happens.
    """

    def __init__(self) -> None:
        self._held: deque[T] = deque()
        self._news = threading.Lock()  # held by the taker while it waits; whoever puts releases it
        self._news.acquire()

    def put(self, one: T) -> None:
        """Add one; it never waits."""
        self._held.append(one)
        try:
            self._news.release()
        except RuntimeError:
            return  # it has been released already: the taker will look

    def get(self, timeout: float) -> T:
        """The oldest, waiting for it for at most so many seconds.

        Raises:
            Empty: there is none.
        """
        end = monotonic() + timeout
        while True:
            try:
                return self._held.popleft()
            except IndexError:
                left = end - monotonic()
            if left <= 0 or not self._news.acquire(timeout=left):
                raise Empty
