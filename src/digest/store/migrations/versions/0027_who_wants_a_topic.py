"""How the people who want a topic are found."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    has_some = sa.text("wanted <> ''")
    op.create_index("ix_subscription_wanted", "subscription", ["subscriber_id"], sqlite_where=has_some, postgresql_where=has_some)
