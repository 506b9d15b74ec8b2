"""Redis: whether it answers, is new enough, forgets nothing by itself, has room, knows the time, survives a crash."""

import re
from collections.abc import Iterator, Mapping

from livermore.checkup.finding import Finding, fail, graded, ok
from livermore.clock import Clock
from livermore.store.query import command
from livermore.store.redis import RedisStore
from livermore.store.settings import RedisPlace

OLDEST = (6, 2)
"""The first whose streams can be trimmed by id."""
FULL, NEARLY_FULL = 0.95, 0.8
SKEW = 2.0
"""Seconds that its clock and ours may differ."""
MIB = 1 << 20

Info = Mapping[str, str]


def look(place: RedisPlace, clock: Clock) -> Iterator[Finding]:
    """All findings; raises as `RedisStore.run` does where it does not answer."""
    store = RedisStore(place)
    try:
        info = store.run(command("INFO", read=_info))
        sent = clock.wall()
        told = store.run(command("TIME", read=lambda answer: int(answer[0]) * 1000 + int(answer[1]) // 1000))
        offset = told - (sent + clock.wall()) / 2
    finally:
        store.close()
    yield from (_server(place, info), _role(info), _eviction(info), _memory(info), _clock(offset), *_persistence(info))


def _info(answer: bytes) -> Info:
    return dict(line.split(":", 1) for line in answer.decode(errors="replace").splitlines() if ":" in line)


def _server(place: RedisPlace, info: Info) -> Finding:
    name, version = ("Valkey", info["valkey_version"]) if "valkey_version" in info else ("Redis", info["redis_version"])
    speaks = tuple(map(int, re.findall(r"\d+", info["redis_version"])[:2]))
    needed = ".".join(map(str, OLDEST))
    found = f"{name} {version} answers at {place.shown}"
    return graded("redis", found, f"install Redis {needed} or later, or Valkey", bad=speaks < OLDEST, worrying=False)


def _role(info: Info) -> Finding:
    if info.get("loading") == "1":
        return fail("redis role", "it is still loading its data", "wait")
    role = info.get("role", "unknown")
    remedy = "name the server that it copies: this one may not be written"
    return graded("redis role", role, remedy, bad=role != "master", worrying=False)


def _eviction(info: Info) -> Finding:
    policy, limited = info.get("maxmemory_policy", "unknown"), info.get("maxmemory", "0") != "0"
    remedy = "set maxmemory-policy noeviction: else candles and alerts vanish when memory is short"
    wrong = policy != "noeviction"
    return graded("redis eviction", policy, remedy, bad=wrong and limited, worrying=wrong)


def _memory(info: Info) -> Finding:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if not most:
        most = int(info.get("total_system_memory", 0))
        found = f"{used // MIB} MiB used, without a limit, on a machine with {most // MIB} MiB"
    else:
        found = f"{used // MIB} of {most // MIB} MiB used"
    share = used / most if most else 0.0
    remedy = "give it more memory, or watch fewer symbols: when it is full every write is refused"
    return graded("redis memory", found, remedy, bad=share > FULL, worrying=share > NEARLY_FULL)


def _clock(offset: float) -> Finding:
    remedy = "let NTP set both clocks"
    return graded(
        "redis clock", f"{offset / 1000:+.1f} s from ours", remedy, bad=False, worrying=abs(offset) > SKEW * 1000
    )


def _persistence(info: Info) -> Iterator[Finding]:
    told = {"aof_last_write_status": "appendonly file", "rdb_last_bgsave_status": "snapshot"}
    for name, what in told.items():
        if info.get(name, "ok") != "ok":
            yield fail(
                "redis persistence", f"its last {what} could not be written", "look into its log, and at its disk"
            )
    if info.get("aof_enabled") == "1":
        yield ok("redis persistence", "appendonly")
        return
    remedy = "set appendonly yes: else a crash costs a rebuild from the exchange"
    yield graded("redis persistence", "no appendonly file", remedy, bad=False, worrying=True)
