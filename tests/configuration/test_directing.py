"""What is wanted of an instance: by what was decided, by the command line, and by its own options."""

from types import SimpleNamespace

import pytest

from livermore.directing import LONGEST_HANDOVER, Order, wanted
from livermore.lifecycle_machine import Want

BEGAN, NOW = 1_000_000, 2_000_000
HERE = "host:1:now"
RUN, PAUSE, REST = Want.RUN, Want.PAUSE, Want.REST


@pytest.mark.parametrize(
    ("order", "by_itself", "not_by_itself"),
    [
        (None, RUN, REST),
        (Order("stop"), REST, REST),
        (Order("pause", "another"), PAUSE, REST),
        (Order("pause", HERE), PAUSE, PAUSE),
        (Order("run", "another"), RUN, REST),
        (Order("run", HERE), RUN, RUN),
        (Order("handover", HERE, NOW), REST, REST),
        (Order("handover", "another", NOW), RUN, REST),
        (Order("handover", HERE, NOW - LONGEST_HANDOVER), RUN, REST),
    ],
    ids=str,
)
def test_what_was_decided_prevails_over_what_an_instance_would_do(
    order: Order | None, by_itself: Want, not_by_itself: Want
) -> None:
    for autostart, expected in ((True, by_itself), (False, not_by_itself)):
        means = SimpleNamespace(autostart=autostart, override=False)
        assert wanted(order, HERE, means, BEGAN, NOW) is expected


@pytest.mark.parametrize("autostart", [True, False])
@pytest.mark.parametrize("do", ["stop", "pause", "run"])
def test_the_command_line_prevails_over_what_was_decided_before_the_process_began(autostart: bool, do: str) -> None:
    means = SimpleNamespace(autostart=autostart, override=True)
    assert wanted(Order(do, HERE, BEGAN - 1), HERE, means, BEGAN, NOW) is (RUN if autostart else REST)
    later = Order(do, HERE, BEGAN)
    assert wanted(later, HERE, means, BEGAN, NOW) is {"stop": REST, "pause": PAUSE, "run": RUN}[do]
