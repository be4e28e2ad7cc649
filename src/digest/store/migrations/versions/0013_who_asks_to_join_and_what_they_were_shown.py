"""Who may join a list, who asks to, what they were shown, and how often it was asked."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Lists stay closed until somebody opens them; newsletters greet with their newest issue."""
    with op.batch_alter_table("mlist") as table:
        table.add_column(sa.Column("access", sa.String(16), nullable=False, server_default="closed"))
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("welcome_issue", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "signup",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mlist_id", sa.Integer(), sa.ForeignKey("mlist.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("address_hmac", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("letter", sa.String(16), nullable=True),
        sa.Column("letter_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mailed_at", UTCDateTime(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("code_until", UTCDateTime(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_signup_address_hmac", "signup", ["address_hmac"])
    op.create_index("ix_signup_letter", "signup", ["letter", "letter_at"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("signup_id", sa.Integer(), nullable=False),
        sa.Column("address_hmac", sa.String(), nullable=False),
        sa.Column("mlist", sa.String(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("ip", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consent_signup_id", "consent", ["signup_id"])
    op.create_index("ix_consent_address_hmac", "consent", ["address_hmac"])
    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_rate_count_until", "rate_count", ["until"])
    _keep_consent_as_it_is()


def _keep_consent_as_it_is() -> None:
    """Have the database refuse to change evidence. Rows of who never confirmed, or is forgotten, can go."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent "
            "BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_consent_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'consent is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_consent_update()"
    )
