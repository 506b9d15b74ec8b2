"""A module with an actor that overrides what it may not."""

from typing import Any

from livermore.settings import Options
from livermore.supervision.actor import Worker


class WithInit(Worker):
    """Makes things too early."""

    options: Options

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.early = 1
