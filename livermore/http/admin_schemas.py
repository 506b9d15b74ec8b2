"""The forms of what the admin API tells of users, of the audit log and of keys."""

from typing import Any, Literal

from pydantic import Field, RootModel

from livermore.http.schemas import Form, Time
from livermore.store.user_settings import UserSettings


class UserItem(Form):
    """Somebody who may or may not use this API."""

    id: int
    username: str
    email: str
    display_name: str | None
    clerk_id: str | None = Field(description="Their id at Clerk; null where nobody at Clerk has this row yet")
    role: str
    is_active: bool
    last_login_at: Time | None
    created_at: Time
    updated_at: Time


class UserPage(Form):
    """Users, and where the next page begins."""

    data: list[UserItem]
    next_cursor: str | None


class MeItem(Form):
    """Who asks."""

    identity: str = Field(description="`token` for the admin token, or the user's id at Clerk")
    name: str
    until: Time | None = Field(description="When what was shown ends; null where it does not")
    user: UserItem | None = Field(description="Null for the admin token")


class AuditItem(Form):
    """A change that was asked for."""

    id: int
    at: Time
    identity: str = Field(description="Who asked: `token`, the user's id at Clerk, or `operator`")
    user_id: int | None
    name: str
    action: str = Field(
        description="Method and route, or a command that an operator has typed",
        examples=["POST /admin/v1/keys/{id}/rotate"],
    )
    parameters: dict[str, Any] = Field(description="With `***` for what is never shown")
    status: int | None = Field(description="What was answered; null where that could not be written down")
    address: str
    request_id: str


class AuditPage(Form):
    """Changes, newest first, and where the next page begins."""

    data: list[AuditItem]
    next_cursor: str | None


class ExportedSettings(Form):
    """Settings as a file."""

    exportedAt: Time  # noqa: N815 - its name in files that there are
    exportVersion: Literal["1.0"]  # noqa: N815 - as above
    settings: UserSettings


class KeyItem(Form):
    """An API key, without anything of its secret."""

    id: str
    name: str
    scopes: list[str]
    requests_per_minute: int
    connections: int
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None
    requests_today: int
    state: Literal["active", "expired", "revoked"]


class KeyList(RootModel[list[KeyItem]]):
    """All keys, the oldest first."""


class MadeKey(Form):
    """A new key, shown this one time."""

    id: str
    key: str


class RevokedKey(Form):
    """A key that opens nothing any more."""

    id: str
    state: Literal["revoked"]
    told: bool = Field(description="Whether every server knows already; if not, they do within half a minute")
