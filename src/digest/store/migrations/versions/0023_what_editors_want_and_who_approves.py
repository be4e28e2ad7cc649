"""What editors want of the stories of one issue, and who approves it."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Nobody has changed a draft before, and no newsletter asks for an approval before somebody wants it."""
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("approved_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("approved_by", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("candidate") as table:
        table.add_column(sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("approval", sa.String(16), nullable=False, server_default="none"))
        table.add_column(sa.Column("approval_min", sa.Integer(), nullable=False, server_default="15"))
        table.add_column(sa.Column("approval_silence", sa.String(16), nullable=False, server_default="hold"))
        table.add_column(sa.Column("approvers", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "story_edit",
        sa.Column("issue_id", sa.Integer(), sa.ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("story_id", sa.Integer(), sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("form", sa.String(16), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_story_edit_story_id", "story_edit", ["story_id"])
    op.create_table(
        "approval_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("issue_id", sa.Integer(), sa.ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_approval_request_issue_id", "approval_request", ["issue_id"])
    op.create_index("ix_approval_request_due_at", "approval_request", ["due_at"])
