"""Migrations of a database with Alembic, configured in code so that they work from a wheel and a frozen program.

`migrate` moves any chain of migrations: the exchange's own here, and others that have their own version table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sql.postgres.lock import LOCK
from engine.observe.failpoint import reached

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the exchange's tables up to a version, in one transaction."""
    migrate(engine, Path(__file__).parent, "alembic_version", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate the exchange's tables down to a version (`base` for none), in one transaction."""
    migrate(engine, Path(__file__).parent, "alembic_version", revision, down=True)


def migrate(engine: Engine, script_location: Path, version_table: str, to: str = "head", *, down: bool = False) -> None:
    """Move tables to a version, up or `down`, in one transaction: killed on the way, they are as they were.

    Args:
        engine: of a SQLite file (one whose transactions take in changes of tables, see `database.connect`) or of
            PostgreSQL.
        script_location: the directory with `env.py` and `versions/`; `env.py` takes `connection` and
            `version_table` from `context.config.attributes`.
        version_table: where the chain notes its version.
        to: the version, `head` or `base`.
        down: whether that is an older one.

    Raises:
        sqlalchemy.exc.DBAPIError: the database refuses; nothing was changed.
    """
    from alembic import command

    config = _config(script_location)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config.attributes["connection"] = connection
        config.attributes["version_table"] = version_table
        (command.downgrade if down else command.upgrade)(config, to)
        reached("migration.before_commit")


def _config(script_location: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    return config
