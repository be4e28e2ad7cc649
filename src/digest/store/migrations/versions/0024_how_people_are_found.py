"""How people are found: by the beginning of an address, a name or a domain, by language, state and time; and what persons did."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

#: Index → table, expression on SQLite, the same on PostgreSQL, and which rows. `store/directory` asks with the same expressions.
_EXPRESSIONS = {
    "ix_subscriber_name": ("subscriber", "lower(name)", 'lower(name) COLLATE "C"', "name <> ''"),
    "ix_subscriber_last_name": (
        "subscriber",
        "lower(substr(name, instr(name, ' ') + 1))",
        "lower(substr(name, strpos(name, ' ') + 1)) COLLATE \"C\"",
        "name <> ''",
    ),
    "ix_subscriber_domain": (
        "subscriber",
        "substr(address_key, instr(address_key, '@') + 1)",
        "substr(address_key, strpos(address_key, '@') + 1) COLLATE \"C\"",
        "",
    ),
    "ix_subscription_since": ("subscription", "coalesce(active_at, made_at)", "coalesce(active_at, made_at)", ""),
}


def upgrade() -> None:
    given, ended = sa.text("language <> ''"), sa.text("state <> 'active'")
    op.create_index("ix_subscriber_language", "subscriber", ["language"], sqlite_where=given, postgresql_where=given)
    op.create_index(
        "ix_subscription_state",
        "subscription",
        ["state", "mlist_id", "subscriber_id"],
        sqlite_where=ended,
        postgresql_where=ended,
    )
    op.create_index("ix_suppression_made_at", "suppression", ["made_at", "address_hmac"])
    by_person = sa.text("person <> ''")
    op.create_index("ix_event_person", "event", ["person", "id"], sqlite_where=by_person, postgresql_where=by_person)
    on_server = op.get_bind().dialect.name != "sqlite"
    for name, (table, on_sqlite, on_postgresql, rows) in _EXPRESSIONS.items():
        where = f" WHERE {rows}" if rows else ""
        op.execute(f"CREATE INDEX {name} ON {table} (({on_postgresql if on_server else on_sqlite})){where}")
    if on_server:  # the unique index is in the order of the server's language, which knows no prefixes
        op.execute('CREATE INDEX ix_subscriber_address ON subscriber (address_key COLLATE "C")')
