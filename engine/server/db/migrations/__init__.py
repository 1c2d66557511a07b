"""Migrations of the server's own tables with Alembic, configured in code; the chain is apart from the exchange's."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from engine.observe.failpoint import reached


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate the tables up to a version, within the caller's transaction."""
    command.upgrade(_config(connection), revision)
    reached("migration.before_commit")


def downgrade(connection: Connection, revision: str) -> None:
    """Migrate the tables down to a version (`base` for none), within the caller's transaction."""
    command.downgrade(_config(connection), revision)
    reached("migration.before_commit")
