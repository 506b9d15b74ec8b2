"""Bounds of the front: what a client may ask for, and how long things may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Times in seconds."""

    subscriptions: int = 500
    messages_per_second: int = 10
    message_bytes: int = 16 * 1024
    authentication: float = 5.0
    heartbeat: float = 15.0
    ping: float = 30.0
    tree: float = 1.0
    """How often the supervision tree is shown to those who watch it."""
    usage: float = 60.0
    """How often it is written down how much keys are used."""
    command: float = 40.0
    """How long what comes of a command is waited for."""
    goodbye: float = 1.0
    """How long a planned stop waits for clients and for answers that are under way."""
    reconnect: int = 5
    """Within how many seconds clients are asked to come back after a planned stop."""
