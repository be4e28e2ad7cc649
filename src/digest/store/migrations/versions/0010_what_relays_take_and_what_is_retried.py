"""What relays were seen to take, and when a person had bounced deliveries of an issue sent again."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing is known of any relay, and nothing was sent again."""
    op.create_table(
        "relay_limits",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
    )
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("retried_at", UTCDateTime(), nullable=True))
