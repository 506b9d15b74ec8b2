"""What can go wrong, named by what the one who is told should do about it."""

from collections.abc import Iterable


class LivermoreError(Exception):
    """Base of every error that Livermore raises on purpose."""


class Transient(LivermoreError):
    """Something outside (Redis, SQL, an exchange) cannot answer now.

    Not a failure of the actor that meets it: its supervisor shows it as *waiting*, with this text, and tries again.
    """

    def __init__(self, reason: str, *, retry_after: float = 2.0) -> None:
        """``retry_after``: wall seconds until it makes sense to try again."""
        super().__init__(reason)
        self.retry_after = retry_after


class Permanent(LivermoreError):
    """Trying again cannot help: the actor is parked until somebody changes something."""


class Finished(LivermoreError):
    """The actor has done its work, and ends well: only a *permanent* one is started again."""


class Ignore(LivermoreError):
    """Raised at its start: there is nothing to do for this actor. No failure; it is not started again."""


class Fenced(Transient):
    """A write was refused because its epoch is not the one that holds the lease."""


class ProtocolError(LivermoreError):
    """The other side sent something that its protocol does not allow."""


class Misconfigured(LivermoreError):
    """What is configured cannot be right, though each part of it has the right form."""


class Problem(LivermoreError):
    """One fault in a configuration file: where it stands, what was expected and what was found."""

    def __init__(self, code: str, message: str, *, file: str, line: int, column: int, path: str) -> None:
        """``line`` and ``column`` count from 1; ``path`` is dotted, as ``modes.exchange.children.0.class``."""
        super().__init__(f"{file}:{line}:{column} {path}: {message} [{code}]")
        self.code, self.line, self.column, self.path = code, line, column, path


class ConfigurationError(LivermoreError):
    """The configuration cannot be used; carries every problem that was found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.line, p.column, p.path))
        super().__init__("\n".join(map(str, self.problems)))
