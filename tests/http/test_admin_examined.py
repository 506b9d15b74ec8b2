"""Whatever is asked of the admin API: no fault of ours, and no answer that its own document does not tell."""

from functools import partial
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from livermore.store import users
from tests.http.examiner import inhabited
from tests.http.world import TOKEN, World

SEED = 20_261_127
EACH = 5
LEAST = 300


def test_no_answer_contradicts_the_document(admin_world: World) -> None:
    print("seed", SEED)
    inhabited(admin_world)
    values = {"username": "ann", "email": "ann@example.com", "role": "admin"}
    admin_world.database.run(partial(users.add, values=values, now=1))
    schema = schemathesis.openapi.from_dict(admin_world.admin("/openapi.json"), config=config(admin_world))

    @schema.hook
    def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
        """What is right by itself may be refused for what a schema cannot say, as that the token is no user; and
        what is wrong may be too long as well.
        """
        kind = type(failure).__name__
        return kind != "RejectedPositiveData" and (kind, response.status_code) != ("AcceptedNegativeData", 413)

    cases, faults = 0, {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            faults[event.label] = str(event.value)
        if isinstance(event, events.ScenarioFinished):
            cases += len(event.recorder.interactions)
            faults |= dict(failures(event))
    assert faults == {}, "\n".join(map(" ".join, faults.items()))
    assert cases >= LEAST


def config(world: World) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "base-url": f"http://127.0.0.1:{world.port}/admin/v1",
            "seed": SEED,
            "headers": {"Authorization": f"Bearer {TOKEN}"},
            "continue-on-failure": True,
            "request-timeout": 10,
            "generation": {"database": "none", "allow-extra-parameters": False},
            "phases": {"fuzzing": {"generation": {"max-examples": EACH}}, "stateful": {"enabled": False}},
        }
    )


def failures(event: events.ScenarioFinished) -> Any:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                where = event.recorder.cases[case_id].value.operation.label
                yield (
                    f"{where} {type(check.failure_info.failure).__name__}",
                    f"{check.failure_info.failure}\n{check.failure_info.code_sample}",
                )
