"""Names of keys: all keys of one exchange in one slot of a cluster, those of different exchanges apart."""

import re

import pytest
from redis.crc import key_slot

from livermore.market.timeframe import Timeframe
from livermore.store.keys import Keys, activity
from tests.support.candles import BTC


def names(exchange_id: int) -> dict[str, str]:
    keys = Keys(exchange_id)
    plain = {name: value for name, value in vars(keys).items() if isinstance(value, str) and not name.startswith("_")}
    made = {
        "candles": keys.candles(BTC),
        "indicator": keys.indicator(BTC, "macd-v"),
        "trail": keys.trail(BTC, "macd-v"),
        "ticker": keys.ticker("BTC-USD"),
        "rest": keys.rest("2001:db8::1"),
        "dead notices": keys.notices("dead"),
        "letters": keys.notices("letters", "discord"),
    }
    return {**plain, **made}


def test_the_braces_are_literal() -> None:
    assert names(7)["candles"] == "candles:{7}:BTC-USD:1m"
    assert names(7)["events"] == "events:{7}"
    assert names(7)["outbox"] == "alerts:{7}:outbox"
    assert names(7)["lease"] == "exchange:{7}:lease"
    assert names(7)["indicator"] == "indicator:{7}:BTC-USD:1m:macd-v"


@pytest.mark.parametrize("exchange_id", [1, 12])
def test_all_keys_of_an_exchange_have_one_hash_tag_and_one_slot(exchange_id: int) -> None:
    made = names(exchange_id)
    assert {tag for name in made.values() for tag in re.findall(r"\{.*?\}", name)} == {f"{{{exchange_id}}}"}
    assert {key_slot(name.encode()) for name in made.values()} == {key_slot(str(exchange_id).encode())}


def test_no_two_keys_are_the_same() -> None:
    made = [*names(1).values(), *names(2).values(), *(Keys(1).candles(BTC._replace(timeframe=t)) for t in Timeframe)]
    assert len(made) - len(set(made)) == 1  # the one-minute candles of exchange 1 are there twice


def test_the_activity_log_goes_by_the_name_of_the_exchange() -> None:
    assert activity("coinbase") == "logs:network:coinbase"
