"""Logs: one line an event, coloured for people and JSON for machines; secrets are struck out wherever they appear."""

import logging
import logging.handlers
import os
import queue
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import structlog

LONGEST = 8_000
"""Characters of one field: what a stranger sends may not fill the disk."""

_API_KEY = re.compile(r"(lvm_[0-9a-f]{12}_)[A-Za-z0-9_-]+", re.ASCII)
_SESSION = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
"""A signed token: whoever has it may be somebody else as long as it is good."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_secrets: set[str] = set()
_listeners: list[Callable[[str], None]] = []


def hide(values: Iterable[str]) -> None:
    """Strike these texts out of every line from now on. Short ones are left: they would hit anything."""
    _secrets.update(value for value in values if len(value) >= 6)


def tell(listener: Callable[[str], None]) -> Callable[[], None]:
    """Give each line that is worth keeping to ``listener`` as JSON, too, until what is given back is called.

    It is called by the thread that writes lines, and must neither block nor log.
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def set_up() -> Callable[[], None]:
    """Send everything, also what libraries log, to stderr, by a thread of its own: a full pipe must stop nobody.

    ``LOG_LEVEL`` says from which level on. Gives a function that writes out what is still waiting, for the very end.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _strike_out,
    ]
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(10_000)
    root = logging.getLogger()
    root.handlers = [_Handler(waiting)]
    root.setLevel(os.environ.get("LOG_LEVEL", "INFO").upper())
    for chatty in ("alembic", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    listener = logging.handlers.QueueListener(waiting, _stderr(shared), _told(shared), respect_handler_level=True)
    listener.start()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return listener.stop


def _stderr(shared: list[Any]) -> logging.Handler:
    renderer: Any = structlog.processors.JSONRenderer(default=str)
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(shared, renderer))
    return handler


def _told(shared: list[Any]) -> logging.Handler:
    handler = _Teller(logging.INFO)
    handler.setFormatter(_formatter(shared, structlog.processors.JSONRenderer(default=str)))
    return handler


def _formatter(shared: list[Any], renderer: Any) -> logging.Formatter:
    made: logging.Formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    return made


class _Teller(logging.Handler):
    """Hands lines to whoever listens."""

    def emit(self, record: logging.LogRecord) -> None:
        if _listeners:
            line = self.format(record)
            for listener in tuple(_listeners):
                listener(line)


class _Handler(logging.handlers.QueueHandler):
    """Hands records on as they are. When the queue is full the newest line is lost rather than the program stopped."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Formatting is for the thread that writes."""
        return record

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The queue is full: there is nobody left to tell."""


def _strike_out(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: clean(value) if isinstance(value, str) else value for key, value in event.items()}


def clean(text: str) -> str:
    """The text as anybody may see it."""
    for secret in _secrets:
        text = text.replace(secret, "***")
    text = _SESSION.sub("eyJ***", _API_KEY.sub(r"\1***", text))
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)[:LONGEST]
