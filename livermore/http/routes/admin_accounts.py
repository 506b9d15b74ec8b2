"""The admin API of users' accounts at exchanges: what they have set up, by the names of variables only."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import structlog
from pydantic import Field
from sqlalchemy import Connection

from livermore.http.answer import Answer, of_data
from livermore.http.parameters import ExchangeName, Parameters, number
from livermore.http.refusal import Refusal, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin_exchanges import EXCHANGES
from livermore.http.variables import ABOUT, Variable, is_set
from livermore.store import user_exchanges
from livermore.store.user_exchanges import Account, NoSuchThing, SetUpAlready, Wanted

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

T = TypeVar("T")

ACCOUNTS = f"{EXCHANGES}/accounts"
TAG = "Accounts"
MOST = 999_999_999

Shown = Annotated[str, Field(min_length=1, max_length=100)]
Further = Annotated[list[Variable], Field(max_length=3)]
Number = Annotated[int, Field(ge=1, le=MOST, strict=True, description="The user's number")]

_ACCOUNT = {
    "id": 1, "user": 1, "exchange": "coinbase", "display_name": "Mine", "is_default": True, "is_active": True,
    "api_key_env_var": "Coinbase_ApiKeyId", "api_secret_env_var": "Coinbase_EcPrivateKeyPem",
    "additional_env_vars": [], "has_credentials": True,
}  # fmt: skip


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
        "has_credentials": all(map(is_set, one.variables)),
    }


ROUTES = [
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
        Document(TAG, "Set an exchange up", ABOUT, example=_ACCOUNT, also=(404, 409), operation="set_up_exchange"),
        methods=("POST",),
        body=True,
    ),
    Route(
        f"{ACCOUNTS}/{{id}}",
        AccountParameters,
        change,
        Access.ADMIN,
        Document(TAG, "Change what is set up", ABOUT, example=_ACCOUNT, also=(404,), operation="change_account"),
        methods=("PATCH",),
        body=True,
    ),
]
