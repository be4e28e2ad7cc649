"""Which topics a visitor chooses when signing up, and in which words they were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
#: Columns of evidence that never change.
FIXED = ("id", "signup_id", "address_hmac", "mlist", "step", "how", "text", "choices", "version", "language", "at")


def upgrade() -> None:
    """Whoever asked before has chosen nothing."""
    with op.batch_alter_table("signup") as table:
        table.add_column(sa.Column("wanted", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("muted", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("consent") as table:
        table.add_column(sa.Column("choices", sa.String(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":  # the trigger on PostgreSQL compares whole rows
        same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in FIXED)
        op.execute("DROP TRIGGER consent_is_append_only")
        op.execute(
            f"CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent WHEN NOT (NEW.ip = '' AND {same}) "
            "BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END"
        )
