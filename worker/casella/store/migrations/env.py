"""Alembic's entry: runs on the connection that `casella.store.migrate` puts into the configuration."""

from alembic import context

from casella.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
