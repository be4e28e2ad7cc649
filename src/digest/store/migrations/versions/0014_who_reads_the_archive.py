"""Who may read a newsletter's archive, and when an issue was withdrawn from it."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """No newsletter has an archive before somebody asks for one: its readers were never told of it."""
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("archive", sa.String(16), nullable=False, server_default="off"))
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
