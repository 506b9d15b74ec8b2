"""A visitor: who was let in, with a key or as an administrator, or what came with a signature in their place."""

from collections.abc import Mapping
from typing import NamedTuple

from livermore.http.limits import Standing
from livermore.store.api_keys import ApiKey

HOLDER = "token"
"""The identity of whoever holds the admin token: nobody knows more of them."""


class Visitor(NamedTuple):
    """Of a keyed route: the key, and where it stands after this request."""

    key: ApiKey
    standing: Standing


class Administrator(NamedTuple):
    """Of an admin route. ``identity``: `HOLDER`, or the user's id at Clerk. ``name``: for people.

    ``user_id``: the number of the user's row in SQL; None for the token. ``until``: when what was shown ends, in ms;
    None where it does not.
    """

    identity: str
    name: str
    user_id: int | None = None
    until: int | None = None


class Letter(NamedTuple):
    """Of a route for what is signed: all that a signature is about, as it came, and from where."""

    headers: Mapping[str, str]
    body: bytes
    address: str


Anybody = Visitor | Administrator | Letter
