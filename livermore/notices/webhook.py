"""Any webhook: JSON that is signed, so that its receiver knows who sent it, when, and that nobody changed it."""

import hashlib
import hmac
from typing import Annotated, Any

import msgspec
from pydantic import Field, SecretStr

from livermore.market.instant import iso
from livermore.net.interface import Network
from livermore.notices.answers import outcome_of
from livermore.notices.notice import Notice
from livermore.notices.state_notice import SHOWN, StateNotice
from livermore.notices.target import Outcome, Tidings, WebOptions

Secret = Annotated[SecretStr, Field(min_length=16)]


class Options(WebOptions):
    """``secrets``: each signs, so that one can take another's place without a gap: put the new one beside the old one,
    give the receiver the new one, then remove the old one.
    """

    secrets: tuple[Secret, ...] = Field(min_length=1, max_length=5)


class Webhook:
    """The receiver may be told twice, of which the id tells."""

    shows_charts = False

    def __init__(self, options: Options) -> None:
        self.options = options

    async def send(self, network: Network, tidings: Tidings, now: int) -> Outcome:
        body = msgspec.json.encode(body_of(tidings))
        keys = [secret.get_secret_value() for secret in self.options.secrets]
        headers = headers_of(tidings.id, body, keys, now // 1000)
        url, private = self.options.url.get_secret_value(), self.options.allow_private
        return outcome_of(await network.post(url, body, headers, private=private), now)


def headers_of(id_: str, body: bytes, secrets: list[str], seconds: int) -> dict[str, str]:
    """The headers of a notice that is sent at this second (UTC)."""
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": id_,
        "X-Livermore-Timestamp": str(seconds),
        "X-Livermore-Signature": ",".join(f"v1={signature(secret, seconds, body)}" for secret in secrets),
    }


def signature(secret: str, seconds: int, body: bytes) -> str:
    """HMAC-SHA256 over ``timestamp.body``, in hex digits."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def body_of(tidings: Tidings) -> dict[str, Any]:
    """What is posted; its ``type`` says what it tells of."""
    return _of_state(tidings) if isinstance(tidings, StateNotice) else _of_alert(tidings)


def _of_state(notice: StateNotice) -> dict[str, Any]:
    """The newest changes, ascending, with their times as text, and how many more there were before them."""
    changes = [{**msgspec.to_builtins(change), "at": iso(change.at)} for change in notice.changes[-SHOWN:]]
    return {
        "type": "state",
        "id": notice.id,
        "title": notice.title,
        "marks": notice.marks,
        "exchange": notice.newest.exchange,
        "state": notice.newest.after,
        "changes": changes,
        "more": notice.more,
    }


def _of_alert(notice: Notice) -> dict[str, Any]:
    """The alert as it is recorded, with its times as text, and a line for people."""
    alert = notice.alert
    return {
        "type": "alert",
        "title": notice.title,
        "marks": notice.marks,
        **msgspec.to_builtins(alert),
        "candle_time": iso(alert.candle_time),
        "triggered_at": iso(alert.triggered_at),
    }
