"""`livermore alerts retry`, as an operator types it beside an instance with its variables."""

from pathlib import Path

import pytest

from livermore.store import notices
from livermore.store.notices import Dead, Letter
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.notices.examples import alert
from tests.support.leases import KEYS
from tests.support.processes import livermore
from tests.support.site import make_site
from tests.support.valkey import Valkey

pytestmark = pytest.mark.system


def test_dead_letters_go_back_to_the_targets_that_there_are_one_alert_or_all(
    empty_valkey: Valkey, sqlite: DatabasePlace, tmp_path: Path
) -> None:
    site = make_site(tmp_path, empty_valkey.place, sqlite, speed=1)
    store = RedisStore(empty_valkey.place)
    store.run(notices.add_targets(KEYS, ["discord", "hook"]))
    for number, target in ((1, "discord"), (1, "hook"), (2, "hook"), (3, "gone")):
        letter = Letter(alert(number), 5, 9, "the answer is 404")
        store.run(notices.postpone(KEYS, target, letter, 5))
        store.run(notices.give_up(KEYS, Dead(target, 6, letter)))

    def retry(*words: str) -> list[str]:
        answer = livermore("alerts", "retry", *words, folder=tmp_path, variables=site.variables)
        assert (answer.returncode, answer.stderr) == (0, "")
        return sorted(answer.stdout.splitlines())

    def line(number: int, target: str, then: str) -> str:
        return f"{alert(number).id}  {target}  BTC-USD 1m level_150: the answer is 404; {then}"

    again, stays = "it is tried again", "it stays, for there is no such target any more"
    assert retry(alert(1).id) == [line(1, "discord", again), line(1, "hook", again)]
    assert store.run(notices.waiting(KEYS, "discord")) == store.run(notices.waiting(KEYS, "hook")) == 1
    assert retry() == [line(2, "hook", again), line(3, "gone", stays)]
    assert [(dead.target, dead.at) for _, dead in store.run(notices.dead(KEYS))] == [("gone", 6)]
    assert {(letter.attempts, letter.error) for letter in store.run(notices.letters(KEYS, "hook"))} == {(0, "")}
    store.close()
