"""A notice of how the state of a pipeline has changed (`reference.md` 8.6)."""

import hashlib
from typing import NamedTuple

import msgspec

from livermore.lifecycle import Change, Phase
from livermore.market.instant import iso

SHOWN = 5
"""Changes that are told one by one; those before them only by number."""
WEIGHTY = frozenset({Phase.STARTING, Phase.STOPPING, Phase.STOPPED})


class StateNotice(NamedTuple):
    """``changes``: ascending, at least one; ``marks``: what is said before everything else, as `simulated`."""

    changes: tuple[Change, ...]
    marks: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """32 hex digits: the same for the same news."""
        return hashlib.sha256(msgspec.json.encode(self.changes)).hexdigest()[:32]

    @property
    def newest(self) -> Change:
        """What it is about in the first place."""
        return self.changes[-1]

    @property
    def kind(self) -> str:
        """`error` if anything has failed, `system` if something begins or ends, else `info`."""
        if any(change.error for change in self.changes):
            return "error"
        return "system" if any(change.after in WEIGHTY for change in self.changes) else "info"

    @property
    def title(self) -> str:
        """One line: the exchange, and what its pipeline is now."""
        now = "failed" if self.newest.error else self.newest.after
        return "".join(f"[{mark}] " for mark in self.marks) + f"{self.newest.exchange}: {now}"

    @property
    def more(self) -> int:
        """How many changes are told by number only."""
        return max(0, len(self.changes) - SHOWN)

    @property
    def plain(self) -> str:
        """All of it, a line for each change."""
        more = [f"{self.more} more {'transition' if self.more == 1 else 'transitions'} before"] if self.more else []
        where = f"on {self.newest.host}, process {self.newest.pid}"
        return "\n".join([*more, *map(_line, self.changes[-SHOWN:]), where])


def _line(change: Change) -> str:
    what = f"failed while {change.after}: {change.error}" if change.error else f"{change.before} to {change.after}"
    return f"{iso(change.at)[11:19]}Z {what}"
