"""``python -m tests.chaos``: one night, told as it passes, and what did not hold in it."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from livermore.simulator.instruments import INSTRUMENTS
from tests.chaos import schedule
from tests.chaos.nights import DIALECTS, Plan, spend, table
from tests.support.valkey import valkey


def main() -> int:
    """The exit code: 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--schedule", type=Path, help="replay this file instead of drawing faults")
    parser.add_argument("--exchange", choices=sorted(DIALECTS), default="coinbase")
    parser.add_argument("--count", type=int, default=len(INSTRUMENTS), help="how many symbols the exchange lists")
    parser.add_argument("--symbols", default="", help="only these of them, with commas between them")
    parser.add_argument("--faults", default="", help="only these, with commas between them")
    parser.add_argument("--log", type=Path, help="where our process's own log goes; it is not kept unless asked for")
    parser.add_argument("--quiet", action="store_true", help="say only what did not hold")
    asked = parser.parse_args()
    _log_to(asked.log or Path(os.devnull))
    plan = Plan(
        asked.seed, asked.minutes * 60, asked.exchange, _words(asked.symbols), _words(asked.faults),
        schedule.read(asked.schedule.read_text(encoding="utf-8")) if asked.schedule else None,
        asked.count,
    )  # fmt: skip
    with valkey() as server, TemporaryDirectory() as folder:
        night = spend(plan, server, Path(folder), _nothing if asked.quiet else print)
    if not asked.quiet:
        print(table(night.recoveries))
    for line in night.broken:
        print(line)
    if night.broken:
        print(f"{len(night.broken)} violations; replay with --seed {asked.seed} --schedule FILE, FILE being")
        print(schedule.write(night.entries), end="")
    return 1 if night.broken else 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _log_to(file: Path) -> None:
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.LogfmtRenderer()],
        logger_factory=structlog.WriteLoggerFactory(file.open("w", encoding="utf-8")),
    )


def _nothing(_: str) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    sys.exit(main())
