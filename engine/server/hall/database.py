"""Where a hall's journal is: a file of its own, or a schema of its own in the server's PostgreSQL database."""

from __future__ import annotations

from engine.profile import Profile
from engine.server.settings import ServerSettings, sqlalchemy_url


def hall_url(settings: ServerSettings, name: str) -> str:
    """Return the address of a hall's database, as SQLAlchemy writes it."""
    if not settings.database:
        return f"sqlite:///{Profile(settings.data_dir).venue(name).database}"
    from sqlalchemy import make_url

    url = make_url(sqlalchemy_url(settings.database))
    told = url.query.get("options", "")
    options = " ".join((*((told,) if isinstance(told, str) and told else ()), f"-csearch_path={schema_of(name)}"))
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)


def schema_of(name: str) -> str:
    """Return the schema of a hall's tables on PostgreSQL."""
    return f"venue_{name.replace('-', '_')}"


def made(settings: ServerSettings, name: str) -> str:
    """Make a hall's schema if it is missing; return the address of its database.

    Raises:
        StorageUnavailable: the database does not answer, or we may not.
    """
    url = hall_url(settings, name)
    if settings.database:
        from psycopg.sql import SQL, Identifier

        from engine.adapters.sql.postgres.store import PostgresStore

        store = PostgresStore(url)
        try:
            with store.connect("crs tables") as connection:
                connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema_of(name))))
        except store.errors as error:
            raise store.explained(error) from error
    return url
