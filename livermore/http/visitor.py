"""A visitor: who was let in with a key, and where that key stands after this request."""

from typing import NamedTuple

from livermore.http.limits import Standing
from livermore.store.api_keys import ApiKey


class Visitor(NamedTuple):
    """Of a keyed route; others do not ask who comes."""

    key: ApiKey
    standing: Standing
