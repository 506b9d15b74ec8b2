"""Every piece of work that the stores do in SQL, done once: what a front does, and what only writers do."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from sqlalchemy import Connection

from livermore.market.product import Product
from livermore.store import (
    alert_history,
    api_keys,
    audit_log,
    catalogue,
    epochs,
    fired,
    key_book,
    key_usage,
    profiles,
    registry,
    users,
)
from livermore.store.alert_history import Filter
from livermore.store.audit_log import Deed, Wanted
from livermore.store.key_usage import Use, day_of
from livermore.store.notices import Delivered
from livermore.store.profiles import Profile
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

WRITERS: Sequence["partial[Any]"] = (
    partial(catalogue.refresh, exchange_id=1, products=[PRODUCT], watched=["BTC-USD"], at=AT),
    partial(catalogue.refresh, exchange_id=1, products=[PRODUCT], watched=["BTC-USD"], at=AT + 1),
    partial(catalogue.watched_since, exchange_id=1, symbol="BTC-USD"),
    partial(epochs.current, exchange_id=1),
    partial(epochs.draw, exchange_id=1, after=0, owner="{}", since=AT),
    partial(epochs.draw, exchange_id=1, after=1, owner="{}", since=AT),
    partial(alert_history.record, exchange_id=1, alert=ALERT),
    partial(alert_history.notified, said=Delivered(ALERT.id, "discord", "it was refused")),
    partial(alert_history.notified, said=Delivered(ALERT.id, "discord", None)),
    partial(fired.of_symbol, exchange_id=1, symbol="BTC-USD"),
    partial(fired.recorded_to, exchange_id=1),
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
    partial(audit_log.page, wanted=Wanted(), limit=10),
    partial(audit_log.page, wanted=Wanted("token", "POST /admin/v1/keys", 9), limit=10),
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
