"""Variables of the environment by their names: a credential is never taken, kept or shown, only where it is."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from livermore.environment import Environment
from livermore.errors import LivermoreError

DOTENV = Path(".env")
_PART = "[A-Z0-9][A-Za-z0-9]{0,23}"
NAME = rf"^[A-Z][A-Za-z0-9]{{0,23}}(_{_PART}){{1,7}}$"
"""Names as ``Coinbase_ApiKeyId`` and ``BINANCE_API_KEY``: words, so that hardly any credential looks like one."""
ABOUT = "Credentials go by the names of environment variables alone. What does not look like a name is refused."

Variable = Annotated[str, Field(max_length=100, pattern=NAME, description="The name of a variable, never its value")]


def is_set(name: str) -> bool:
    """Whether there is such a variable; it is looked up as the tree's own are."""
    try:
        return bool(Environment(dotenv=DOTENV).get(name))
    except LivermoreError:
        return False  # it names a file that cannot be read
