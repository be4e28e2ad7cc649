"""From when until when a newsletter pauses."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """No newsletter pauses."""
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("paused_from", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("paused_until", UTCDateTime(), nullable=True))
