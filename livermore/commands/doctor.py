"""Look at everything an instance stands on, and say what is wrong and what helps."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from livermore import log
from livermore.commands.common import CONFIG, UNAVAILABLE, Asked, Variables, mode_of, say, secrets_of
from livermore.tree_file import TreeFile

if TYPE_CHECKING:
    from livermore.checkup.finding import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--json", action="store_true", help="for programs")


def do(asked: Asked, variables: Variables) -> int:
    """Tell every finding; the exit code is that with which a start would end, or 0 where nothing fails."""
    file, mode = TreeFile.find(asked.tree, variables), mode_of(asked, variables)
    log.hide(secrets_of(file.mentioned(mode), variables))
    findings = []
    for finding in _examined(file, mode, variables):
        findings.append(finding)
        if not asked.json:
            say(finding.shown())
    failed = [finding for finding in findings if finding.failed]
    if asked.json:
        say(json.dumps({"ok": not failed, "findings": [finding.plain() for finding in findings]}, indent=2))
    if not failed:
        return 0
    return CONFIG if any(finding.configured for finding in failed) else UNAVAILABLE


def _examined(file: TreeFile, mode: str, variables: Variables) -> Iterator["Finding"]:
    """Loaded late: it knows exchanges and their network, which a front never loads."""
    from livermore.checkup.examination import examine  # noqa: PLC0415
    from livermore.checkup.subject import Subject  # noqa: PLC0415

    return examine(Subject(file, mode, variables))
