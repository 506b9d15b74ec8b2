"""The health of this process as its users see it: every answer comes from a probe, none older than a second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from livermore.errors import LivermoreError
from livermore.http.cached import Cached
from livermore.http.directory import simulated
from livermore.market.instant import iso
from livermore.store import status
from livermore.store.query import command, nothing
from livermore.store.registry import all_exchanges
from livermore.store.status import Status

if TYPE_CHECKING:
    from livermore.http.front import Front

T = TypeVar("T")

Pipelines = Mapping[str, Status | None]
"""Statuses by the exchange's name; None where nobody runs its pipeline."""
KEPT = 1.0
PATIENCE = 1.5
"""Seconds for a probe. One that takes longer is not started again: the next report waits for the same."""
ACTIVE = "active"


class Health:
    """Probes, each shared by all who ask at the same time."""

    def __init__(self, front: "Front") -> None:
        self._front = front
        self._redis = self._probe(lambda: front.redis.run(command("PING", read=nothing)))
        self._sql = self._probe(lambda: front.database.run_aside(all_exchanges))
        self._tree = self._probe(lambda: asyncio.get_running_loop().run_in_executor(None, front.tree))
        self._statuses = self._probe(self._pipeline_statuses)
        self._made_up = self._probe(self._is_simulated)

    async def report(self) -> tuple[int, dict[str, Any]]:
        """The status of the answer, and its body."""
        redis, sql, tree, found, made_up = await asyncio.gather(
            _answers(self._redis),
            _answers(self._sql),
            _value(self._tree),
            _value(self._statuses),
            _value(self._made_up),
        )
        pipelines: Pipelines = found or {}
        services: dict[str, Any] = {"database": _word(sql), "redis": _word(redis), "auth": self._auth(sql)}
        nodes = dict(_nodes(tree or {}))
        if self._front.options.pipeline:
            services |= _of_pipelines(pipelines, nodes)
        well = sql and (not self._front.options.pipeline or _all_active(pipelines))
        report: dict[str, Any] = {
            "status": "down" if not redis else "ok" if well else "degraded",
            "mode": self._front.mode,
            "timestamp": iso(self._front.clock.wall()),
        }
        report |= {"simulated": True} if made_up else {}
        return (200 if redis else 503), report | {"services": services, "children": nodes}

    async def tree(self) -> Mapping[str, Any] | None:
        """The supervision tree, if the supervisor answers."""
        tree: Mapping[str, Any] | None = await _value(self._tree)
        return tree

    def _auth(self, sql: bool) -> str:  # noqa: FBT001 - as below
        """Whether keys are checked, or those that were good a while ago are believed, or nobody can say of any."""
        return "live" if sql else "cached" if self._front.keyring.believing else "unavailable"

    def _probe(self, fetch: Callable[[], Awaitable[T]]) -> Cached[T]:
        return Cached(fetch, lambda _: KEPT, self._front.clock.monotonic, self._front.background)

    async def _pipeline_statuses(self) -> Pipelines:
        """Of every exchange that has data, by name; where none has yet, of the first one."""
        markets = await self._front.directory.visible() or (await self._front.directory.markets())[:1]
        found = await asyncio.gather(*(self._front.redis.run(status.read(market.keys)) for market in markets))
        return {market.name: one for market, one in zip(markets, found, strict=True)}

    async def _is_simulated(self) -> bool:
        return await simulated(await self._front.directory.markets())


async def _answers(probe: Cached[Any]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await probe.get()
    except (LivermoreError, TimeoutError):
        return False
    return True


async def _value(probe: Cached[Any]) -> Any:
    try:
        async with asyncio.timeout(PATIENCE):
            return await probe.get()
    except (LivermoreError, TimeoutError):
        return None


def _word(answers: bool) -> str:  # noqa: FBT001 - its whole meaning
    return "connected" if answers else "disconnected"


def _is_active(pipeline: Status | None) -> bool:
    return pipeline is not None and pipeline.connection_state == ACTIVE


def _all_active(pipelines: Pipelines) -> bool:
    return bool(pipelines) and all(map(_is_active, pipelines.values()))


def _of_pipelines(pipelines: Pipelines, nodes: Mapping[str, str]) -> dict[str, Any]:
    """What belongs to pipelines; what the tree has no child for is left out.

    ``exchange`` is the first that is not well, or the first of all: of one exchange it says everything.
    """
    told = {name: _connection(one) for name, one in pipelines.items()}
    first = next((one for one in told.values() if not one["connected"]), next(iter(told.values()), _connection(None)))
    services: dict[str, Any] = {"exchange": first, "exchanges": told}
    for child, name, words in (
        ("notifier", "discord", ("enabled", "disabled")),
        ("control", "controlChannel", ("active", "inactive")),
    ):
        states = [state for path, state in nodes.items() if path.rpartition("/")[2] == child]
        services |= {name: words[0] if set(states) == {"up"} else words[1]} if states else {}
    return services


def _connection(pipeline: Status | None) -> dict[str, Any]:
    state = pipeline.connection_state if pipeline is not None else "offline"
    return {"connectionState": state, "connected": _is_active(pipeline)}


def _nodes(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for child in tree.get("children", ()):
        yield child["path"], str(child["state"])
        yield from _nodes(child)
