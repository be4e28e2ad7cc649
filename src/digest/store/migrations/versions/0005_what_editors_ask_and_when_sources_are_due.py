"""When an article is settled or was revised, when a source is due, what sections and rules ask for."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Articles that are there are settled, sources are due; sections take their topic as before."""
    with op.batch_alter_table("article") as table:
        table.add_column(sa.Column("settles_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("revised_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("tags", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE article SET settles_at = first_seen_at")
    with op.batch_alter_table("article") as table:
        table.alter_column("settles_at", existing_type=UTCDateTime(), nullable=False)
    op.create_index("ix_article_source_canonical_url", "article", ["source_id", "canonical_url"])
    op.create_index("ix_article_source_fingerprint", "article", ["source_id", "fingerprint"])
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("due_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("not_before", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("rhythm_s", sa.Integer(), nullable=False, server_default="1800"))
    with op.batch_alter_table("section") as table:
        table.add_column(sa.Column("sources", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("words", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("min_size", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "editorial_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("newsletter_id", sa.Integer(), sa.ForeignKey("newsletter.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("words", sa.String(), nullable=False, server_default=""),
        sa.Column("topic", sa.String(), nullable=False, server_default=""),
        sa.Column("section", sa.String(), nullable=False, server_default=""),
        sa.Column("weight", sa.Float(), nullable=False, server_default="0.5"),
    )
    op.create_index("ix_editorial_rule_newsletter_id", "editorial_rule", ["newsletter_id"])
