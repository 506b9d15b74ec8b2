"""Where all mail goes through: a mailbox for each path, and the dead letters of what no mailbox takes."""

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from livermore.clock import Clock
from livermore.supervision.dead_letters import DeadLetters
from livermore.supervision.file_keys import DeadLetterKeys
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.spec import ActorSpec
from livermore.supervision.stats import Stats


class PostOffice:
    """A mailbox that is not closed while no incarnation lives keeps mail for the next one."""

    def __init__(self, clock: Clock, keys: DeadLetterKeys, stats: Mapping[str, Stats]) -> None:
        self.dead_letters = DeadLetters(clock, keys)
        self._stats = stats
        self._boxes: dict[str, Mailbox] = {}
        self._lock = threading.Lock()  # between two that have to do with the ends of mailboxes

    def box(self, path: str) -> Mailbox | None:
        """The mailbox of that path, where there is one."""
        return self._boxes.get(path)

    # -- putting

    def tell(self, path: str, message: Any) -> None:
        """Put a message into the mailbox of whoever lives at ``path`` now, or will, or count it as a dead letter."""
        box = self._boxes.get(path)
        if box is None or not box.put(message):
            self.dead_letters.add(path, "not_running", message)

    def tell_all(self, path: str, messages: Sequence[Any]) -> None:
        """As `tell`, several in order, at the price of one."""
        box = self._boxes.get(path)
        if box is None or not box.put_all(messages):
            for message in messages:
                self.dead_letters.add(path, "not_running", message)

    # -- mailboxes

    def open(self, spec: ActorSpec) -> Mailbox:
        """A new mailbox. What has been kept at its path is in it, and what is still put there comes here."""
        with self._lock:
            box = self._new(spec)
            before = self._boxes.get(spec.path)
            if before is not None:
                before.close(box)
            self._boxes[spec.path] = box
        return box

    def _new(self, spec: ActorSpec) -> Mailbox:
        return Mailbox(spec.keys.mailbox, partial(self._dropped, spec.path), self._stats[spec.path].wait)

    def _dropped(self, path: str, message: Any, policy: str) -> None:
        self._stats[path].dropped[policy] += 1
        if policy != "coalesce":  # there the newest says what the others would have
            self.dead_letters.add(path, "overflow", message)

    def close(self, spec: ActorSpec, box: Mailbox, reason: str) -> None:
        """Close the mailbox of one that is over: what waits is kept where the tree says so; else it is dead."""
        with self._lock:
            if box.closed:
                return
            heir = self._new(spec) if spec.keys.mailbox.keep_on_restart else None
            left = box.close(heir)
            if heir is not None:
                self._boxes[spec.path] = heir
        for message in left:
            self.dead_letters.add(spec.path, reason, message)

    def discard(self, path: str, reason: str) -> None:
        """Give up the mail that is kept for the next incarnation: there will be none."""
        box = self._boxes.get(path)
        for message in box.close() if box is not None else ():
            self.dead_letters.add(path, reason, message)

    def forget(self, path: str) -> None:
        """There is no such path any more."""
        self.discard(path, "removed")
        self._boxes.pop(path, None)
