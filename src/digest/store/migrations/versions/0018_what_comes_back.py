"""What comes back: mails at the bounce address, and what each says of whom."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "returned_mail",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", AutoString(), nullable=False, unique=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("sender_hmac", AutoString(), nullable=False),
        sa.Column("forward_at", UTCDateTime(), nullable=True),
        sa.Column("forward_tries", sa.Integer(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_returned_mail_at", "returned_mail", ["at"])
    op.create_index("ix_returned_mail_sender_hmac", "returned_mail", ["sender_hmac"])
    waiting = sa.text("forward_at IS NOT NULL")
    op.create_index("ix_returned_mail_forward", "returned_mail", ["forward_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mail_id", sa.Integer(), sa.ForeignKey("returned_mail.id"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        *(
            sa.Column(name, AutoString(), nullable=False)
            for name in ("address", "address_hmac", "domain", "verdict", "reason", "status", "reply", "action", "sentence")
        ),
        sa.Column("proof", sa.String(16), nullable=False),
        sa.Column("effect", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("delivery_id", "issue_id", "newsletter_id", "subscription_id")
        ),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bounce_mail_id", "bounce", ["mail_id"])
    op.create_index("ix_bounce_address_hmac", "bounce", ["address_hmac"])
    op.create_index("ix_bounce_delivery", "bounce", ["delivery_id"])
    op.create_index("ix_bounce_issue", "bounce", ["issue_id", "domain"])
