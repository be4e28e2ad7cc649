"""How a source is asked, what it had at the last read, and articles that were taken back."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing was taken back so far; every source is asked as before."""
    with op.batch_alter_table("article") as table:
        table.add_column(sa.Column("file", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("source") as table:
        for name in ("body_hash", "standing", "user_agent", "headers", "basic_auth", "cookie"):
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
