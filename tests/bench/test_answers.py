"""The benchmark of answers: front and reference say the same, each in its own process, whose CPU is counted."""

import urllib.request
from collections.abc import Iterator

import pytest

from bench import answers
from bench.harness import cpu_of
from bench.load import Load


@pytest.fixture(scope="module")
def both() -> Iterator[answers.Both]:
    with answers.both(past=120, warm=8) as made:
        yield made


def test_the_reference_writes_what_the_front_answers_and_both_answer_all_that_is_asked(both: answers.Both) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{both.bare.port}/", timeout=10) as answer:
        body = answer.read()
    assert body.startswith(b'{"success":true,"data":[{')
    assert body.count(b'"timestamp"') == 100
    before = cpu_of(both.front.pid), cpu_of(both.bare.pid)
    assert len(both.ours.ask(40)) == 40
    between = cpu_of(both.front.pid), cpu_of(both.bare.pid)
    assert len(both.theirs.ask(40)) == 40
    assert between[0] > before[0]
    assert cpu_of(both.bare.pid) > between[1]


def test_an_answer_that_is_none_ends_the_measurement(both: answers.Both) -> None:
    load = Load(both.front.port, answers.PATH, connections=2)
    with pytest.raises(RuntimeError, match="401"):
        load.ask(2)
    load.end()
