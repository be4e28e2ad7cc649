"""Events: what happened to a noun, and what of it the admins are still to be told."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing of what happened before is known as an event."""
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("noun", sa.String(), nullable=False),
        sa.Column("noun_id", sa.Integer(), nullable=True),
        sa.Column("newsletter_id", sa.Integer(), nullable=True),
        sa.Column("mlist_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("tell_at", UTCDateTime(), nullable=True),
        sa.Column("tell_tries", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_kind", "event", ["kind", "id"])
    op.create_index("ix_event_newsletter", "event", ["newsletter_id", "id"])
    waits = sa.text("tell_at IS NOT NULL")
    op.create_index("ix_event_tell", "event", ["tell_at"], sqlite_where=waits, postgresql_where=waits)
