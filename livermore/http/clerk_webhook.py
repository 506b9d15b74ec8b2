"""What Clerk tells of its users: opened where it is signed and new, and read as far as it is of use here."""

import re
from typing import NamedTuple, TypeVar

import msgspec
from standardwebhooks import Webhook, WebhookVerificationError

from livermore.http.refusal import Refusal
from livermore.http.visitor import Letter
from livermore.store.profiles import Profile

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
_PARTS = ("id", "timestamp", "signature")


class Delivery(NamedTuple):
    """``id``: the same whenever the same message is sent again. ``data`` is JSON of the ``type``."""

    id: str
    type: str
    data: bytes


class _Event(msgspec.Struct):
    type: str
    data: msgspec.Raw


class _Verification(msgspec.Struct):
    status: str | None = None


class _Address(msgspec.Struct):
    id: str
    email_address: str
    verification: _Verification | None = None


class _User(msgspec.Struct):
    id: str
    email_addresses: list[_Address] = []
    primary_email_address_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    image_url: str | None = None
    last_sign_in_at: int | None = None


class _Deleted(msgspec.Struct):
    id: str


def opened(letter: Letter, secret: str) -> Delivery:
    """The message, if it was signed with this secret within the last five minutes.

    Raises:
        Refusal: it was not.
    """
    headers = {f"webhook-{part}": letter.headers.get(f"svix-{part}", "") for part in _PARTS}
    try:
        Webhook(secret).verify(letter.body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise Refusal(400, "This is not signed as it should be, or not now") from error
    if not _ID.fullmatch(headers["webhook-id"]):
        raise Refusal(400, "The message has no id that can be remembered")
    event = _decoded(letter.body, _Event)
    return Delivery(headers["webhook-id"], event.type, bytes(event.data))


def profile(data: bytes) -> Profile:
    """The user that was made or changed.

    Raises:
        Refusal: this is no user.
    """
    user = _decoded(data, _User)
    chosen = next((one for one in user.email_addresses if one.id == user.primary_email_address_id), None)
    address = chosen or next(iter(user.email_addresses), None)
    return Profile(
        clerk_id=_named(user.id),
        email=_address(address.email_address) if address else None,
        verified=bool(address and address.verification and address.verification.status == "verified"),
        display_name=" ".join(part.strip() for part in (user.first_name, user.last_name) if part) or None,
        picture_url=user.image_url,
        last_login_at=user.last_sign_in_at,
    )


def deleted(data: bytes) -> str:
    """The id of the user that is no more; raises as `profile` does."""
    return _named(_decoded(data, _Deleted).id)


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refusal(400, "This is no message of Clerk's") from error


def _named(user_id: str) -> str:
    if not 0 < len(user_id) <= 255:
        raise Refusal(400, "This is no id of a user")
    return user_id


def _address(text: str) -> str | None:
    return text if "@" in text and len(text) <= 255 else None
