"""The top of ``supervisors.yaml``: what holds for the whole process, whatever the mode."""

from typing import Annotated, Any, Literal

from pydantic import Field

from livermore.settings import Duration, Options
from livermore.supervision.spec import Port


class HealthKeys(Options):
    """Where the health listener listens."""

    listen: Port = "127.0.0.1:9108"


class ProcessKeys(Options):
    """Settings of the process."""

    shutdown_deadline: Annotated[Duration, Field(gt=0)] = 8.0
    allow_modules: tuple[str, ...] = ("livermore",)
    health: HealthKeys = HealthKeys()


class FileKeys(Options):
    """The keys of the file."""

    version: Literal[1]
    settings: dict[str, Any] = {}
    defaults: dict[Literal["actor", "supervisor"], dict[str, Any]] = {}
    modes: dict[str, Any]
