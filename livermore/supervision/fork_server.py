"""The server that forks actors' processes: loaded once, so that a start takes milliseconds; tidied up at the end."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context, util

from livermore.supervision import process_child

LONGEST = 75
"""Bytes of a temporary folder's name with which that of a socket in it fits in 108 (unix(7))."""


def prepare(modules: list[str]) -> None:
    """Have the server that forks such processes load these modules now, so that a start takes milliseconds."""
    context = get_context("forkserver")
    context.set_forkserver_preload([*modules, process_child.__name__])
    from multiprocessing.forkserver import ensure_running  # noqa: PLC0415 - only where there is such an actor

    with _short_temporary_folder():
        ensure_running()


@contextmanager
def _short_temporary_folder() -> Iterator[None]:
    """Have one in which the path of a socket fits, however long the name of the one that is set."""
    before = tempfile.tempdir
    if len(os.fsencode(tempfile.gettempdir())) > LONGEST:
        tempfile.tempdir = "/tmp"  # noqa: S108 - what is made there is a new folder of mode 0700
    try:
        yield
    finally:
        tempfile.tempdir = before


def tidy() -> None:
    """Remove what multiprocessing keeps in the temporary folder, for a process that ends without Python's own end."""
    util._run_finalizers()  # type: ignore[attr-defined]  # noqa: SLF001 - private: its exit handler would wait for processes
