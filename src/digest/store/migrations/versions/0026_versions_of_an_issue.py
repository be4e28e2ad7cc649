"""Versions of an issue, what made them, and corrections."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0026"
down_revision = "0025"

#: The databases name the former constraint themselves; SQLite not at all, so that Alembic needs a rule for it.
_NAMING = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    """Every mail so far was made from the first version of its issue, and none was corrected."""
    on_server = op.get_bind().dialect.name != "sqlite"
    old = "rendition_issue_id_language_theme_format_key" if on_server else "uq_rendition_issue_id"
    with op.batch_alter_table("rendition", naming_convention=_NAMING) as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.drop_constraint(old, type_="unique")
        table.create_unique_constraint("uq_rendition", ["issue_id", "language", "theme", "format", "version"])
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("corrects_version", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_issue_corrects_id", "issue", ["corrects_id"], ["id"])
    op.create_table(
        "amendment",
        sa.Column("issue_id", sa.Integer(), sa.ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("story_id", sa.Integer(), sa.ForeignKey("story.id"), nullable=True),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("is_out", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_amendment_story_id", "amendment", ["story_id"])
