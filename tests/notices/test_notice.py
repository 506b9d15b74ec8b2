"""What people read."""

import msgspec
import pytest

from livermore.notices.notice import Notice, price_text
from livermore.notices.sample import sample
from tests.notices.examples import LEVEL, REVERSAL


def test_the_title_of_a_level_says_symbol_side_level_and_timeframe() -> None:
    assert Notice(LEVEL).title == "BTC-USD above +150 on 1m"
    down = msgspec.structs.replace(LEVEL, label="level_-200", details={"level": -200})
    assert Notice(down, ("simulated", "test")).title == "[simulated] [test] BTC-USD below -200 on 1m"


def test_the_title_of_a_reversal_says_direction_and_zone() -> None:
    assert Notice(REVERSAL).title == "BTC-USD bullish reversal from oversold on 1m"
    details = {**REVERSAL.details, "zone": "overbought"}
    over = msgspec.structs.replace(REVERSAL, label="reversal_overbought", details=details)
    assert Notice(over).title == "BTC-USD bearish reversal from overbought on 1m"


def test_the_title_of_another_rule_is_its_label() -> None:
    other = msgspec.structs.replace(LEVEL, label="moon_full", details={})
    assert Notice(other).title == "BTC-USD moon full on 1m"


@pytest.mark.parametrize(
    ("details", "title"),
    [
        ({"price": "60000", "direction": "up"}, "BTC-USD above 60,000.00 on 1m"),
        ({"price": "0.0525", "direction": "down"}, "BTC-USD below 0.0525 on 1m"),
        ({"stage": "rallying", "before": "ranging"}, "BTC-USD rallying after ranging on 1m"),
    ],
)
def test_the_title_of_a_price_or_a_stage_says_which_it_was(details: dict[str, str], title: str) -> None:
    assert Notice(msgspec.structs.replace(LEVEL, label="other", details=details)).title == title


def test_values_are_signed_and_have_one_decimal() -> None:
    assert Notice(LEVEL).values == "MACD-V **+151.3**"
    assert Notice(REVERSAL).values == "MACD-V **-201.0** | Histogram **+12.4** | Buffer **10.1** (5 %)"


def test_the_table_has_three_lines_with_whole_numbers_of_six_timeframes() -> None:
    assert Notice(LEVEL).table == " 1m  +151    5m    +0\n15m     -    1h     -\n 4h     -    1d -1234"
    assert Notice(REVERSAL).table.count("-") == 6  # an old alert that does not know them


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("1234567.891", "1,234,567.89"), ("1", "1.00"), ("0.99999", "1.0000"), ("0.01", "0.0100"),
        ("0.009999", "0.009999"), ("0.0001", "0.000100"), ("0.00009999", "0.00009999"), ("0.00000001", "0.00000001"),
        ("0", "0.00000000"),
    ],
)  # fmt: skip
def test_a_price_has_as_many_decimals_as_its_size_asks_for(price: str, text: str) -> None:
    assert price_text(price) == text


def test_the_plain_form_has_all_of_it() -> None:
    plain = Notice(LEVEL).plain
    for part in ("MACD-V +151.3", " 1m  +151", "Bias: Bearish", "Price: 65,000.50", "coinbase", LEVEL.id):
        assert part in plain
    assert "*" not in plain


def test_a_sample_says_that_it_is_one_and_looks_as_any_other() -> None:
    notice = sample("test-1", "coinbase", 1_700_000_000_000)
    assert notice.title == "[test] TEST-USD above +150 on 1m"
    assert (notice.alert.id, notice.bias) == ("test-1", "Bullish")
    assert "-" in notice.table
