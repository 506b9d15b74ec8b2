"""Checks: each in a thread of its own, so that none waits for another, fails with another or keeps anybody for ever."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from livermore.checkup.finding import Finding, Level, fail
from livermore.errors import ConfigurationError, LivermoreError

LONGEST = 15.0
"""Seconds for all of them together; each has shorter limits of its own, but a name server may have none."""


class Check(NamedTuple):
    """``look``: gives its findings one after the other; ``remedy``: what helps where it ends with an error."""

    what: str
    remedy: str
    look: Callable[[], Iterable[Finding]]


def run(checks: Sequence[Check]) -> Iterator[Finding]:
    """The findings of all, in their order."""
    began = time.monotonic()
    running = [(check, *_begin(check)) for check in checks]
    for check, thread, findings in running:
        thread.join(max(0.0, began + LONGEST - time.monotonic()))
        late = thread.is_alive()
        yield from list(findings)
        if late:
            yield fail(check.what, f"no answer within {LONGEST:g} s", check.remedy)


def _begin(check: Check) -> tuple[threading.Thread, list[Finding]]:
    findings: list[Finding] = []
    thread = threading.Thread(target=_look, args=(check, findings), name=check.what, daemon=True)
    thread.start()
    return thread, findings


def _look(check: Check, findings: list[Finding]) -> None:
    try:
        findings.extend(check.look())
    except ConfigurationError:
        found = "not looked at: the tree does not say where it is"
        findings.append(Finding(Level.FAIL, check.what, found, "see what is said of the tree", configured=True))
    except LivermoreError as error:
        findings.append(fail(check.what, str(error), check.remedy))
    except Exception as error:  # noqa: BLE001 - told as what it is, and no reason to hide what the others find
        findings.append(fail(check.what, f"this check itself failed: {type(error).__name__}", "tell its maintainers"))
