"""Who left may return, what a person asks to see, and evidence that can lose its IP address."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0017"
down_revision = "0016"
#: Columns of evidence that never change.
FIXED = ("id", "signup_id", "address_hmac", "mlist", "step", "how", "text", "version", "language", "at")


def upgrade() -> None:
    """Nobody who is suppressed returns by themselves: of those before, nobody knows whether they only left."""
    with op.batch_alter_table("suppression") as table:
        table.add_column(sa.Column("may_return", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "data_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("mail_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("mailed_at", UTCDateTime(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("code_until", UTCDateTime(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_data_request_mail_at", "data_request", ["mail_at"])
    _let_evidence_lose_its_ip_address()


def _let_evidence_lose_its_ip_address() -> None:
    """Have the database refuse every change of evidence but one: that its IP address is emptied."""
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in FIXED)
        op.execute("DROP TRIGGER consent_is_append_only")
        op.execute(
            f"CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent WHEN NOT (NEW.ip = '' AND {same}) "
            "BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_consent_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.ip = '' AND to_jsonb(NEW) - 'ip' = to_jsonb(OLD) - 'ip' THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'consent is append-only'; END $$"
    )
