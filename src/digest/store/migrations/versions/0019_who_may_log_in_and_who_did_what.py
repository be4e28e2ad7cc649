"""Who may log in to the admin pages, how, and from where; which person is behind an event."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0019"
down_revision = "0018"

#: Columns of an event that say what happened; the others are the progress of telling the admins.
_SAID = "at, kind, actor, person, account_id, ip, noun, noun_id, newsletter_id, mlist_id"


def upgrade() -> None:
    """Nobody has an account yet, and nobody knows which person was behind an event so far."""
    with op.batch_alter_table("event") as table:
        table.add_column(sa.Column("person", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("ip", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False, unique=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("code_secret", sa.String(), nullable=False),
        sa.Column("code_step", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("logged_in_at", UTCDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
    _of_an_account(
        "passkey",
        sa.Column("credential", sa.String(), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
    )
    _of_an_account("recovery_code", sa.Column("code_hash", sa.String(), nullable=False))
    _of_an_account(
        "login",
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("ip", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
    )
    op.create_index("ix_login_expires_at", "login", ["expires_at"])
    _of_an_account(
        "welcome_link",
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        may_be_none=True,
    )
    _keep_events_as_they_are()


def _of_an_account(table: str, *columns: sa.Column, may_be_none: bool = False) -> None:
    """Create a table whose rows belong to an account and go with it."""
    account = sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=may_be_none)
    op.create_table(table, sa.Column("id", sa.Integer(), primary_key=True), account, *columns, sqlite_autoincrement=True)
    op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def _keep_events_as_they_are() -> None:
    """Have the database refuse to change what an event says; its facts may lose some, as an erasure asks."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
        same = "SELECT 1 FROM json_each(OLD.facts) AS old WHERE old.key = new.key AND old.value IS new.value"
        added = f"EXISTS (SELECT 1 FROM json_each(NEW.facts) AS new WHERE NOT EXISTS ({same}))"  # noqa: S608  # of constants
        op.execute(f"CREATE TRIGGER event_is_append_only BEFORE UPDATE OF {_SAID} ON event {refuse}")
        op.execute(
            f"CREATE TRIGGER event_facts_are_kept BEFORE UPDATE OF facts ON event WHEN NEW.facts IS NULL OR {added} {refuse}"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_event_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
    )
    refuse = "FOR EACH ROW {} EXECUTE FUNCTION refuse_event_update()"
    op.execute(f"CREATE TRIGGER event_is_append_only BEFORE UPDATE OF {_SAID} ON event {refuse.format('')}")
    added = "WHEN (NEW.facts IS NULL OR NOT OLD.facts::jsonb @> NEW.facts::jsonb)"
    op.execute(f"CREATE TRIGGER event_facts_are_kept BEFORE UPDATE OF facts ON event {refuse.format(added)}")
