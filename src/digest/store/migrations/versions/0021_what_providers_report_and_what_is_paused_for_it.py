"""What mail providers report, what is paused for it, and rules for bounces of each newsletter's own."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("returned_mail", sa.Column("via", AutoString(), nullable=False, server_default="mailbox"))
    op.add_column("newsletter", sa.Column("bounce_rules", AutoString(), nullable=False, server_default=""))
    op.create_table(
        "sending_pause",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("relay", AutoString(), nullable=False),
        sa.UniqueConstraint("kind", "name"),
        sqlite_autoincrement=True,
    )
