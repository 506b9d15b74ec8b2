"""The whole examination of an instance: every check, in the order in which people read of them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from livermore.checkup import configuration, exchange, machine, ports, redis, sql
from livermore.checkup.check import Check, run
from livermore.checkup.finding import Finding, ok
from livermore.checkup.subject import Subject
from livermore.clock import AffineClock
from livermore.store.server_binary import find_server
from livermore.store.settings import DatabasePlace, RedisPlace


def examine(subject: Subject) -> Iterator[Finding]:
    """Everything that is found, as soon as it and all before it is known.

    Raises:
        LivermoreError: there is nothing to begin with: the file cannot be read, or the clock's variable.
    """
    return run(list(_checks(subject)))


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
