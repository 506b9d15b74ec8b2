"""Every piece of work that the stores do in SQL, done once: what a front does, and what only writers do."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, insert

from livermore.market.holding import Holding
from livermore.market.product import Product
from livermore.store import (
    alert_history,
    api_keys,
    audit_log,
    catalogue,
    catalogue_book,
    directives,
    epochs,
    exchange_book,
    fired,
    key_book,
    key_usage,
    old_rows,
    positions,
    profiles,
    registry,
    tables,
    user_exchanges,
    users,
)
from livermore.store.alert_history import Filter
from livermore.store.audit_log import Deed
from livermore.store.audit_log import Wanted as Deeds
from livermore.store.directives import Directive
from livermore.store.key_usage import Use, day_of
from livermore.store.notices import Delivered
from livermore.store.old_rows import Limits
from livermore.store.positions import Valued
from livermore.store.profiles import Profile
from livermore.store.user_exchanges import Wanted
from tests.architecture.sources import name_of, sources
from tests.store.test_alert_history import alert

Work = Callable[[Connection], Any]

AT = 1_700_000_000_000
KEY = api_keys.generate()
KEY_ID = KEY.split("_")[1]
OTHER = api_keys.generate()
OTHER_ID = OTHER.split("_")[1]
ALERT = alert()
PRODUCT = Product("BTC-USD", "BTC", "USD", "100", "12.5", "1250", "0.01", "0.0001", online=True, trade_count24h=7)
PROFILE = Profile("user_2abc", "Ann@example.com", verified=True, display_name=None, picture_url=None, last_login_at=AT)
DEED = Deed(AT, "token", None, "somebody", "POST /admin/v1/keys", {"name": "x"}, "127.0.0.1", "r")
HELD = [Valued(Holding(one, "1.5", "1"), "100.01") for one in ("BTC", "ETH")]


def _add_a_user(connection: Connection) -> None:
    """Somebody who can set something up."""
    row = {"username": "ada", "email": "ada@example.org", "settings": {}, "created_at": AT, "updated_at": AT}
    connection.execute(insert(tables.users).values(**row))


WRITERS: Sequence["partial[Any]"] = (
    partial(catalogue.refresh, exchange_id=1, products=[PRODUCT], watched=["BTC-USD"], at=AT),
    partial(catalogue.refresh, exchange_id=1, products=[PRODUCT], watched=["BTC-USD"], at=AT + 1),
    partial(catalogue.watched_since, exchange_id=1, symbol="BTC-USD"),
    partial(catalogue.listed, exchange_id=1, symbols=["BTC-USD", "NO-USD"]),
    partial(directives.keep, exchange_id=1, name="lifecycle", directive=Directive({"do": "stop"}, "somebody", AT)),
    partial(directives.keep, exchange_id=1, name="lifecycle", directive=Directive({"do": "run"}, "somebody", AT)),
    partial(directives.kept_of, exchange_id=1),
    partial(epochs.owner, exchange_id=1),
    partial(epochs.current, exchange_id=1),
    partial(epochs.draw, exchange_id=1, after=0, owner="{}", since=AT),
    partial(epochs.draw, exchange_id=1, after=1, owner="{}", since=AT),
    partial(alert_history.record, exchange_id=1, alert=ALERT),
    partial(alert_history.notified, said=Delivered(ALERT.id, "discord", "it was refused")),
    partial(alert_history.notified, said=Delivered(ALERT.id, "discord", None)),
    partial(fired.of_symbol, exchange_id=1, symbol="BTC-USD"),
    partial(fired.recorded_to, exchange_id=1),
    partial(positions.sync, exchange_id=4, exchange="kraken", valued=HELD, at=AT),
    partial(positions.sync, exchange_id=4, exchange="kraken", valued=HELD[1:], at=AT + 1),
    *(partial(old_rows.oldest, rows=rows) for rows in old_rows.TABLES),
    *(partial(old_rows.remove, rows=rows, limits=Limits(0, AT, 1000)) for rows in old_rows.TABLES),
    partial(audit_log.begin, deed=DEED),  # without a log nothing is changed: a front waits with that for the upgrade
    partial(audit_log.end, number=1, status=201),
)
FRONTS: Sequence["partial[Any]"] = (
    partial(api_keys.create, name="a key", now=AT, key=KEY),
    partial(registry.all_exchanges),
    partial(registry.named, name="coinbase"),
    partial(api_keys.find, key_id=KEY_ID),
    partial(api_keys.create, name="another", now=AT, key=OTHER),
    partial(key_usage.add, uses=[Use(KEY_ID, day_of(AT), 3, AT)]),
    partial(key_usage.today, key_id=KEY_ID, day=day_of(AT)),
    partial(key_book.listed, now=AT),
    partial(key_book.state, key_id=KEY_ID, now=AT),
    partial(key_book.rotate, key_id=OTHER_ID, now=AT, overlap=1000),
    partial(key_book.revoke, key_id=OTHER_ID),
    partial(catalogue.page, exchange=None, after=0, limit=10),
    partial(catalogue.page, exchange="coinbase", after=0, limit=10),
    partial(alert_history.page, wanted=Filter(), limit=10),
    partial(alert_history.page, wanted=Filter("coinbase", "BTC-USD", "1h", 9), limit=10),
    partial(alert_history.recorded, alert_id=ALERT.id),
    partial(alert_history.whole_page, wanted=Filter(), limit=10),
    partial(alert_history.whole_page, wanted=Filter("coinbase", "BTC-USD", "1h", 9, "level"), limit=10),
    partial(catalogue_book.page, exchange_id=1, which="all", offset=0, limit=10),
    partial(catalogue_book.page, exchange_id=1, which="active", offset=10, limit=10),
    partial(catalogue_book.page, exchange_id=1, which="watched", offset=0, limit=10),
    partial(catalogue_book.search, exchange_id=1, letters="BTC", limit=10),
    partial(catalogue_book.named, exchange_id=1, names=["BTC-USD", "BTCUSD"]),
    partial(catalogue_book.ranks, exchange_id=1, symbols=["BTC-USD"]),
    partial(exchange_book.facts),
    partial(_add_a_user),
    partial(user_exchanges.set_up, user_id=2, exchange="coinbase", wanted=Wanted("Mine", "A_KEY", "A_PEM"), now=AT),
    partial(user_exchanges.of_user, user_id=2),
    partial(user_exchanges.active),
    partial(user_exchanges.find, account_id=1),
    partial(user_exchanges.change, account_id=1, wanted=Wanted(display_name="Ours"), now=AT),
    partial(user_exchanges.make_default, account_id=1),
    partial(positions.held, exchange="kraken"),
    partial(positions.synced_at, exchange="kraken"),
    partial(positions.set_cost_basis, exchange="kraken", symbol="ETH", cost_basis="1.5"),
    partial(audit_log.page, wanted=Deeds(), limit=10),
    partial(audit_log.page, wanted=Deeds("token", "POST /admin/v1/keys", 9), limit=10),
    partial(users.add, values={"username": "bob", "email": "bob@example.com", "role": "admin"}, now=AT),
    partial(profiles.keep, profile=PROFILE, now=AT),
    partial(profiles.keep, profile=PROFILE, now=AT + 1),
    partial(users.of_clerk, clerk_id="user_2abc"),
    partial(users.named, text="ann@example.com"),
    partial(users.numbered, user_id=2),
    partial(users.page, after=0, limit=10),
    partial(users.change, user_id=2, now=AT, role="admin", is_active=True),
    partial(users.settings, user_id=2),
    partial(users.change_settings, user_id=2, how=dict, now=AT),
    partial(profiles.deactivate, clerk_id="user_2abc", now=AT),
)


def all_of_the_stores() -> Iterator[str]:
    """The names of all public functions that take a connection, but for those that look at the schema itself."""
    for path in sources("store"):
        name = name_of(path).removesuffix(".py").replace("/", ".")
        if name.startswith(("store.schema", "store.expansion", "store.migrations")):
            continue
        module = import_module(f"livermore.{name}")
        for function in vars(module).values():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not function.__name__.startswith("_") and _takes_a_connection(function):
                yield f"{module.__name__}.{function.__name__}"


def _takes_a_connection(function: Callable[..., Any]) -> bool:
    return any(parameter.annotation is Connection for parameter in inspect.signature(function).parameters.values())


def name(work: "partial[Any]") -> str:
    """As `all_of_the_stores` names it."""
    return f"{work.func.__module__}.{work.func.__name__}"
