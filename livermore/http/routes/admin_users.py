"""The admin API of users: who asks, who there is, and giving roles and taking access away."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import structlog
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from livermore.http import admin_examples as examples
from livermore.http.admin_schemas import MeItem, UserItem, UserPage
from livermore.http.answer import Answer, of_model
from livermore.http.cursor import seal, unseal
from livermore.http.parameters import Cursor, Parameters, count
from livermore.http.refusal import Refusal, bad_parameter, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.market.instant import iso
from livermore.store import users
from livermore.store.users import LastAdmin, NoSuchUser, Role, User

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

T = TypeVar("T")

USERS = f"{ADMIN}/users"
ME = "me"
SCOPE = ("users",)
UserNumber = Annotated[
    str,
    StringConstraints(pattern=r"^(me|[1-9][0-9]{0,15})$"),
    Field(description="The number of a user, or `me` for whoever asks"),
]


class UsersParameters(Parameters):
    """Which page."""

    limit: count(200) = 100  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


class UserParameters(Parameters):
    """Which user."""

    id: UserNumber


class ChangeParameters(UserParameters):
    """What is to be another than it is; what is left out stays."""

    role: Role | None = Field(None, description="Only admins may use this API")
    is_active: bool | None = Field(None, strict=True, description="Whether there is any access at all")


async def me(front: "Front", asked: Parameters) -> Answer:
    """Who asks."""
    who = asked.administrator
    user = None
    if who.user_id is not None:
        user = shown(await front.database.run_aside(partial(users.numbered, user_id=who.user_id)))
    until = None if who.until is None else iso(who.until)
    return of_model(MeItem(identity=who.identity, name=who.name, until=until, user=user))


async def everybody(front: "Front", asked: UsersParameters) -> Answer:
    """One page of the users."""
    after = unseal(SCOPE, asked.cursor, int) if asked.cursor is not None else 0
    found = await front.database.run_aside(partial(users.page, after=after, limit=asked.limit + 1))
    rows = found[: asked.limit]
    cursor = seal(SCOPE, rows[-1].id) if len(found) > asked.limit else None
    return of_model(UserPage(data=[shown(one) for one in rows], next_cursor=cursor))


async def change(front: "Front", asked: ChangeParameters) -> Answer:
    """Give a user another role, or take access away or give it back; it holds from the next request on."""
    if asked.role is None and asked.is_active is None:
        raise bad_parameter("role", "expected role, is_active or both")
    number, now = number_of(asked), front.clock.wall()
    work = partial(users.change, user_id=number, now=now, role=asked.role, is_active=asked.is_active)
    try:
        user = await done(front, work)
    except LastAdmin as error:
        raise Refusal(409, "This is the last admin among the users: make another one first") from error
    _log.info("a user was changed", user=user.id, role=user.role, active=user.is_active)
    return of_model(shown(user))


async def done(front: "Front", work: Callable[[Connection], T]) -> T:
    """What this work on a user gives.

    Raises:
        Refusal: there is no such user.
    """
    try:
        return await front.database.run_aside(work)
    except NoSuchUser as error:
        raise not_found("User", "id") from error


def number_of(asked: UserParameters) -> int:
    """The number of the user who is meant.

    Raises:
        Refusal: it is whoever asks, and nobody knows who that is.
    """
    if asked.id != ME:
        return int(asked.id)
    if asked.administrator.user_id is None:
        raise bad_parameter("id", "the admin token is no user: expected the number of one")
    return asked.administrator.user_id


def shown(user: User) -> UserItem:
    """A user as the API shows one."""
    times: dict[str, Any] = {name: at and iso(at) for name, at in user._asdict().items() if name.endswith("_at")}
    return UserItem(**user._asdict() | times)


ROUTES = [
    Route(
        f"{ADMIN}/me", Parameters, me, Access.ADMIN, Document("Users", "Who asks", model=MeItem, example=examples.ME)
    ),
    Route(
        USERS,
        UsersParameters,
        everybody,
        Access.ADMIN,
        Document("Users", "Everybody, in the order in which they came", model=UserPage, example=examples.USERS),
    ),
    Route(
        f"{USERS}/{{id}}",
        ChangeParameters,
        change,
        Access.ADMIN,
        Document(
            "Users",
            "Give a role, or take access away",
            "It holds from the next request on; open streams end within a heartbeat. Of the last admin among the users "
            "neither can be taken: 409.",
            UserItem,
            examples.USER,
            also=(404, 409),
        ),
        methods=("PATCH",),
        body=True,
    ),
]
