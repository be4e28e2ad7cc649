"""Until when a reader pauses, and the mails that readers ask for about their own subscriptions."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nobody pauses before they say so."""
    with op.batch_alter_table("subscriber") as table:
        table.add_column(sa.Column("paused_until", UTCDateTime(), nullable=True))
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("address_hmac", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_due_at", "notice", ["due_at"])
