"""Checks of nodes beyond the types of their keys: what contradicts itself, or could never do what it says."""

from collections.abc import Iterable, Sequence

from livermore.strict_yaml import Document, Path
from livermore.supervision.actor import Actor
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.restart import unreachable
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeKeys, NodeSpec, SupervisorKeys
from livermore.validation import shown_at

NEVER = float("inf")


def check_actor(keys: ActorKeys, actor: type[Actor], settings: SettingKeys, document: Document, path: Path) -> None:
    """One actor by itself."""
    check_backoff(keys, document, path)
    _check_hang(keys, actor, settings, document, path)
    mailbox = keys.mailbox
    if (mailbox.overflow == "coalesce") != (mailbox.coalesce_key is not None):
        message = "expected coalesce_key with overflow: coalesce, and only there"
        document.blame("E_MAILBOX", message, (*path, "mailbox"))
    if keys.isolation == "process" and (not issubclass(actor, LoopActor) or actor.accepts or keys.tells):
        message = f"expected a LoopActor that accepts nothing and tells nobody; found {actor.__name__}"
        document.blame("E_PROCESS", message, (*path, "isolation"))
    if keys.listen is not None:
        _check_port(keys.listen, document, (*path, "listen"))
    _check_shutdown(keys, settings, document, path)


def check_settings(settings: SettingKeys, document: Document) -> None:
    """The settings by themselves."""
    _check_port(settings.health.listen, document, ("settings", "health", "listen"))
    if settings.drain_deadline >= settings.shutdown_deadline:
        most = f"{settings.shutdown_deadline:g} s"
        message = f"expected drain_deadline to be shorter than shutdown_deadline, which is {most}"
        document.blame("E_RANGE", message, ("settings", "drain_deadline"))


def _check_port(address: str, document: Document, path: Path) -> None:
    if int(address.rpartition(":")[2]) > 65_535:
        found = shown_at(document, path, address)
        document.blame("E_LISTEN", f"expected a port up to 65535; found {found}", path)


def check_backoff(keys: NodeKeys, document: Document, path: Path) -> None:
    """How long a node waits before its restarts."""
    backoff, place = keys.backoff, (*path, "backoff")
    if backoff.min > backoff.max:
        document.blame("E_BACKOFF", f"expected min to be at most max, which is {backoff.max:g} s", (*place, "min"))
    if backoff.reset_after < backoff.max:
        message = f"expected reset_after to be at least max, which is {backoff.max:g} s"
        document.blame("E_BACKOFF", message, (*place, "reset_after"))


def _check_hang(keys: ActorKeys, actor: type[Actor], settings: SettingKeys, document: Document, path: Path) -> None:
    hang, place = keys.hang, (*path, "hang")
    if hang.warn_after >= hang.after != NEVER:
        message = f"expected warn_after to be shorter than after, which is {hang.after:g} s"
        document.blame("E_HANG", message, (*place, "warn_after"))
    if hang.after < 4 * settings.hang_poll:
        message = f"expected at least four times settings.hang_poll, which is {settings.hang_poll:g} s"
        document.blame("E_HANG", message, (*place, "after"))
    if keys.heartbeat != NEVER and not issubclass(actor, LoopActor):
        document.blame("E_HANG", f"expected no heartbeat: {actor.__name__} has no loop", (*path, "heartbeat"))
    if min(hang.after, keys.heartbeat) == NEVER and keys.isolation == "thread":
        document.warn("W_HANG", "nobody will notice if it hangs: after is never, and it has no heartbeat", place)


def _check_shutdown(keys: ActorKeys, settings: SettingKeys, document: Document, path: Path) -> None:
    most = settings.shutdown_deadline - settings.drain_deadline
    if keys.shutdown == NEVER:
        document.warn("W_SHUTDOWN", f"an actor without a limit has {most:g} s at most", (*path, "shutdown"))
    elif keys.shutdown > most:
        message = f"it will be cut to {most:g} s: settings.shutdown_deadline less drain_deadline"
        document.warn("W_SHUTDOWN", message, (*path, "shutdown"))


def check_supervisor(keys: SupervisorKeys, children: Sequence[NodeSpec], document: Document, path: Path) -> None:
    """One supervisor with what stands directly below it."""
    check_backoff(keys, document, path)
    for child in children:
        restarts = child.keys.restart != "temporary"
        if restarts and unreachable(keys.intensity, keys.period, child.keys.backoff):
            message = f"{child.path} never fails so often: its back-off makes it slower than {_allowed(keys)}"
            document.blame("E_INTENSITY_UNREACHABLE", message, (*path, "intensity"))
            break
    stopping = _longest_stop(children)
    if keys.strategy != "one_for_one" and stopping > keys.period / (keys.intensity + 1):
        took = "any time" if stopping == NEVER else f"{stopping:g} s each time"
        message = f"stopping its children may take {took}, so that {_allowed(keys)} is never exceeded"
        document.warn("W_INTENSITY_SLOW_STOP", message, (*path, "intensity"))


def _allowed(keys: SupervisorKeys) -> str:
    return f"{keys.intensity} in {keys.period:g} s"


def _longest_stop(nodes: Iterable[NodeSpec]) -> float:
    """Seconds that stopping these, one after the other, may take."""
    return sum(
        node.keys.shutdown if isinstance(node, ActorSpec) else min(node.keys.shutdown, _longest_stop(node.children))
        for node in nodes
    )


def check_addresses(nodes: Iterable[tuple[ActorSpec, Path]], settings: SettingKeys, document: Document) -> None:
    """Each address belongs to one actor, or to the health listener."""
    owners = {settings.health.listen: "settings.health"}
    for spec, path in nodes:
        address = spec.keys.listen
        if address is None or address.endswith(":0"):
            continue
        if address in owners:
            place = (*path, "listen")
            found = f"that of {owners[address]}, {shown_at(document, place, address)}"
            document.blame("E_LISTEN", f"expected an address of its own; found {found}", place)
        owners.setdefault(address, spec.path)
