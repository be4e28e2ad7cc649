"""What is counted for metrics, by the process that counts it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0025"


def upgrade() -> None:
    """Counts begin at zero; Prometheus takes that for a start like any other."""
    op.create_table(
        "metric_count",
        sa.Column("series", sa.String(), primary_key=True),
        sa.Column("labels", sa.String(), primary_key=True),
        sa.Column("holder", sa.String(), primary_key=True),
        sa.Column("value", sa.Float(), nullable=False),
    )
