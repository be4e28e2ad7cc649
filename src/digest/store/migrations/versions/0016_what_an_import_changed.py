"""What an import made and changed, so that it can be taken back, and whether it came to its end."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Earlier imports count as finished; the people that they made are not known as such and stay when they are undone."""
    op.add_column("subscriber", sa.Column("import_id", sa.Integer(), nullable=True))
    for table in ("subscriber", "subscription"):
        op.add_column(table, sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    for name in ("changed", "ended"):
        op.add_column("import", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("import", sa.Column("finished_at", UTCDateTime(), nullable=True))
    op.execute('UPDATE "import" SET finished_at = made_at')
    # What was changed before is not counted: a subscription that does not stand as its import made it counts as changed.
    op.execute("UPDATE subscription SET revision = 1 WHERE state = 'active' AND active_at <> made_at")
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("import_id", sa.Integer(), sa.ForeignKey("import.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscription.id", ondelete="CASCADE"), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
    )
    for name in ("import_id", "subscriber_id", "subscription_id"):
        op.create_index(f"ix_import_change_{name}", "import_change", [name])
