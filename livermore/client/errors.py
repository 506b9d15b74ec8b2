"""What can go wrong for a client; none of it ever has the key in it."""


class ClientError(Exception):
    """Base of all."""


class UnreachableError(ClientError):
    """The server could not be reached in the time that the client was to wait."""


class UnexpectedError(ClientError):
    """What came has not the documented form: another server, or a version that this client does not know."""


class ApiError(ClientError):
    """The server has refused a request.

    ``status`` is HTTP's; ``code`` the word that programs go by, such as ``NOT_FOUND``; ``param`` the parameter that is
    wrong, where it is one; ``request_id`` is to be named when asking for help. ``retry_after``: seconds, where told.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code} ({status}): {message}" + (f" [request {request_id}]" if request_id else ""))
        self.status, self.code, self.message = status, code, message
        self.param, self.request_id, self.retry_after = param, request_id, retry_after


class StreamError(ClientError):
    """The stream cannot go on, and would not if it were connected again.

    ``code``: a word of the stream's document, such as ``INVALID_CHANNEL``, or the number with which it was closed.
    """

    def __init__(self, code: str | int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message
