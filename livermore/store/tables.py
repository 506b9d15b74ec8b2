"""The SQL tables (`reference.md` 10), the same on MySQL, MariaDB and SQLite."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_OPTIONS: Any = {
    "mysql_charset": "utf8mb4",
    "mariadb_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "mariadb_engine": "InnoDB",
}


def _word(length: int) -> TypeEngine[str]:
    """Text that is compared byte by byte, case and all: names, symbols, hashes."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


def _amount(digits: int, scale: int) -> TypeEngine[Any]:
    """An exact decimal; SQLite has none, so it keeps the text."""
    return Numeric(digits, scale).with_variant(String(digits + 2), "sqlite")


_number = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts up by itself there

users = Table(
    "users",
    metadata,
    Column("id", _number, primary_key=True),
    Column("username", _word(50), nullable=False, unique=True),
    Column("email", _word(255), nullable=False, unique=True),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("identity_provider", _word(20)),
    Column("identity_sub", _word(255)),
    Column("display_name", String(100)),
    Column("identity_picture_url", Text),
    Column("role", _word(20), nullable=False, server_default="user"),
    Column("last_login_at", BigInteger),
    Column("settings", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("identity_provider", "identity_sub"),
    **_OPTIONS,
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", _word(50), nullable=False, unique=True),
    Column("display_name", String(100), nullable=False),
    Column("ws_url", _word(255)),
    Column("rest_url", _word(255)),
    Column("supported_timeframes", JSON, nullable=False),
    Column("api_limits", JSON),
    Column("fee_schedule", JSON),
    Column("geo_restrictions", JSON),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    **_OPTIONS,
)

user_exchanges = Table(
    "user_exchanges",
    metadata,
    Column("id", _number, primary_key=True),
    Column("user_id", _number, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("exchange_id", Integer, ForeignKey("exchanges.id", ondelete="SET NULL"), index=True),
    Column("exchange_name", _word(50), nullable=False),
    Column("display_name", String(100)),
    Column("api_key_env_var", _word(100), nullable=False),
    Column("api_secret_env_var", _word(100), nullable=False),
    Column("additional_credentials_env_vars", Text),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("is_default", Boolean, nullable=False, server_default=false()),
    Column("last_connected_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("user_id", "exchange_name"),
    **_OPTIONS,
)

exchange_symbols = Table(
    "exchange_symbols",
    metadata,
    Column("id", _number, primary_key=True),
    Column("exchange_id", Integer, ForeignKey("exchanges.id", ondelete="CASCADE"), nullable=False),
    Column("symbol", _word(40), nullable=False, index=True),
    Column("base_currency", _word(20), nullable=False),
    Column("quote_currency", _word(20), nullable=False),
    Column("volume_24h", _amount(38, 12)),
    Column("quote_volume_24h", _amount(38, 12)),
    Column("price_increment", _word(40)),
    Column("base_increment", _word(40)),
    Column("volume_rank", Integer),
    Column("global_rank", Integer),
    Column("market_cap", _amount(30, 2)),
    Column("coingecko_id", _word(100)),
    Column("display_name", String(100)),
    Column("trade_count_24h", Integer),
    Column("liquidity_score", _amount(5, 3)),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("last_volume_update", BigInteger),
    Column("status", String(20)),
    Column("watched_since", BigInteger, info={"since": "0003"}),
    UniqueConstraint("exchange_id", "symbol"),
    Index("ix_exchange_symbols_exchange_id_global_rank", "exchange_id", "global_rank"),
    **_OPTIONS,
)

positions = Table(
    "positions",
    metadata,
    Column("id", _number, primary_key=True),
    Column("user_id", _number, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("exchange_id", _number, ForeignKey("user_exchanges.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("symbol", _word(40), nullable=False),
    Column("display_name", String(100)),
    Column("coinbase_account_id", _word(100)),
    Column("quantity", _amount(38, 18), nullable=False),
    Column("available_quantity", _amount(38, 18), nullable=False),
    Column("cost_basis", _amount(30, 2)),
    Column("last_synced_at", BigInteger),
    UniqueConstraint("user_id", "exchange_id", "symbol"),
    **_OPTIONS,
)

alert_history = Table(
    "alert_history",
    metadata,
    Column("id", _number, primary_key=True),
    Column("alert_id", _word(32), nullable=False, unique=True),
    Column("exchange_id", Integer, ForeignKey("exchanges.id", ondelete="CASCADE"), nullable=False),
    Column("symbol", _word(40), nullable=False),
    Column("timeframe", _word(5)),
    Column("alert_type", _word(50), nullable=False, index=True),
    Column("candle_time", BigInteger, nullable=False),
    Column("triggered_at", BigInteger, nullable=False, index=True),
    Column("price", _amount(38, 18), nullable=False),
    Column("trigger_value", _amount(20, 8)),
    Column("trigger_label", _word(100), nullable=False),
    Column("previous_label", _word(100)),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("details", JSON),
    Column("notification_sent", Boolean, nullable=False, server_default=false()),
    Column("notification_error", String(500)),
    Index("ix_alert_history_exchange_id_symbol", "exchange_id", "symbol"),
    **_OPTIONS,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _number, primary_key=True),
    Column("key_id", _word(16), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("secret_hash", _word(64), nullable=False),
    Column("scopes", _word(200), nullable=False),
    Column("requests_per_minute", Integer, nullable=False),
    Column("connections", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("created_by", _word(255)),
    Column("created_at", BigInteger, nullable=False),
    Column("used_day", Integer, info={"since": "0004"}),
    Column("used_times", Integer, nullable=False, server_default="0", info={"since": "0004"}),
    **_OPTIONS,
)

directives = Table(
    "directives",
    metadata,
    Column("exchange_id", Integer, ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True),
    Column("name", _word(20), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("author", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    info={"since": "0005"},
    **_OPTIONS,
)

leases = Table(
    "leases",
    metadata,
    Column(
        "exchange_id", Integer, ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("epoch", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    **_OPTIONS,
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", _number, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("identity", _word(255), nullable=False, index=True),
    Column("user_id", _number),  # refers to nobody: what was done outlives who did it
    Column("name", String(100), nullable=False),
    Column("action", _word(150), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("status", Integer),
    Column("address", _word(64), nullable=False),
    Column("request_id", _word(128), nullable=False),
    info={"since": "0005"},
    **_OPTIONS,
)
