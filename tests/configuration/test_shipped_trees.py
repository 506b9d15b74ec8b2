"""Tests of the trees that are shipped: which variables each mode needs and for whom, and what it starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from livermore.errors import ConfigurationError
from livermore.supervision.spec import ActorSpec, actors
from livermore.tree_file import TreeFile

ROOT = Path(__file__).parents[2]
SHIPPED = TreeFile(ROOT / "supervisors.yaml")
LOCAL = TreeFile(ROOT / "supervisors.local.yaml")

REDIS = {"LIVERMORE_REDIS_URL": "stores", "LIVERMORE_REDIS_SECRET": "stores"}
DATABASE = {
    "DATABASE_HOST": "stores",
    "DATABASE_LIVERMORE_USERNAME": "stores",
    "DATABASE_LIVERMORE_PASSWORD": "stores",
    "LIVERMORE_DATABASE_NAME": "stores",
}
CLERK = {"CLERK_PUBLISHABLE_KEY": "http_front", "CLERK_SECRET_KEY": "http_front"}
DISCORD = {"DISCORD_LIVERMORE_BOT": "coinbase/delivery/notifier"}
FEED = "coinbase/writer/pipeline/exchange_feed"
COINBASE = {"Coinbase_ApiKeyId": FEED, "Coinbase_EcPrivateKeyPem": FEED}
EVERYTHING = {
    "LIVERMORE_REDIS_URL": "redis://localhost",
    "DATABASE_URL": "sqlite:///x",
    "LIVERMORE_ADMIN_TOKEN": "t",
    "DISCORD_LIVERMORE_BOT": "https://discord.invalid/webhook",
    "Coinbase_ApiKeyId": "k",
    "Coinbase_EcPrivateKeyPem": "p",
}


def needed(mode: str, **variables: str) -> dict[str, str]:
    """Every variable that is missing, and who needs it."""
    with pytest.raises(ConfigurationError) as refused:
        SHIPPED.tree(mode, variables)
    said = [problem for problem in refused.value.problems if problem.code == "E_VARIABLE"]
    assert said == refused.value.problems
    words = [str(problem).split(": ", 1)[1].split() for problem in said]
    return {word[4].rstrip(","): word[0] for word in words}


def test_exchange_mode_needs_stores_and_the_secrets_of_exchange_clerk_and_discord() -> None:
    assert needed("exchange") == REDIS | DATABASE | CLERK | DISCORD | COINBASE


def test_pw_host_needs_its_stores_and_nothing_else() -> None:
    assert needed("pw-host") == REDIS | DATABASE


@pytest.mark.parametrize("url", ["redis://r:1/0", "rediss://:secret@r", "unix:///run/redis.sock"])
def test_a_full_redis_url_needs_neither_port_nor_secret(url: str) -> None:
    assert needed("pw-host", LIVERMORE_REDIS_URL=url) == DATABASE


def test_a_redis_host_needs_its_secret_and_has_a_port_by_default() -> None:
    assert needed("pw-host", LIVERMORE_REDIS_URL="redis.local") == {"LIVERMORE_REDIS_SECRET": "stores"} | DATABASE


def test_a_database_url_needs_none_of_the_five_others() -> None:
    assert needed("pw-host", DATABASE_URL="sqlite:///x") == REDIS


def test_an_admin_token_needs_no_clerk() -> None:
    assert needed("exchange", LIVERMORE_ADMIN_TOKEN="t") == REDIS | DATABASE | DISCORD | COINBASE


def test_half_of_clerk_is_not_enough() -> None:
    missing = needed("exchange", CLERK_PUBLISHABLE_KEY="k")
    assert missing == REDIS | DATABASE | DISCORD | COINBASE | {"CLERK_SECRET_KEY": "http_front"}


def test_an_empty_variable_is_missing() -> None:
    assert needed("pw-host", LIVERMORE_REDIS_URL="", DATABASE_URL="") == REDIS | DATABASE


@pytest.mark.parametrize("mode", ["exchange", "pw-host"])
def test_with_its_variables_a_mode_is_sound(mode: str) -> None:
    stores = SHIPPED.tree(mode, EVERYTHING).sections["stores"]
    assert (stores.redis.url, stores.database.full_url) == ("redis://localhost", "sqlite:///x")


def test_exchange_mode_starts_consumers_before_producers() -> None:
    order = [spec.path for spec in actors(SHIPPED.tree("exchange", EVERYTHING).root)]
    pipeline = [
        "alert_evaluator",
        "indicator_calculator",
        "boundary_poller",
        "auditor",
        "sweeper",
        "position_keeper",
        "exchange_feed",
        "symbol_source",
    ]
    assert order[0] == "http_front"
    assert [path for path in order if "/pipeline/" in path] == [f"coinbase/writer/pipeline/{id_}" for id_ in pipeline]
    assert order.index("coinbase/delivery/notifier") < order.index("coinbase/writer/instance")


def test_pw_host_is_the_front_and_nothing_else() -> None:
    assert [spec.path for spec in actors(SHIPPED.tree("pw-host", EVERYTHING).root)] == ["http_front"]


def test_the_front_listens_where_it_is_told() -> None:
    def listen(**variables: str) -> str | None:
        front = SHIPPED.tree("pw-host", EVERYTHING | variables).root.children[0]
        assert isinstance(front, ActorSpec)
        return front.keys.listen

    assert listen() == "127.0.0.1:4000"
    assert listen(API_HOST="0.0.0.0", API_PORT="80") == "0.0.0.0:80"


def test_an_unknown_mode_is_refused_with_both_there_are() -> None:
    with pytest.raises(ConfigurationError, match="expected exchange or pw-host; found 'pwhost'"):
        SHIPPED.tree("pwhost", EVERYTHING)


def test_a_wrong_value_is_told_by_the_name_of_its_variable_only() -> None:
    with pytest.raises(ConfigurationError) as refused:
        SHIPPED.tree("exchange", EVERYTHING | {"DISCORD_LIVERMORE_BOT": "hush-hush", "API_PORT": "hush-hush"})
    assert "DISCORD_LIVERMORE_BOT" in str(refused.value)
    assert "API_PORT" in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("file", [SHIPPED, LOCAL], ids=["shipped", "local"])
def test_all_modes_can_be_checked_without_any_variable(file: TreeFile) -> None:
    for mode in file.modes():
        assert file.tree(mode, {}, need_variables=False).root.children


def test_the_keyless_tree_needs_no_variable_but_the_token_that_is_made_for_it() -> None:
    assert LOCAL.tree("exchange", {"LIVERMORE_ADMIN_TOKEN": "made"})
    assert LOCAL.embedded("exchange", {}) is not None


@pytest.mark.parametrize("name", ["supervisors.yaml", "supervisors.local.yaml"])
def test_the_package_carries_the_same_file(name: str) -> None:
    assert (ROOT / "livermore" / name).read_bytes() == (ROOT / name).read_bytes()


def test_for_pw_host_nothing_of_the_pipeline_is_imported() -> None:
    program = """
import sys
from pathlib import Path
from livermore.tree_file import TreeFile
TreeFile(Path("supervisors.yaml")).tree("pw-host", {"LIVERMORE_REDIS_URL": "redis://r", "DATABASE_URL": "sqlite:///x"})
print(*sorted(name for name in sys.modules if name.startswith("livermore.")))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = run.stdout.split()
    assert [name for name in imported if name.startswith("livermore.actors.")] == ["livermore.actors.http_front"]
    strangers = (
        "livermore.exchanges",
        "livermore.indicators",
        "livermore.alerts",
        "livermore.net",
        "livermore.simulator",
    )
    assert [name for name in imported if name.startswith(strangers)] == []


TWO = TreeFile(ROOT / "deploy" / "examples" / "two-exchanges.yaml")
"""An example, which the tests of the system run."""


def test_the_example_of_two_exchanges_is_sound_and_has_the_same_pipeline_twice_as_the_shipped_tree_has_once() -> None:
    def below(file: TreeFile, exchange: str) -> list[tuple[str, str]]:
        found = actors(file.tree("exchange", EVERYTHING).root)
        return [(spec.path.partition("/")[2], type(spec.options).__name__) for spec in found if exchange in spec.path]

    assert below(TWO, "coinbase/") == below(TWO, "binance/") == below(SHIPPED, "coinbase/")
    assert not TWO.tree("exchange", EVERYTHING).warnings
    assert TWO.tree("pw-host", EVERYTHING).root.children


def test_in_the_example_of_two_exchanges_each_actor_is_of_its_own_and_tells_none_of_the_others() -> None:
    for spec in actors(TWO.tree("exchange", EVERYTHING).root):
        own = spec.path.partition("/")[0]
        assert own == "http_front" or getattr(spec.options, "exchange", own) == own
        assert {target.path.partition("/")[0] for target in spec.targets} <= {own}


def test_the_example_of_two_exchanges_serves_what_the_shipped_tree_serves() -> None:
    def front(file: TreeFile, mode: str) -> set[str]:
        (found,) = (spec for spec in actors(file.tree(mode, EVERYTHING).root) if spec.path == "http_front")
        return set(found.options.routes)

    for mode in ("exchange", "pw-host"):
        assert front(TWO, mode) == front(SHIPPED, mode)
