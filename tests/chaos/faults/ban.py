"""418 with Retry-After: the exchange has banned our address, and every request makes it worse."""

from tests.chaos.faults.too_many_requests import TooManyRequests


class Ban(TooManyRequests):
    """Longer than any answer with 429 asks for."""

    name = "ban"
    lasts = (60.0, 180.0)
    most = 3
    status = 418
    body = b'{"code":-1003,"msg":"Way too much request weight used; IP banned."}'
    longest = 120
