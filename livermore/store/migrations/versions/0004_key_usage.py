"""How often an API key was used on the newest day on which it was used at all."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("used_day", sa.Integer()))
    op.add_column("api_keys", sa.Column("used_times", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("api_keys", "used_times")
    op.drop_column("api_keys", "used_day")
