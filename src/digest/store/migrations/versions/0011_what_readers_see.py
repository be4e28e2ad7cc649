"""What sources say of an article's picture; an editor's note on an issue, and on the next one of a newsletter."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Nothing is known of pictures that are there; no issue has a note."""
    with op.batch_alter_table("article") as table:
        table.add_column(sa.Column("image_info", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("issue") as table:
        table.add_column(sa.Column("note", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("note_by", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("newsletter") as table:
        table.add_column(sa.Column("next_note", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("next_note_by", sa.String(), nullable=False, server_default=""))
