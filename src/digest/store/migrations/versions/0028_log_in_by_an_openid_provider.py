"""Log-in by an OpenID provider: which person there is which account, and when a log-in was proved."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """No account is linked yet; every log-in so far was proved when it was made."""
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("links_by_address", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("login") as table:
        table.add_column(sa.Column("proved_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE login SET proved_at = made_at")
    with op.batch_alter_table("login") as table:
        table.alter_column("proved_at", existing_type=UTCDateTime(), nullable=False)
