"""A program of its own that hands one notice to apprise: what that connects to, follows or logs stays in bounds here.

It reads JSON from standard input and writes JSON to standard output; a secret never stands on its command line.
"""

import json
import logging
import socket
import sys
from typing import Any

from livermore.net.addresses import is_public

UNKNOWN, FAILED, PRIVATE = "unknown", "failed", "private"
SENT = "sent"


def main() -> None:
    """Send the notice, and say what came of it."""
    asked = json.load(sys.stdin)
    refused = Refused() if not asked["private"] else None
    if refused is not None:
        refused.stand_guard()
    logging.disable(logging.CRITICAL)  # its lines hold the URL
    json.dump({"outcome": _send(asked, refused)}, sys.stdout)


def _send(asked: dict[str, Any], refused: "Refused | None") -> str:
    import apprise  # noqa: PLC0415 - only once there is a guard
    import requests  # noqa: PLC0415

    requests.Session.resolve_redirects = lambda *_, **__: iter(())  # type: ignore[assignment,method-assign]
    target = apprise.Apprise()
    if not target.add(asked["url"]):
        return UNKNOWN
    if target.notify(title=asked["title"], body=asked["body"]):
        return SENT
    return PRIVATE if refused is not None and refused.any else FAILED


class Refused:
    """Lets nothing reach an address that is not of the Internet at large: it looks at what is really connected to."""

    any = False

    def stand_guard(self) -> None:
        for name, at in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
            setattr(socket.socket, name, self._guarded(getattr(socket.socket, name), at))

    def _guarded(self, reach: Any, at: int) -> Any:
        def guarded(own: socket.socket, *arguments: Any) -> Any:
            if not _may_be_reached(own, arguments[at]):
                self.any = True
                raise PermissionError("this address is private")
            return reach(own, *arguments)

        return guarded


def _may_be_reached(own: socket.socket, place: Any) -> bool:
    if own.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    try:
        return _is_name_server(own, place) or is_public(str(place[0]))
    except ValueError:
        return False  # a name, which could mean any address


def _is_name_server(own: socket.socket, place: Any) -> bool:
    """Libraries that resolve names by themselves ask the machine's own name server, which is private as a rule."""
    return own.type == socket.SOCK_DGRAM and place[1] == 53


if __name__ == "__main__":
    main()
