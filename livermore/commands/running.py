"""The running process that a command speaks to: where its health listener is, and asking it."""

import argparse
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from livermore.commands.common import Variables
from livermore.errors import LivermoreError

PATIENCE = 330.0
"""Seconds for an answer: a reload waits until everything it starts is ready."""
ANNOUNCED = (".livermore/demo-{}.json", ".livermore-live/local-{}.json")
"""Where local runs say where they are, by mode."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How such a process is found."""
    parser.add_argument(
        "--url",
        help="of its health listener; else that of this folder's demo or live tree, or HEALTH_HOST and HEALTH_PORT",
    )


def facts(mode: str) -> Mapping[str, Any] | None:
    """What a demo, or the live tree, that runs in this folder has said of itself."""
    for name in ANNOUNCED:
        path = Path(name.format(mode))
        if path.is_file():
            found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
    return None


def url_of(asked: argparse.Namespace, mode: str, variables: Variables) -> str:
    """The URL of the health listener that is meant."""
    if asked.url:
        return str(asked.url).rstrip("/")
    found = facts(mode)
    if found is not None:
        return str(found["metrics_url"]).removesuffix("/metrics")
    host, port = variables.get("HEALTH_HOST") or "127.0.0.1", variables.get("HEALTH_PORT") or "9108"
    return f"http://{host}:{port}"


def ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """The JSON that is answered; with a ``body`` it is a POST.

    Raises:
        LivermoreError: nobody answers there, or what is asked for is refused.
    """
    request = urllib.request.Request(url, data=body, headers=dict(headers or {}))  # noqa: S310 - of our own making
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise LivermoreError(f"{url} answers {error.code}: {_reason(error.read())}") from error
    except (OSError, ValueError) as error:
        raise LivermoreError(f"nobody answers at {url}: {error}. Is it running? Name it with --url") from error


def _reason(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return "no reason is given"
    error = said.get("error")
    return str(cast("Mapping[str, Any]", error).get("message")) if isinstance(error, dict) else str(said.get("reason"))
