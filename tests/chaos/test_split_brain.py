"""A sample of split brain; the soak has every kind of trouble many times."""

from pathlib import Path

import pytest

from tests.chaos.split_brain import SplitBrain

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

SEED, EVENTS, SYMBOLS = 7, 4, 4
SLACK = 10.0
"""Seconds: other tests run beside this one. The soak holds takeovers to their bounds."""


def test_one_epoch_writes_at_a_time_whatever_happens_to_two_instances(tmp_path: Path) -> None:
    lived = SplitBrain(tmp_path, SEED, EVENTS, SYMBOLS, lambda line: print(line, flush=True), SLACK).run()
    assert lived.events.total() == EVENTS
    assert lived.epochs == sorted(set(lived.epochs))
    assert len(lived.epochs) > 1
