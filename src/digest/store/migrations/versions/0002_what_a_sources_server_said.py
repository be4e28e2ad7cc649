"""What a source's server said of its version, how often it failed, whether it may be private."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Sources that are there get the defaults."""
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("allow_private", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("etag", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("last_modified", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("removed_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("queued_at", UTCDateTime(), nullable=True))
    op.drop_index("ix_delivery_due", "delivery")
    op.create_index("ix_delivery_due", "delivery", ["issue_id", "state", "tries", "id"])
    op.create_index("ix_delivery_subscriber_id", "delivery", ["subscriber_id"])
