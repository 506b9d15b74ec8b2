"""``python -m bench [name ...] [--json]``: every benchmark, or those that are named."""

import argparse
import importlib
import json
import logging
import pkgutil
import sys
from collections.abc import Iterator

import structlog

import bench
from bench.harness import Result
from livermore.composition import HOP

NOT_ONE = {"harness", "__main__"}


def main() -> int:
    """Run them, and give 1 where a gate is not met."""
    known = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in NOT_ONE)
    parser = argparse.ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join(known))
    parser.add_argument("--json", action="store_true", help="a line of JSON for each target")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(known)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    sys.setswitchinterval(HOP)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    failed = passed = 0
    for result in _results(asked.names or known):
        failed, passed = failed + (not result.passed), passed + result.passed
        line = json.dumps({**result._asdict(), "passed": result.passed}) if asked.json else str(result)
        print(line, flush=True)
    if not asked.json:
        print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _results(names: list[str]) -> Iterator[Result]:
    for name in names:
        yield from importlib.import_module(f"bench.{name}").results()


if __name__ == "__main__":
    sys.exit(main())
