"""Until when a reader pauses, which topics they want, why they left, where their mail is to go, and the mails to them about their own subscriptions."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nobody pauses before they say so, and no list says goodbye before somebody wants it."""
    with op.batch_alter_table("subscriber") as table:
        table.add_column(sa.Column("paused_until", UTCDateTime(), nullable=True))
    with op.batch_alter_table("subscription") as table:
        table.add_column(sa.Column("wanted", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("muted", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("mlist") as table:
        table.add_column(sa.Column("goodbye", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "leave_reason",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False),
        sa.Column("mlist_id", sa.Integer(), sa.ForeignKey("mlist.id", ondelete="CASCADE"), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("subscription_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leave_reason_mlist_id", "leave_reason", ["mlist_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("address_hmac", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("move_id", sa.Integer(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_due_at", "notice", ["due_at"])
    op.create_table(
        "move",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("address_hmac", sa.String(), nullable=False),
        sa.Column("old_hmac", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("new_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("old_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_move_subscriber_id", "move", ["subscriber_id"])
