"""What operators have decided about an exchange."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"

TABLE: Any = {
    "mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4", "mysql_engine": "InnoDB", "mariadb_engine": "InnoDB",
}  # fmt: skip


def upgrade() -> None:
    word = mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin")
    op.create_table(
        "directives",
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(20).with_variant(word, "mysql", "mariadb"), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name="fk_directives_exchange_id_exchanges", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exchange_id", "name", name="pk_directives"),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("directives")
