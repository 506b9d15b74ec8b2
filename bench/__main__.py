"""``python -m bench [name ...] [--json]``: every benchmark, or those that are named, by their file or their target."""

import argparse
import importlib
import json
import logging
import pkgutil
import sys
from collections.abc import Callable, Iterator

import structlog

import bench
from bench.harness import Result, Skipped
from livermore.composition import HOP

Benchmark = Callable[[], Iterator[Result | Skipped]]


def main() -> int:
    """Run them, and give 1 where a gate is not met."""
    files, targets = known()
    named = {name.casefold(): benchmark for name, benchmark in [*files.items(), *targets.items()]}
    parser = argparse.ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join([*files, *targets]))
    parser.add_argument("--json", action="store_true", help="a line of JSON for each target")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name.casefold() not in named]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}: there are {', '.join([*files, *targets])}")
    sys.setswitchinterval(HOP)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wanted = [named[name.casefold()] for name in asked.names] or list(files.values())
    failed = passed = 0
    for result in (result for benchmark in wanted for result in benchmark()):
        print(json.dumps(_facts(result)) if asked.json else result, flush=True)
        if isinstance(result, Result):
            failed, passed = failed + (not result.passed), passed + result.passed
    if not asked.json:
        print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def known() -> tuple[dict[str, Benchmark], dict[str, Benchmark]]:
    """The benchmarks by their file, each with all that it has, and by their target's name in `performance.md`."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    files = {name: module.results for name, module in modules.items() if hasattr(module, "results")}
    targets = {code: made for name in files for code, made in modules[name].TARGETS.items()}
    return files, targets


def _facts(result: Result | Skipped) -> dict[str, object]:
    more = {"passed": result.passed} if isinstance(result, Result) else {}
    return {**result._asdict(), **more}


if __name__ == "__main__":
    sys.exit(main())
