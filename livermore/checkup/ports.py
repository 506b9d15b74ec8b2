"""Ports: whether what the tree listens on is free, or held by a Livermore that runs already."""

import errno
import http.client
import json
import socket
from collections.abc import Iterator

from livermore.checkup.finding import Finding, Level, ok
from livermore.checkup.subject import Subject

PATIENCE = 2.0
"""Seconds for who holds one to say who it is."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asked for, not listened on
SIGNS = {"/livez": "pulse_age_seconds", "/health": "services"}
"""What a Livermore answers at its health port, and at its front."""


def look(subject: Subject) -> Iterator[Finding]:
    """Each address once."""
    if subject.tree is None:
        return
    wanted = {spec.keys.listen: spec.path for spec in subject.actors() if spec.keys.listen}
    wanted[subject.tree.settings.health.listen] = "the health listener"
    for address, who in wanted.items():
        yield _port(address, who)


def _port(address: str, who: str) -> Finding:
    host, _, port = address.rpartition(":")
    what = f"port {address}"
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, int(port)), family=family).close()
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        if taken and _is_ours(EVERYWHERE.get(host, host), int(port)):
            return ok(what, f"held by a Livermore that runs, wanted by {who}")
        found = "another program holds it" if taken else str(error)
        return Finding(
            Level.FAIL, what, f"{found}, and {who} wants it", "stop that, or choose another", configured=True
        )
    return ok(what, f"free, for {who}")


def _is_ours(host: str, port: int) -> bool:
    return any(sign in _answer(host, port, path) for path, sign in SIGNS.items())


def _answer(host: str, port: int, path: str) -> list[str]:
    """The keys of the JSON object that is answered, or none."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        told = json.loads(connection.getresponse().read(1 << 20))
    except (OSError, http.client.HTTPException, ValueError):
        return []  # whoever that is
    finally:
        connection.close()
    return list(told) if isinstance(told, dict) else []
