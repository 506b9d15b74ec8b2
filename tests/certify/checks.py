"""What a client's script says: one line a check, and an exit code."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

FAILED = 1


class Checks:
    """Prints each check as it is made: ``ok`` or ``FAIL``, what was checked, and what was found."""

    def __init__(self) -> None:
        self._failed = 0

    def expect(self, what: str, holds: object, found: object = "") -> None:
        """Whether ``what`` holds; ``found`` tells more."""
        self._failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {what}{f': {found}' if found != '' else ''}", flush=True)

    def equal(self, what: str, found: Iterable[Any], true: Iterable[Any]) -> None:
        """Whether two sequences are equal and not empty; if they are not, says where they first differ."""
        ours, theirs = list(true), list(found)
        differences = [(a, b) for a, b in zip(theirs, ours, strict=False) if a != b]
        holds = theirs == ours and len(ours) > 0
        said = f"{len(theirs)} equal the truth" if holds else f"{len(theirs)} read, {len(ours)} true {differences[:1]}"
        self.expect(what, holds, said)

    @contextmanager
    def together(self, what: str) -> Iterator[None]:
        """Checks that belong together: an error of the client ends these, and not the others."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever a foreign client raises is its verdict
            self.expect(what, holds=False, found=f"{type(error).__name__}: {error}")

    def end(self) -> None:
        """Leave with an exit code that says whether all held."""
        sys.exit(FAILED if self._failed else 0)


def facts() -> dict[str, Any]:
    """What the script was told: where each simulator is, whom to trust, and the seed."""
    return json.loads(sys.argv[1])
