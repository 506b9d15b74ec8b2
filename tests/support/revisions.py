"""Databases at other revisions than this program's: the one before it, and one that does not exist yet."""

from pathlib import Path

from alembic import command
from sqlalchemy import Engine

from livermore.store import schema

BEFORE, AFTER = (f"{int(schema.newest()) + step:04}" for step in (-1, 1))

_EXPANSION = '''
"""As large an expansion as is allowed: each table gets columns, and there is a new one."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{after}", "{newest}"


def upgrade():
    names = sa.inspect(op.get_bind()).get_table_names()
    for name in names:
        if name != "alembic_version":
            op.add_column(name, sa.Column("later_word", sa.String(20)))
            op.add_column(name, sa.Column("later_count", sa.Integer(), nullable=False, server_default="0"))
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
'''


def go_back(engine: Engine) -> None:
    """From this program's revision to the one before it; what has been written stays."""
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), BEFORE)


def expand(engine: Engine, folder: Path) -> None:
    """From this program's revision to one that a later program might bring; ``folder``: where it is written."""
    text = _EXPANSION.format(after=AFTER, newest=schema.newest())
    (folder / f"{AFTER}_later.py").write_text(text, encoding="utf-8")
    with engine.begin() as connection:
        config = schema.config(connection)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join([f"{schema.MIGRATIONS}/versions", str(folder)]))
        command.upgrade(config, AFTER)
