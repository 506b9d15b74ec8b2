"""Twenty thousand cases that Schemathesis makes of the public API's document, ten thousand in each mode."""

import time
from collections import Counter

import pytest

from livermore.http.bounds import Bounds
from livermore.store.settings import DatabasePlace
from tests.http.examiner import Findings, examine, inhabited
from tests.http.world import EXCHANGE, PUBLIC, TOKEN, a_world
from tests.soak.table import write
from tests.support.valkey import Valkey

SEED = 1
EACH = 700
LEAST = 10_000
HEADER = ["routes of", "seed", "cases", "pages by cursor", "answers", "wall seconds", "faults"]
ABOUT = (
    "Schemathesis against a front that listens, over a real Valkey and SQLite: cases made from the front's own OpenAPI "
    "document (its examples, its bounds, at random, and chains along its links), with good data and with bad. Each "
    "answer is held against the document: status, form, headers; no fault of the server's, nothing without a key, good "
    "data taken and bad data refused. OPTIONS answers 204; the stream answers 426 to what does not upgrade."
)


@pytest.mark.timeout(7200)
def test_no_answer_contradicts_the_document(valkey_server: Valkey, sqlite: DatabasePlace) -> None:
    rows = []
    for seed, (mode, words) in enumerate({"pw-host": PUBLIC, "exchange": EXCHANGE}.items(), SEED):
        valkey_server.flush()
        begun = time.monotonic()
        with a_world(valkey_server.place, sqlite, Bounds(), routes=words, admin={"token": TOKEN}) as world:
            inhabited(world)
            found = examine(world, seed, EACH)
        print(mode, found)
        rows.append([mode, *row(found, time.monotonic() - begun)])
        assert found.faults == {}
        assert found.cases >= LEAST
        assert found.pages > 0
    write("examined", "The public API examined", ABOUT, HEADER, rows)


def row(found: Findings, seconds: float) -> list[str]:
    """What there is to say of an examination."""
    statuses = Counter[int]()
    for (_, status), times in found.answers.items():
        statuses[status] += times
    told = ", ".join(f"{times} of {status}" for status, times in sorted(statuses.items()))
    return [str(found.seed), str(found.cases), str(found.pages), told, f"{seconds:.0f}", str(len(found.faults))]
