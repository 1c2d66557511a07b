"""Migrations of the database with Alembic, configured in code so that they work from a wheel and a frozen program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.observe.failpoint import reached

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the tables up to a version, in one transaction."""
    from alembic import command

    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        reached("migration.before_commit")


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate the tables down to a version (`base` for none), in one transaction."""
    from alembic import command

    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        reached("migration.before_commit")
