"""What the exchange says of a symbol: online, delisted, TRADING, BREAK ..."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("exchange_symbols", sa.Column("status", sa.String(20)))


def downgrade() -> None:
    op.drop_column("exchange_symbols", "status")
