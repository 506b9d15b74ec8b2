"""Look at everything an instance stands on, and say what is wrong and what helps."""

import argparse
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from livermore import log
from livermore.checkup import configuration, exchange, machine, ports, redis, sql
from livermore.checkup.check import Check, run
from livermore.checkup.finding import Finding, Level, ok
from livermore.checkup.subject import Subject
from livermore.clock import AffineClock
from livermore.commands.common import CONFIG, UNAVAILABLE, Asked, Variables, mode_of, say, secrets_of
from livermore.store.server_binary import find_server
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.tree_file import TreeFile


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--json", action="store_true", help="for programs")


def do(asked: Asked, variables: Variables) -> int:
    """Tell every finding; the exit code is that with which a start would end, or 0 where nothing fails."""
    subject = Subject(TreeFile.find(asked.tree, variables), mode_of(asked, variables), variables)
    log.hide(secrets_of(subject.file.mentioned(subject.mode), variables))
    findings = []
    for finding in run(list(_checks(subject))):
        findings.append(finding)
        if not asked.json:
            say(finding.shown())
    failed = [finding for finding in findings if finding.level is Level.FAIL]
    if asked.json:
        say(json.dumps({"ok": not failed, "findings": [finding.plain() for finding in findings]}, indent=2))
    if not failed:
        return 0
    return CONFIG if any(finding.configured for finding in failed) else UNAVAILABLE


def _checks(subject: Subject) -> Iterator[Check]:
    clock = AffineClock.from_text(subject.variables.get("LIVERMORE_CLOCK", ""))
    folder = subject.file.embedded(subject.mode, subject.variables)
    yield Check("python", "", machine.python)
    yield Check("variables", "mend the file that it names", partial(configuration.variables, subject))
    yield Check("tree", "mend it", partial(configuration.tree, subject))
    if folder is None:
        yield Check("redis", "start it, or mend its variables", partial(_redis, subject, clock))
        yield Check("sql", "start it, or mend its variables", partial(_sql, subject, clock))
    else:
        yield Check("stores", "pip install 'livermore[embedded]'", partial(_embedded, folder))
    for options in subject.exchanges():
        remedy = "let this machine reach it: name server, firewall, proxy; or mend its address"
        yield Check(f"exchange {options.exchange}", remedy, partial(exchange.look, options, clock))
    yield Check("ports", "", partial(ports.look, subject))
    yield Check("open files", "", machine.files)
    yield Check("disk", "", partial(machine.disks, [Path(), *([folder] if folder else [])]))


def _redis(subject: Subject, clock: AffineClock) -> Iterator[Finding]:
    yield from redis.look(subject.file.store(RedisPlace, "redis", subject.mode, subject.variables), clock)


def _sql(subject: Subject, clock: AffineClock) -> Iterator[Finding]:
    place = subject.file.store(DatabasePlace, "database", subject.mode, subject.variables)
    yield from sql.look(place, subject.reach, clock)


def _embedded(folder: Path) -> Iterator[Finding]:
    yield ok("stores", f"embedded in {folder}, by {find_server()}")
