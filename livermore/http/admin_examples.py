"""Examples for the admin API's document; tests check that they have the declared form."""

from typing import Any

_AT = "2026-02-18T12:00:00.000Z"

USER: dict[str, Any] = {
    "id": 1, "username": "ann_x7k2p", "email": "ann@example.com", "display_name": "Ann", "clerk_id": "user_2abc",
    "role": "admin", "is_active": True, "last_login_at": _AT, "created_at": _AT, "updated_at": _AT,
}  # fmt: skip
USERS = {"data": [USER], "next_cursor": None}
ME = {"identity": "user_2abc", "name": "Ann", "until": "2026-02-18T12:01:00.000Z", "user": USER}
AUDIT = {
    "data": [
        {
            "id": 7, "at": _AT, "identity": "user_2abc", "user_id": 1, "name": "Ann",
            "action": "PATCH /admin/v1/users/{id}", "parameters": {"id": "2", "role": "admin"}, "status": 200,
            "address": "203.0.113.7", "request_id": "9f1c2d3e4b5a69788796a5b4c3d2e1f0",
        }
    ],
    "next_cursor": None,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "version": 1,
    "perseus_profile": {"public_name": "Ann", "primary_exchange": "coinbase", "trading_mode": "paper"},
    "exchanges": {
        "coinbase": {
            "enabled": True,
            "ApiKeyEnvironmentVariableName": "Coinbase_ApiKeyId",
            "SecretEnvironmentVariableName": "Coinbase_EcPrivateKeyPem",
        }
    },
    "symbols": ["BTC-USD", "ETH-USD"],
}
EXPORTED = {"exportedAt": _AT, "exportVersion": "1.0", "settings": SETTINGS}
KEY = {
    "id": "3f9a1c5e7b20", "name": "trader", "scopes": ["read", "stream"], "requests_per_minute": 300,
    "connections": 5, "created_at": _AT, "expires_at": None, "last_used_at": None, "requests_today": 0,
    "state": "active",
}  # fmt: skip
KEYS = [KEY]
MADE_KEY = {"id": "3f9a1c5e7b20", "key": "lvm_3f9a1c5e7b20_and-43-characters-that-nobody-else-may-see"}
REVOKED_KEY = {"id": "3f9a1c5e7b20", "state": "revoked", "told": True}
