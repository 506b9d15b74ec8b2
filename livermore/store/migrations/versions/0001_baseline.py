"""The first schema: all tables, and the six exchanges in their order."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

_OPTIONS: Any = {
    "mysql_charset": "utf8mb4",
    "mariadb_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "mariadb_engine": "InnoDB",
}


def _word(length: int) -> Any:
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def _amount(digits: int, scale: int) -> Any:
    return sa.Numeric(digits, scale).with_variant(sa.String(digits + 2), "sqlite")


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


_TIMEFRAMES = ["1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "1d"]
_BINANCE = sorted([*_TIMEFRAMES, "3m", "8h", "12h", "3d", "1w", "1M"])


def _exchange(number: int, name: str, shown: str, urls: tuple[str, str], fees: tuple[float, float], **more: Any) -> Any:
    return {
        "id": number,
        "name": name,
        "display_name": shown,
        "ws_url": urls[0],
        "rest_url": urls[1],
        "supported_timeframes": _TIMEFRAMES,
        "fee_schedule": {"maker": fees[0], "taker": fees[1]},
        "api_limits": None,
        "geo_restrictions": None,
        **more,
    }


EXCHANGES = [
    _exchange(
        1, "coinbase", "Coinbase Advanced Trade",
        ("wss://advanced-trade-ws.coinbase.com", "https://api.coinbase.com"), (0.006, 0.012),
        api_limits={"ws_connections_per_ip": 750, "ws_messages_per_second": 8, "rest_weight_limit": 10000},
    ),
    _exchange(
        2, "binance", "Binance", ("wss://stream.binance.com:9443", "https://api.binance.com"), (0.001, 0.001),
        supported_timeframes=_BINANCE,
        api_limits={"ws_connections_per_5min": 300, "rest_weight": 6000, "orders_per_10s": 50},
        geo_restrictions={"blocked_countries": ["US"], "note": "Use binance_us in the United States."},
    ),
    _exchange(
        3, "binance_us", "Binance US", ("wss://stream.binance.us:9443", "https://api.binance.us"), (0.001, 0.001),
        supported_timeframes=_BINANCE,
        api_limits={"rest_weight": 1200, "orders_per_10s": 10},
    ),
    _exchange(
        4, "kraken", "Kraken", ("wss://ws.kraken.com", "https://api.kraken.com"), (0.0016, 0.0026),
        api_limits={"rest_per_second": 1, "decay": 0.33},
    ),
    _exchange(
        5, "kucoin", "KuCoin", ("wss://ws-api-spot.kucoin.com", "https://api.kucoin.com"), (0.001, 0.001),
        api_limits={"rest_per_second": 10},
    ),
    _exchange(
        6, "mexc", "MEXC", ("wss://wbs.mexc.com/ws", "https://api.mexc.com"), (0.0, 0.001),
        api_limits={"rest_per_second": 20},
    ),
]  # fmt: skip


def upgrade() -> None:
    """Make the tables, and fill in what is known."""
    _make_tables()
    names = ("id", "name", "display_name", "ws_url", "rest_url")
    plain: list[Any] = [sa.column(name) for name in names]
    documents: list[Any] = [
        sa.column(name, sa.JSON(none_as_null=True))
        for name in ("supported_timeframes", "api_limits", "fee_schedule", "geo_restrictions")
    ]
    op.bulk_insert(sa.table("exchanges", *plain, *documents), EXCHANGES)


def _make_tables() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", _number(), nullable=False),
        sa.Column("key_id", _word(16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", _word(64), nullable=False),
        sa.Column("scopes", _word(200), nullable=False),
        sa.Column("requests_per_minute", sa.Integer(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("created_by", _word(255)),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_id", name="uq_api_keys_key_id"),
        **_OPTIONS,
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _word(50), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("ws_url", _word(255)),
        sa.Column("rest_url", _word(255)),
        sa.Column("supported_timeframes", sa.JSON(), nullable=False),
        sa.Column("api_limits", sa.JSON()),
        sa.Column("fee_schedule", sa.JSON()),
        sa.Column("geo_restrictions", sa.JSON()),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
        sa.UniqueConstraint("name", name="uq_exchanges_name"),
        **_OPTIONS,
    )
    op.create_table(
        "users",
        sa.Column("id", _number(), nullable=False),
        sa.Column("username", _word(50), nullable=False),
        sa.Column("email", _word(255), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("identity_provider", _word(20)),
        sa.Column("identity_sub", _word(255)),
        sa.Column("display_name", sa.String(length=100)),
        sa.Column("identity_picture_url", sa.Text()),
        sa.Column("role", _word(20), server_default="user", nullable=False),
        sa.Column("last_login_at", sa.BigInteger()),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("identity_provider", "identity_sub", name="uq_users_identity_provider_identity_sub"),
        sa.UniqueConstraint("username", name="uq_users_username"),
        **_OPTIONS,
    )
    op.create_table(
        "alert_history",
        sa.Column("id", _number(), nullable=False),
        sa.Column("alert_id", _word(32), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("symbol", _word(40), nullable=False),
        sa.Column("timeframe", _word(5)),
        sa.Column("alert_type", _word(50), nullable=False),
        sa.Column("candle_time", sa.BigInteger(), nullable=False),
        sa.Column("triggered_at", sa.BigInteger(), nullable=False),
        sa.Column("price", _amount(38, 18), nullable=False),
        sa.Column("trigger_value", _amount(20, 8)),
        sa.Column("trigger_label", _word(100), nullable=False),
        sa.Column("previous_label", _word(100)),
        sa.Column("late", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("details", sa.JSON()),
        sa.Column("notification_sent", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("notification_error", sa.String(length=500)),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_alert_history_exchange_id_exchanges", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_history"),
        sa.UniqueConstraint("alert_id", name="uq_alert_history_alert_id"),
        **_OPTIONS,
    )
    op.create_index(("ix_alert_history_alert_type"), "alert_history", ["alert_type"], unique=False)
    op.create_index("ix_alert_history_exchange_id_symbol", "alert_history", ["exchange_id", "symbol"], unique=False)
    op.create_index(("ix_alert_history_triggered_at"), "alert_history", ["triggered_at"], unique=False)
    op.create_table(
        "exchange_symbols",
        sa.Column("id", _number(), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("symbol", _word(40), nullable=False),
        sa.Column("base_currency", _word(20), nullable=False),
        sa.Column("quote_currency", _word(20), nullable=False),
        sa.Column("volume_24h", _amount(38, 12)),
        sa.Column("quote_volume_24h", _amount(38, 12)),
        sa.Column("price_increment", _word(40)),
        sa.Column("base_increment", _word(40)),
        sa.Column("volume_rank", sa.Integer()),
        sa.Column("global_rank", sa.Integer()),
        sa.Column("market_cap", _amount(30, 2)),
        sa.Column("coingecko_id", _word(100)),
        sa.Column("display_name", sa.String(length=100)),
        sa.Column("trade_count_24h", sa.Integer()),
        sa.Column("liquidity_score", _amount(5, 3)),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("last_volume_update", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_exchange_symbols_exchange_id_exchanges", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_symbols"),
        sa.UniqueConstraint("exchange_id", "symbol", name="uq_exchange_symbols_exchange_id_symbol"),
        **_OPTIONS,
    )
    op.create_index(
        "ix_exchange_symbols_exchange_id_global_rank", "exchange_symbols", ["exchange_id", "global_rank"], unique=False
    )
    op.create_index(("ix_exchange_symbols_symbol"), "exchange_symbols", ["symbol"], unique=False)
    op.create_table(
        "leases",
        sa.Column("exchange_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_leases_exchange_id_exchanges", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exchange_id", name="pk_leases"),
        **_OPTIONS,
    )
    op.create_table(
        "user_exchanges",
        sa.Column("id", _number(), nullable=False),
        sa.Column("user_id", _number(), nullable=False),
        sa.Column("exchange_id", sa.Integer()),
        sa.Column("exchange_name", _word(50), nullable=False),
        sa.Column("display_name", sa.String(length=100)),
        sa.Column("api_key_env_var", _word(100), nullable=False),
        sa.Column("api_secret_env_var", _word(100), nullable=False),
        sa.Column("additional_credentials_env_vars", sa.Text()),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_connected_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_user_exchanges_exchange_id_exchanges", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_exchanges_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_user_exchanges"),
        sa.UniqueConstraint("user_id", "exchange_name", name="uq_user_exchanges_user_id_exchange_name"),
        **_OPTIONS,
    )
    op.create_index(("ix_user_exchanges_exchange_id"), "user_exchanges", ["exchange_id"], unique=False)
    op.create_index(("ix_user_exchanges_user_id"), "user_exchanges", ["user_id"], unique=False)
    op.create_table(
        "positions",
        sa.Column("id", _number(), nullable=False),
        sa.Column("user_id", _number(), nullable=False),
        sa.Column("exchange_id", _number(), nullable=False),
        sa.Column("symbol", _word(40), nullable=False),
        sa.Column("display_name", sa.String(length=100)),
        sa.Column("coinbase_account_id", _word(100)),
        sa.Column("quantity", _amount(38, 18), nullable=False),
        sa.Column("available_quantity", _amount(38, 18), nullable=False),
        sa.Column("cost_basis", _amount(30, 2)),
        sa.Column("last_synced_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["user_exchanges.id"], name="fk_positions_exchange_id_user_exchanges", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_positions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
        sa.UniqueConstraint("user_id", "exchange_id", "symbol", name="uq_positions_user_id_exchange_id_symbol"),
        **_OPTIONS,
    )
    op.create_index(("ix_positions_exchange_id"), "positions", ["exchange_id"], unique=False)
