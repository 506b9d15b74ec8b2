"""Who did what by the admin API, and what operators have decided about an exchange."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

_OPTIONS: Any = {
    "mysql_charset": "utf8mb4",
    "mariadb_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "mariadb_engine": "InnoDB",
}


def _word(length: int) -> Any:
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _number(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("identity", _word(255), nullable=False),
        sa.Column("user_id", _number()),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("action", _word(150), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("address", _word(64), nullable=False),
        sa.Column("request_id", _word(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        **_OPTIONS,
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_identity", "audit_log", ["identity"], unique=False)
    op.create_table(
        "directives",
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("name", _word(20), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_directives_exchange_id_exchanges", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exchange_id", "name", name="pk_directives"),
        **_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("directives")
    op.drop_table("audit_log")
