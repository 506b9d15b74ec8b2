"""Programs that tests need: where one is missing its tests are skipped by name, or fail where it must be there."""

import os
import shutil

import pytest

REQUIRED = "LIVERMORE_REQUIRE_SERVICES"
"""Set to 1 where a missing program is a failure, as in continuous integration."""


def program(name: str, package: str) -> str:
    """The path of a program; ``package``: what Debian calls it. Servers may lie where no PATH looks."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which(name, path=path)
    if found is None:
        missing(f"no {name} on this machine (Debian: apt install {package})")
    return found


def missing(message: str) -> None:
    """Skip the test that needs it, or fail it where that must not be."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{message}, and {REQUIRED}=1")
    pytest.skip(message)
