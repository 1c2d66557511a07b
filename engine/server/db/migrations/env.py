"""Where Alembic starts: it gets its connection from `upgrade` and `downgrade`, never from a file."""

from __future__ import annotations

from alembic import context

from engine.server.db.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
