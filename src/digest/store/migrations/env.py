"""Alembic's entry: `store.schema` hands in the connection and the transaction."""

from alembic import context
from sqlmodel import SQLModel

import digest.store.tables

assert digest.store.tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
