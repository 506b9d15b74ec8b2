"""What a client asks for on Binance's WebSocket, and how it is answered or refused (`exchanges.md` 3)."""

import re
from typing import Annotated, Any, Literal

import msgspec

_STREAM = re.compile(r"[\w!@.+-]{1,100}", re.ASCII)

Id = (
    Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    | Annotated[str, msgspec.Meta(pattern=r"^[\w-]{1,36}$")]
    | None
)


class Demand(msgspec.Struct, frozen=True):
    """A client's message; ``id`` comes back with its answer."""

    method: Literal["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"]
    params: list[Any] = []
    id: Id = None

    def streams(self) -> list[str]:
        """The streams that it names, each once.

        Raises:
            Refused: it names none, or something that is no name.
        """
        if not self.params:
            raise Refused("Invalid request: missing field `params`", 2, self.id)
        if not all(isinstance(name, str) and _STREAM.fullmatch(name) for name in self.params):
            raise Refused("Invalid request: invalid stream", 2, self.id)
        return list(dict.fromkeys(self.params))


class Refused(Exception):
    """A message that cannot be obeyed, with Binance's code; ``id`` is its own, as far as it could be read."""

    def __init__(self, message: str, code: int, id_: Id = None) -> None:
        super().__init__(message)
        self.code, self.id = code, id_


class _Named(msgspec.Struct):
    id: Id = None


def read_demand(text: str | bytes) -> Demand:
    """Read one message.

    Raises:
        Refused: it is not JSON, or no such message.
    """
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refused(f"Invalid JSON: {error}", 3) from error
    try:
        return msgspec.convert(data, Demand)
    except msgspec.ValidationError as error:
        raise Refused(f"Invalid request: {error}", 2, _id_of(data)) from error


def result(value: Any, id_: Id) -> str:
    """The answer to a message that was obeyed."""
    return msgspec.json.encode({"result": value, "id": id_}).decode()


def refusal(refused: Refused) -> str:
    """The answer to one that was not.

    With the id where there is one, as it was seen on the wire; without as the documents have it.
    """
    error = {"code": refused.code, "msg": str(refused)}
    return msgspec.json.encode(error if refused.id is None else {"error": error, "id": refused.id}).decode()


def _id_of(data: Any) -> Id:
    try:
        return msgspec.convert(data, _Named).id
    except msgspec.ValidationError:
        return None
