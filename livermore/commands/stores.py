"""The stores that a command works on: those of the demo or live tree that runs in this folder, or those of the tree."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from livermore.commands import running
from livermore.commands.common import Asked, Variables, mode_of
from livermore.store.embedded import open_folder
from livermore.store.settings import Stores
from livermore.tree_file import TreeFile


@contextmanager
def opened(asked: Asked, variables: Variables) -> Iterator[Stores]:
    """Where they are; embedded ones are held, so that they live as long as they are used."""
    file, mode = TreeFile.find(asked.tree, variables), mode_of(asked, variables)
    facts = None if asked.tree else running.facts(mode)
    folder = file.embedded(mode, variables) if facts is None else Path(facts["folder"])
    if folder is None:
        yield file.stores(mode, variables)
        return
    with closing(open_folder(folder)) as held:
        yield Stores(redis=held.redis, database=held.database)


def url(asked: Asked, variables: Variables, kind: str) -> str:
    """Another address of the exchange than its own: given, of the demo that runs here, or of the environment; or none.

    ``kind``: ``rest`` or ``websocket``.
    """
    given = getattr(asked, f"{kind}_url")
    facts = (None if asked.tree else running.facts(mode_of(asked, variables))) or {}
    name = {"rest": "LIVERMORE_EXCHANGE_REST_URL", "websocket": "LIVERMORE_EXCHANGE_WS_URL"}[kind]
    return str(given or facts.get(f"{kind}_url") or variables.get(name) or "")
