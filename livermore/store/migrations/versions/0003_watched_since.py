"""Since when a symbol has been watched without a break: what was crossed before that is nobody's loss."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("exchange_symbols", sa.Column("watched_since", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("exchange_symbols", "watched_since")
