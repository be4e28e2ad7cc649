"""The time of a log-in's proof where it was not made then; a program of the version before can go on logging people in."""

from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Nothing is stored where a log-in was proved when it was made."""
    with op.batch_alter_table("login") as table:
        table.alter_column("proved_at", existing_type=UTCDateTime(), nullable=True)
