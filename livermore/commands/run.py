"""Run a tree until it ends: what the program does without any command."""

from contextlib import closing

import structlog

from livermore import log
from livermore.clock import AffineClock
from livermore.commands import shown_exchange
from livermore.commands.common import Asked, Variables, mode_of, secrets_of
from livermore.composition import Application
from livermore.local import Local
from livermore.resources import Blueprint
from livermore.tree_file import Source, TreeFile


def do(asked: Asked, variables: Variables) -> int:
    """Run it, and give the exit code."""
    file, mode = TreeFile.find(asked.tree, variables), mode_of(asked, variables)
    clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))
    wanted = file.mentioned(mode)
    secrets = secrets_of(wanted, variables)
    log.hide(secrets)
    write_out = log.set_up()
    try:
        structlog.get_logger("livermore").info("starting", tree=str(file.path), mode=mode)
        folder = file.embedded(mode, variables)
        if asked.demo:
            from livermore.demo import Demo  # noqa: PLC0415 - only a demo needs what it needs

            return _run_local(file, Demo(mode, wanted, variables, clock), variables, clock)
        if folder is not None:
            return _run_local(file, Local(folder, mode, wanted, clock, variables), variables, clock)
        source = Source(file, mode, variables)
        tree = source.tree()
        stores = tree.sections["stores"]
        shown_exchange.check(tree, stores.database)
        blueprint = Blueprint(tree.root.path, stores.redis, stores.database, secrets)
        with closing(blueprint.journal()):
            return Application(tree, source, clock, blueprint).run()
    finally:
        write_out()


def _run_local(file: TreeFile, local: Local, variables: Variables, clock: AffineClock) -> int:
    with closing(local):
        log.hide(local.credentials)
        source = Source(file, local.mode, local.variables(variables))
        tree, stores = source.tree(), local.stores
        secrets = frozenset(local.credentials)
        blueprint = Blueprint(tree.root.path, stores.redis, stores.database, secrets, breakable=local.breakable)
        application = Application(tree, source, clock, blueprint, local.held)
        announcement = local.announcement(application)
        announcement.start()
        with closing(announcement), closing(blueprint.journal()):
            return application.run()
