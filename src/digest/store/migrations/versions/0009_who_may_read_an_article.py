"""Whether everybody may read an article, as its page says."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Of articles that are there it is not known."""
    with op.batch_alter_table("article") as table:
        table.add_column(sa.Column("is_free", sa.Boolean(), nullable=True))
