"""Telling systemd how the process is: one datagram a word, where it has asked for that (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Says nothing where the process was not started by systemd."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self._address = variables.get("NOTIFY_SOCKET", "")

    def say(self, word: str) -> None:
        """Send a word: READY=1, STOPPING=1, WATCHDOG=1 or STATUS=text. That nobody listens is no fault of ours."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            try:
                out.sendto(word.encode(), address)
            except OSError:
                self._address = ""
