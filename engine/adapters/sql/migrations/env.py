"""Where Alembic starts: it gets its connection from `migrate`, never from a file."""

from __future__ import annotations

from alembic import context

from engine.adapters.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
