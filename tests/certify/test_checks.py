"""The checks of foreign clients can fail."""

import pytest

from tests.certify.checks import Checks


def ended(checks: Checks) -> int:
    with pytest.raises(SystemExit) as end:
        checks.end()
    assert isinstance(end.value.code, int)
    return end.value.code


def test_all_is_well_only_if_every_check_holds(capsys):
    checks = Checks()
    checks.expect("one", holds=True, found=5)
    checks.equal("two", [1, 2], [1, 2])
    assert ended(checks) == 0
    assert capsys.readouterr().out == "ok   one: 5\nok   two: 2 equal the truth\n"


@pytest.mark.parametrize(("found", "true"), [([1, 3], [1, 2]), ([1], [1, 2]), ([1, 2], [1]), ([], [])])
def test_what_differs_from_the_truth_or_is_not_there_at_all_fails(found, true, capsys):
    checks = Checks()
    checks.equal("candles", found, true)
    checks.expect("another", holds=True)
    assert ended(checks) == 1
    assert capsys.readouterr().out.startswith(f"FAIL candles: {len(found)} read, {len(true)} true")


def test_what_a_client_raises_is_its_verdict_and_the_next_check_is_made(capsys):
    checks = Checks()
    with checks.together("trades"):
        raise KeyError("client_id")
    checks.expect("another", holds=True)
    assert ended(checks) == 1
    assert capsys.readouterr().out == "FAIL trades: KeyError: 'client_id'\nok   another\n"
