"""Indexes by which pages list and count a million reports of what came back."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    for column in ("verdict", "domain", "newsletter_id", "effect"):
        op.create_index(f"ix_bounce_{column}", "bounce", [column, "id"])
    op.create_index("ix_bounce_at", "bounce", ["at", "verdict", "reason", "domain"])
    waiting = sa.text("effect = 'held back'")
    op.create_index("ix_bounce_held", "bounce", ["issue_id", "domain"], sqlite_where=waiting, postgresql_where=waiting)
