"""The configuration: whether the tree is sound, which variables are missing, and which are set for nobody."""

from collections.abc import Iterator
from difflib import get_close_matches

from livermore.checkup.finding import Finding, Level, ok, warn
from livermore.checkup.subject import Subject
from livermore.errors import ConfigurationError
from livermore.supervision.spec import actors

FAMILIES = ("LIVERMORE_", "DATABASE_", "CLERK_", "DISCORD_", "COINBASE_", "API_", "HEALTH_", "ADMIN_")
"""How names of ours begin, in capitals; what else is in the environment is for others."""
OWN = frozenset(
    {"LIVERMORE_MODE", "LIVERMORE_TREE", "LIVERMORE_CLOCK", "LIVERMORE_ENV", "LIVERMORE_EXCHANGE_NAME",
     "LIVERMORE_EXCHANGE_REST_URL", "LIVERMORE_EXCHANGE_WS_URL", "HEALTH_HOST", "HEALTH_PORT", "LOG_LEVEL"}
)  # fmt: skip
"""Those that the program reads itself."""


def tree(subject: Subject) -> Iterator[Finding]:
    """The tree as a start would read it: every problem, and every warning."""
    try:
        spec = subject.file.tree(subject.mode, subject.variables)
    except ConfigurationError as error:
        for problem in error.problems:
            yield Finding(Level.FAIL, "tree", str(problem), "set the variable, or mend the file", configured=True)
        return
    for warning in spec.warnings:
        yield warn("tree", str(warning), "mend it, unless it is meant")
    yield ok("tree", f"{subject.file.path}, mode {subject.mode}: {_counted(len(list(actors(spec.root))))}")


def variables(subject: Subject) -> Iterator[Finding]:
    """Those that are set and that neither a tree of the file nor the program reads."""
    used = OWN.union(*(subject.file.mentioned(mode) for mode in subject.file.modes()))
    unused = [name for name in sorted(subject.variables) if name not in used and name.upper().startswith(FAMILIES)]
    for name in unused:
        meant = get_close_matches(name, used - set(subject.variables), 1, 0.8)
        remedy = f"did you mean {meant[0]}?" if meant else "take it out, unless another program reads it"
        yield warn("variables", f"{name} is set, and nothing reads it", remedy)
    read = sorted(name for name in subject.file.mentioned(subject.mode) if subject.variables.get(name))
    if not unused:
        yield ok("variables", f"{len(read)} that the tree reads are set, and none that nothing reads")


def _counted(number: int) -> str:
    return f"{number} actor" + ("s" if number != 1 else "")
