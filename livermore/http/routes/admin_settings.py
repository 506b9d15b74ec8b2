"""The admin API of a user's settings: read, replaced as a whole or at one place, taken away and brought back."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from livermore.http import admin_examples as examples
from livermore.http.admin_schemas import ExportedSettings
from livermore.http.answer import Answer, of_data
from livermore.http.parameters import invalid_parameter
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin_users import USERS, UserParameters, done, number_of
from livermore.market.instant import iso
from livermore.store import users
from livermore.store.user_settings import UserSettings, patched

if TYPE_CHECKING:
    from livermore.http.front import Front

SETTINGS = f"{USERS}/{{id}}/settings"
LONGEST = 32_768
"""Bytes of settings."""
VERSION = "1.0"
NAMES_ONLY = "Credentials are only ever named: what looks like a secret is refused. What is unknown is refused by name."


class ReplaceParameters(UserParameters):
    """All settings."""

    settings: UserSettings = Field(repr=False, description="All of it: what is left out is not set any more")


class ImportParameters(ReplaceParameters):
    """What was exported."""

    exportVersion: Literal["1.0"]  # noqa: N815 - its name in files that there are
    exportedAt: str | None = Field(None, max_length=40)  # noqa: N815 - as above


class PatchParameters(UserParameters):
    """Which place, and what is to stand there."""

    path: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        min_length=1, max_length=6, description="Names from the outside in; what lacks on the way is made"
    )
    value: Any = Field(repr=False, description="What is to stand there")


async def read(front: "Front", asked: UserParameters) -> Answer:
    """What is set."""
    return of_data(await done(front, partial(users.settings, user_id=number_of(asked))))


async def replace(front: "Front", asked: ReplaceParameters) -> Answer:
    """Put these settings in the place of all there were."""
    return await _change(front, asked, lambda _: asked.settings.stored())


async def patch(front: "Front", asked: PatchParameters) -> Answer:
    """Put a value at one place; the whole has to be right afterwards."""

    def made(before: dict[str, Any]) -> dict[str, Any]:
        try:
            return UserSettings.model_validate(patched(before, asked.path, asked.value)).stored()
        except ValidationError as invalid:
            raise invalid_parameter(invalid, "value") from invalid

    return await _change(front, asked, made)


async def exported(front: "Front", asked: UserParameters) -> Answer:
    """The settings as a file."""
    settings = await done(front, partial(users.settings, user_id=number_of(asked)))
    return of_data({"exportedAt": iso(front.clock.wall()), "exportVersion": VERSION, "settings": settings})


async def imported(front: "Front", asked: ImportParameters) -> Answer:
    """Put exported settings in the place of all there were."""
    return await _change(front, asked, lambda _: asked.settings.stored())


async def _change(front: "Front", asked: UserParameters, how: Any) -> Answer:
    work = partial(users.change_settings, user_id=number_of(asked), how=how, now=front.clock.wall())
    return of_data(await done(front, work))


def _document(summary: str, text: str = "") -> Document:
    return Document("Settings", summary, text, UserSettings, examples.SETTINGS, also=(404,))


ROUTES = [
    Route(SETTINGS, UserParameters, read, Access.ADMIN, _document("What a user has set")),
    Route(
        SETTINGS,
        ReplaceParameters,
        replace,
        Access.ADMIN,
        _document("Replace all of it", NAMES_ONLY),
        methods=("PUT",),
        body=True,
        longest=LONGEST,
    ),
    Route(
        SETTINGS,
        PatchParameters,
        patch,
        Access.ADMIN,
        _document("Replace one place of it", NAMES_ONLY),
        methods=("PATCH",),
        body=True,
        longest=LONGEST,
    ),
    Route(
        f"{SETTINGS}/export",
        UserParameters,
        exported,
        Access.ADMIN,
        Document("Settings", "Take the settings away", model=ExportedSettings, example=examples.EXPORTED, also=(404,)),
    ),
    Route(
        f"{SETTINGS}/import",
        ImportParameters,
        imported,
        Access.ADMIN,
        _document("Bring exported settings back", NAMES_ONLY),
        methods=("POST",),
        body=True,
        longest=LONGEST,
    ),
]
