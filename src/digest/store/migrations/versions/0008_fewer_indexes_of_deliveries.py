"""Deliveries keep the indexes that sending needs; attempts know whose address they were for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Each claim and each result of a delivery writes all of its indexes: three of seven served rare searches alone."""
    op.add_column("attempt", sa.Column("address_hmac", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE attempt SET address_hmac = (SELECT delivery.address_hmac FROM delivery WHERE delivery.id = attempt.delivery_id)"
    )
    op.create_index("ix_attempt_address_hmac", "attempt", ["address_hmac"])
    for index in ("ix_delivery_address_hmac", "ix_delivery_subscriber_id", "ix_delivery_owner"):
        op.drop_index(index, "delivery")
