"""What relays are given on the days of their warm-up, and issues that wait for one."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """No relay is in its warm-up, and no issue waits for one."""
    op.create_table(
        "relay_day",
        sa.Column("relay", sa.String(), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
    )
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("waits_until", UTCDateTime(), nullable=True))
