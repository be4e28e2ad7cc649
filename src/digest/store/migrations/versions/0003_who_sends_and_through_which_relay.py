"""Owners with a heartbeat; through which relay a delivery went, and how long a failed try took."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Deliveries and attempts that are there went through a relay that nobody wrote down."""
    op.create_table(
        "owner",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("beat_at", UTCDateTime(), nullable=False),
    )
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("relay", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("attempt") as table:
        table.add_column(sa.Column("cause", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("relay", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("seconds", sa.Float(), nullable=False, server_default="0"))
