"""Schemathesis examines a front: cases made from its own OpenAPI document, each answer held against that document."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext
from schemathesis.schemas import BaseSchema

from livermore.market.candle import Series
from livermore.market.product import Product
from livermore.market.timeframe import Timeframe
from livermore.store import api_keys, catalogue
from tests.http.test_lists import alert, ticker
from tests.http.world import SYMBOLS, World
from tests.support.candles import T0, candle

BEYOND_A_SCHEMA = {
    "cursor": "only those that were given out are good",
    "start_time": "the thirtieth of February has the form of a day",
    "end_time": "as start_time, and it must not be before that",
    "symbol": "a filter may name a pair in many spellings, but it has to be a pair",
}
"""Parameters of which a schema cannot say everything: a 400 that names one of them is no contradiction."""
GIVEN_OUT = re.compile("[A-Za-z0-9_-]{12,200}")
PLENTY = 100_000_000
WORDS: dict[str, list[str | int]] = {
    "exchanges": ["coinbase"],
    "symbols": ["BTC-USD", "eth/usd", "BTCUSD"],
    "times": ["2023-11-14T00:00:00.000Z", "2023-11-15T12:30:00Z"],
}
PARAMETERS = {"exchange": "exchanges", "symbol": "symbols", "start_time": "times", "end_time": "times"}


@dataclass
class Findings:
    """``cases``: how many requests were made; ``answers``: their statuses by operation; ``phases``: how many each made;
    ``pages``: how many were found by a cursor; ``faults``: what is wrong, in words, by operation and kind.
    """

    seed: int
    cases: int = 0
    pages: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def inhabited(world: World) -> None:
    """A world with pages of everything, and a key that may ask for as much as it likes."""
    names = [*SYMBOLS, *(f"C{n:03d}-USD" for n in range(150))]
    products = [Product(n, n[:4], "USD", "1", "12.50", "100", "0.01", "0.1", online=True) for n in names]
    world.database.run(lambda c: catalogue.refresh(c, 1, products, names, T0))
    world.watch(*names)
    world.report()
    for symbol in SYMBOLS:
        for timeframe in Timeframe:
            series = Series("coinbase", symbol, timeframe)
            world.store(*(candle(n, f"{100 + n}.25", series=series) for n in range(150)))
            world.known(series, T0, T0 + 149 * timeframe.ms)
            world.signal(series, T0 + 149 * timeframe.ms)
    for number in range(120):
        world.alert(alert(number))
    world.tick(ticker("BTC-USD", "64000.5"))
    create = partial(api_keys.create, name="examiner", now=world.clock.wall(), requests_per_minute=PLENTY)
    world.key = world.database.run(create)
    world.clock.advance(2)


def examine(world: World, seed: int, each: int) -> Findings:
    """Make cases: all that the document enumerates, and ``each`` at random of each operation and of chains of them."""
    findings = Findings(seed)
    for event in from_schema(schema_of(world, seed, each)).execute():
        world.clock.advance(60)  # whoever tries a few bad keys a minute is not locked out for it
        _note(event, world.key, findings)
    return findings


def schema_of(world: World, seed: int, each: int) -> BaseSchema:
    """What the front's own document tells, and how cases are made of it."""
    document = world.ask("/public/v1/openapi.json", key=None).json()
    schema = schemathesis.openapi.from_dict(document, config=_config(world, seed, each))

    @schema.hook
    def map_query(context: HookContext, query: dict[str, Any]) -> dict[str, Any]:
        """A cursor that is made up is never good: those that are come by links."""
        made_up = GIVEN_OUT.fullmatch(str((query or {}).get("cursor", "")))
        return {name: value for name, value in query.items() if name != "cursor"} if made_up else query

    @schema.hook
    def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
        return not (type(failure).__name__ == "RejectedPositiveData" and _beyond(response))

    return schema


def _beyond(response: Response) -> bool:
    """Whether a parameter was refused for what its schema cannot say, or a request for not being a handshake."""
    error = response.json()["error"]
    return error.get("param") in BEYOND_A_SCHEMA or response.status_code == 426


def _config(world: World, seed: int, each: int) -> SchemathesisConfig:
    examples: dict[str, Any] = {"generation": {"max-examples": each}}
    return SchemathesisConfig.from_dict(
        {
            "base-url": f"http://127.0.0.1:{world.port}/public/v1",
            "seed": seed,
            "headers": {"X-API-Key": world.key},
            "continue-on-failure": True,
            "request-timeout": 10,
            "generation": {"database": "none", "allow-extra-parameters": False},
            "phases": {"fuzzing": examples, "stateful": examples},
            "dictionaries": {name: {"values": values} for name, values in WORDS.items()},
            "parameters": {name: {"dictionary": word, "probability": 0.7} for name, word in PARAMETERS.items()},
        }
    )


def _note(event: events.EngineEvent, key: str, findings: Findings) -> None:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        findings.faults[f"{event.label} {type(event.value).__name__}"] = str(event.value)
    if isinstance(event, events.ScenarioFinished):
        _note_answers(event, key, findings)
        findings.faults |= dict(_failures(event))


def _note_answers(event: events.ScenarioFinished, key: str, findings: Findings) -> None:
    made = event.recorder.interactions
    findings.cases += len(made)
    findings.phases[event.phase.value] += len(made)
    for case_id, one in made.items():
        where = event.recorder.cases[case_id].value.operation.label
        if one.response is None:
            findings.faults[f"{where} no answer"] = f"{one.request.method} {one.request.uri}"
            continue
        status = one.response.status_code
        findings.answers[where, status] += 1
        findings.pages += status == 200 and "cursor=" in one.request.uri
        keyed = [key] in [values for name, values in one.request.headers.items() if name.lower() == "x-api-key"]
        if status < 300 and not keyed and one.request.method != "OPTIONS":
            findings.faults[f"{where} without a key"] = f"{one.request.method} {one.request.uri} {status}"


def _failures(event: events.ScenarioFinished) -> Iterator[tuple[str, str]]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                where = event.recorder.cases[case_id].value.operation.label
                yield f"{where} {type(failure).__name__}", f"{failure}\n{check.failure_info.code_sample}"
