"""Whatever apprise reaches by a URL: mail, messengers, push services. It is an extra of this package."""

import asyncio
import importlib.util
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import Any

from livermore.errors import LivermoreError, Transient
from livermore.net.interface import Network
from livermore.notices import apprise_program as program
from livermore.notices.target import Outcome, TargetOptions, Tidings

TIME_LIMIT = 30.0
"""Seconds in which a notice has to be delivered."""
_OUTCOMES = {
    program.SENT: Outcome("sent"),
    program.FAILED: Outcome("postponed", "apprise could not deliver it"),
    program.UNKNOWN: Outcome("refused", "apprise does not know such a URL"),
    program.PRIVATE: Outcome("postponed", "it leads to a private address, which its target does not allow"),
}


class Options(TargetOptions):
    """A URL as apprise has them: ``mailto://``, ``tgram://``, ``ntfys://`` and many more."""


class Apprise:
    """Each notice is sent by a process of its own."""

    shows_charts = False

    def __init__(self, options: Options) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise LivermoreError("apprise is not installed: pip install 'livermore[apprise]'")
        self.options = options

    async def send(self, network: Network, tidings: Tidings, now: int) -> Outcome:  # noqa: ARG002 - it has its own
        asked = {
            "url": self.options.url.get_secret_value(),
            "title": tidings.title,
            "body": tidings.plain,
            "private": self.options.allow_private,
        }
        try:
            async with asyncio.timeout(TIME_LIMIT):
                said = await _run(json.dumps(asked).encode())
        except TimeoutError as error:
            raise Transient(f"apprise has not delivered it within {TIME_LIMIT:g} s") from error
        return _OUTCOMES[said["outcome"]]


async def _run(asked: bytes) -> dict[str, Any]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", program.__name__, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        told, _ = await child.communicate(asked)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise Transient(f"apprise has ended with the code {child.returncode}")
    said: dict[str, Any] = json.loads(told)
    return said
