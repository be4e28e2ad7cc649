"""Relocations: the rows are being moved to another database, or come from one."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """No rows were moved yet."""
    op.create_table(
        "relocation",
        sa.Column("side", sa.String(16), primary_key=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
    )
