"""Where the stores are: the ``stores`` section of a tree."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, model_validator

from livermore.environment import Unset
from livermore.settings import Options

SCHEMES = ("redis://", "rediss://", "unix://")
NO_SECRET = SecretStr("")


class RedisPlace(Options):
    """One full URL, or a host name with its port and secret."""

    url: str = Field(repr=False)
    port: int = Field(6379, ge=1, le=65535)
    secret: SecretStr = NO_SECRET

    @model_validator(mode="before")
    @classmethod
    def _full_url_needs_no_more(cls, data: Any) -> Any:
        full = isinstance(data, dict) and isinstance(data.get("url"), str) and "://" in data["url"]
        return {"url": data["url"]} if full else data

    @model_validator(mode="after")
    def _known_scheme(self) -> "RedisPlace":
        if "://" in self.url and not self.url.startswith(SCHEMES):
            raise ValueError(f"expected a host name or a URL with {', '.join(SCHEMES)}")
        if not _well_formed(self.full_url):
            raise ValueError("expected a host or a path in the URL, and percent-encoding for / ? # @ in its secret")
        return self

    @property
    def full_url(self) -> str:
        """The URL to connect to, with its secret: not for logs."""
        if "://" in self.url:
            return self.url
        secret = self.secret.get_secret_value()
        return f"redis://{':' + quote(secret, safe='') + '@' if secret else ''}{self.url}:{self.port}/0"

    @property
    def shown(self) -> str:
        """Where it is, for people."""
        return self.full_url.partition("?")[0].rpartition("@")[2].removeprefix("redis://")


def _well_formed(url: str) -> bool:
    """Whether a URL has a place in it; one whose secret is not encoded breaks apart inside the secret."""
    try:
        parts = urlsplit(url)
        found = parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(found)


class DatabasePlace(Options):
    """One SQLAlchemy URL, or host, port, username, password and name of a MySQL or MariaDB database."""

    url: SecretStr = NO_SECRET
    host: str = ""
    port: int = Field(3306, ge=1, le=65535)
    username: str = ""
    password: SecretStr = NO_SECRET
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _url_needs_no_more(cls, data: Any) -> Any:
        has_url = isinstance(data, dict) and data.get("url") and not isinstance(data["url"], Unset)
        return {"url": data["url"]} if has_url else data

    @model_validator(mode="after")
    def _complete(self) -> "DatabasePlace":
        missing = [name for name in ("host", "username", "name") if not getattr(self, name)]
        if not self.url.get_secret_value() and missing:
            raise ValueError(f"expected url, or host, username, password and name; found no {', '.join(missing)}")
        return self

    @property
    def full_url(self) -> str:
        """The URL for SQLAlchemy, with its password: not for logs."""
        if url := self.url.get_secret_value():
            return url
        user, password = (quote(part, safe="") for part in (self.username, self.password.get_secret_value()))
        return f"mysql+pymysql://{user}:{password}@{self.host}:{self.port}/{self.name}?charset=utf8mb4"


class Stores(Options):
    """Redis and SQL somewhere, or both embedded in a folder of this machine."""

    redis: RedisPlace | None = None
    database: DatabasePlace | None = None
    embedded: Path | None = None

    @model_validator(mode="after")
    def _both_or_embedded(self) -> "Stores":
        if (self.redis is None or self.database is None) == (self.embedded is None):
            raise ValueError("expected redis and database, or embedded instead of both")
        return self
