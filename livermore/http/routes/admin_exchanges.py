"""The admin API of exchanges: what they are, who is busy with them, and which of them users have set up, by names only.

A credential is never taken, kept or shown: all of it goes by the names of environment variables.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import structlog
from pydantic import Field
from sqlalchemy import Connection

from livermore.environment import Environment
from livermore.errors import LivermoreError
from livermore.http.answer import Answer, of_data
from livermore.http.parameters import ExchangeName, Parameters, number
from livermore.http.refusal import Refusal, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.market.instant import iso
from livermore.store import exchange_book, status, user_exchanges
from livermore.store.exchange_book import Facts
from livermore.store.user_exchanges import Account, NoSuchThing, SetUpAlready, Wanted

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

T = TypeVar("T")

EXCHANGES = f"{ADMIN}/exchanges"
ACCOUNTS = f"{EXCHANGES}/accounts"
TAG = "Exchanges"
MOST = 999_999_999
DOTENV = Path(".env")
_PART = "[A-Z0-9][A-Za-z0-9]{0,23}"
NAME = rf"^[A-Z][A-Za-z0-9]{{0,23}}(_{_PART}){{1,7}}$"
"""Names as ``Coinbase_ApiKeyId`` and ``BINANCE_API_KEY``: words, so that hardly any credential looks like one."""

Variable = Annotated[str, Field(max_length=100, pattern=NAME, description="The name of a variable, never its value")]
Shown = Annotated[str, Field(min_length=1, max_length=100)]
Further = Annotated[list[Variable], Field(max_length=3)]
Number = Annotated[int, Field(ge=1, le=MOST, strict=True, description="The user's number")]

_EXCHANGE = {
    "id": 1, "exchange": "coinbase", "display_name": "Coinbase", "timeframes": ["1m", "5m"],
    "fees": {"maker": 0.006, "taker": 0.012}, "geo_restrictions": None, "symbol_count": 700, "active_count": 100,
}  # fmt: skip
_ACCOUNT = {
    "id": 1, "user": 1, "exchange": "coinbase", "display_name": "Mine", "is_default": True, "is_active": True,
    "api_key_env_var": "Coinbase_ApiKeyId", "api_secret_env_var": "Coinbase_EcPrivateKeyPem",
    "additional_env_vars": [], "has_credentials": True,
}  # fmt: skip


class VariableParameters(Parameters):
    """Names to look for."""

    names: list[Variable] = Field(min_length=1, max_length=10)


class UserParameters(Parameters):
    """Whose accounts."""

    user: number(MOST, "The user's number")  # type: ignore[valid-type]  # a type that is made by a function


class NewAccountParameters(Parameters):
    """Which exchange, for whom, and where its credentials are."""

    user: Number
    exchange: ExchangeName
    api_key_env_var: Variable
    api_secret_env_var: Variable
    additional_env_vars: Further = []
    display_name: Shown | None = None


class AccountParameters(Parameters):
    """What is to be changed of an account; what is left out stays as it is."""

    id: number(MOST, "The account's number")  # type: ignore[valid-type]  # as above
    api_key_env_var: Variable | None = None
    api_secret_env_var: Variable | None = None
    additional_env_vars: Further | None = None
    display_name: Shown | None = None
    is_active: Annotated[bool, Field(strict=True)] | None = None
    is_default: Annotated[bool, Field(strict=True)] | None = None


async def exchanges(front: "Front", _: Parameters) -> Answer:
    """Every exchange, with what SQL knows of it."""
    found = await _facts(front)
    times = [one.refreshed_at for one in found if one.refreshed_at is not None]
    told = [_shown(one) | {"symbol_count": one.symbols, "active_count": one.watched} for one in found]
    return of_data({"exchanges": told, "last_refresh": iso(max(times)) if times else None})


async def statuses(front: "Front", _: Parameters) -> Answer:
    """Every exchange, whether somebody runs its pipeline now, and whether any user's credentials for it are there."""
    found, markets = await _facts(front), await front.directory.markets()
    held = await asyncio.gather(*(front.redis.run(status.read(market.keys)) for market in markets))
    busy = {market.name for market, one in zip(markets, held, strict=True) if one is not None}
    active = await front.database.run_aside(user_exchanges.active)
    ready = {one.exchange for one in active if all(map(_is_set, one.variables))}
    told = [_shown(one) | {"is_busy": one.name in busy, "has_credentials": one.name in ready} for one in found]
    return of_data({"exchanges": told})


async def variables(_: "Front", asked: VariableParameters) -> Answer:
    """Whether variables are set where this front runs; what is in them is not said."""
    return of_data({"variables": {name: _is_set(name) for name in asked.names}})


async def accounts(front: "Front", asked: UserParameters) -> Answer:
    """What a user has set up."""
    found = await front.database.run_aside(partial(user_exchanges.of_user, user_id=asked.user))
    return of_data({"accounts": [_account(one) for one in found]})


async def set_up(front: "Front", asked: NewAccountParameters) -> Answer:
    """Set an exchange up for a user; it becomes the user's only default."""
    await front.directory.market(asked.exchange)
    wanted = Wanted(
        asked.display_name, asked.api_key_env_var, asked.api_secret_env_var, tuple(asked.additional_env_vars)
    )
    now = front.clock.wall()
    work = partial(user_exchanges.set_up, user_id=asked.user, exchange=asked.exchange, wanted=wanted, now=now)
    made = await _done(front, work)
    _log.info("an exchange was set up", account=made.id, user=made.user_id, exchange=made.exchange)
    answer = of_data(_account(made))
    return Answer(answer.body, status=201)


async def change(front: "Front", asked: AccountParameters) -> Answer:
    """Change what a user has set up."""
    further = None if asked.additional_env_vars is None else tuple(asked.additional_env_vars)
    wanted = Wanted(
        asked.display_name, asked.api_key_env_var, asked.api_secret_env_var, further, is_active=asked.is_active
    )
    if asked.is_default is False:
        raise Refusal(400, "is_default: make another account the default instead", param="is_default")
    if asked.is_default and asked.is_active is False:
        raise Refusal(400, "is_default: an account that is not active is no default", param="is_default")
    changed = await _done(front, partial(_change, asked=asked, wanted=wanted, now=front.clock.wall()))
    _log.info("an exchange of a user was changed", account=changed.id, user=changed.user_id, exchange=changed.exchange)
    return of_data(_account(changed))


def _change(connection: Connection, asked: AccountParameters, wanted: Wanted, now: int) -> Account:
    user_exchanges.change(connection, asked.id, wanted, now)
    if asked.is_default:
        user_exchanges.make_default(connection, asked.id)
    return user_exchanges.find(connection, asked.id)


async def _done(front: "Front", work: Callable[[Connection], T]) -> T:
    try:
        return await front.database.run_aside(work)
    except NoSuchThing as error:
        raise not_found(error.what, "id" if error.what == "Account" else error.what.lower()) from error
    except SetUpAlready as error:
        raise Refusal(409, "This user has this exchange already", param="exchange") from error


async def _facts(front: "Front") -> list[Facts]:
    """Of those that this front shows."""
    shown = {market.name for market in await front.directory.markets()}
    return [one for one in await front.database.run_aside(exchange_book.facts) if one.name in shown]


def _shown(one: Facts) -> dict[str, Any]:
    return {
        "id": one.id,
        "exchange": one.name,
        "display_name": one.display_name,
        "timeframes": one.timeframes,
        "fees": one.fees,
        "geo_restrictions": one.geo_restrictions,
    }


def _account(one: Account) -> dict[str, Any]:
    key, secret, *further = one.variables
    return {
        "id": one.id,
        "user": one.user_id,
        "exchange": one.exchange,
        "display_name": one.display_name,
        "is_default": one.is_default,
        "is_active": one.is_active,
        "api_key_env_var": key,
        "api_secret_env_var": secret,
        "additional_env_vars": further,
        "has_credentials": all(map(_is_set, one.variables)),
    }


def _is_set(name: str) -> bool:
    """As the tree's own variables are looked up."""
    try:
        return bool(Environment(dotenv=DOTENV).get(name))
    except LivermoreError:
        return False  # it names a file that cannot be read


_ABOUT_VARIABLES = (
    "Credentials go by the names of environment variables alone. What does not look like a name is refused."
)

ROUTES = [
    Route(
        EXCHANGES,
        Parameters,
        exchanges,
        Access.ADMIN,
        Document(
            TAG,
            "Which exchanges there are",
            "`active_count` is how many symbols are watched.",
            example={"exchanges": [_EXCHANGE], "last_refresh": "2026-02-18T12:00:00.000Z"},
            operation="get_exchange_facts",
        ),
    ),
    Route(
        f"{EXCHANGES}/statuses",
        Parameters,
        statuses,
        Access.ADMIN,
        Document(
            TAG,
            "Which exchanges are busy",
            "`is_busy`: somebody runs its pipeline; `has_credentials`: some active account's variables are set.",
            example={
                "exchanges": [
                    {name: value for name, value in _EXCHANGE.items() if not name.endswith("_count")}
                    | {"is_busy": True, "has_credentials": True}
                ]
            },
            operation="get_exchange_statuses",
        ),
    ),
    Route(
        f"{EXCHANGES}/variables",
        VariableParameters,
        variables,
        Access.ADMIN,
        Document(
            TAG,
            "Whether variables are set",
            _ABOUT_VARIABLES,
            example={"variables": {"Coinbase_ApiKeyId": True}},
            operation="check_variables",
        ),
        methods=("POST",),
        body=True,
    ),
    Route(
        ACCOUNTS,
        UserParameters,
        accounts,
        Access.ADMIN,
        Document(TAG, "What a user has set up", example={"accounts": [_ACCOUNT]}, operation="get_accounts"),
    ),
    Route(
        ACCOUNTS,
        NewAccountParameters,
        set_up,
        Access.ADMIN,
        Document(
            TAG, "Set an exchange up", _ABOUT_VARIABLES, example=_ACCOUNT, also=(404, 409), operation="set_up_exchange"
        ),
        methods=("POST",),
        body=True,
    ),
    Route(
        f"{ACCOUNTS}/{{id}}",
        AccountParameters,
        change,
        Access.ADMIN,
        Document(
            TAG, "Change what is set up", _ABOUT_VARIABLES, example=_ACCOUNT, also=(404,), operation="change_account"
        ),
        methods=("PATCH",),
        body=True,
    ),
]
