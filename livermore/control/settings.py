"""Reloading: the tree's file is read again, and what differs is applied."""

import asyncio
import dataclasses
from typing import Any

from livermore.control.kind import Kind, Nothing
from livermore.control.office import CommandFailed, Office


async def reload(office: Office, _: Nothing) -> dict[str, Any]:
    """As SIGHUP does. What it changes may be this very actor: then the answer is lost, and the reload is not."""
    outcome = await asyncio.get_running_loop().run_in_executor(None, office.resources.reload)
    if not outcome.good:
        raise CommandFailed("; ".join(outcome.problems) or outcome.result)
    return {"reloaded": True, **dataclasses.asdict(outcome)}


KINDS = (Kind("reload-settings", 10, Nothing, reload),)
