"""A PostgreSQL URL: how it is connected to, and how it is called where people can read it."""

from __future__ import annotations

from typing import Any

from engine.errors import InvalidInput

FORM = "postgresql://USER:PASSWORD@HOST:PORT/NAME"

PATIENCE = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""How long a network may be silent, unless the URL says otherwise: seconds, but for the last, milliseconds."""


class Address:
    """Where a database is; its text never shows the password."""

    def __init__(self, url: str) -> None:
        """Read a URL, with or without SQLAlchemy's name of the driver.

        Raises:
            InvalidInput: it is none; the message does not repeat it, as it may hold a password.
        """
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        scheme, _, rest = url.partition("://")
        if scheme.partition("+")[0] not in ("postgresql", "postgres"):
            raise InvalidInput(f"A database is given as {FORM}.")
        try:
            told = conninfo_to_dict(f"postgresql://{rest}")
        except ProgrammingError:
            raise InvalidInput(f"The URL of the database cannot be read. It is written {FORM}.") from None
        if any(not port.isdigit() for port in str(told.get("port", "0")).split(",") if port):
            raise InvalidInput(f"The port of the database is no number. A URL is written {FORM}.")
        self.parameters: dict[str, Any] = {**PATIENCE, **told}

    def __repr__(self) -> str:
        return f"Address({self})"

    def __str__(self) -> str:
        host = self.parameters.get("host") or "this machine"
        port = self.parameters.get("port")
        name = self.parameters.get("dbname") or self.parameters.get("user") or "postgres"
        return f"{name} on {host}" + (f":{port}" if port else "")

    @property
    def database(self) -> str | None:
        """Its name; None if the server decides."""
        return self.parameters.get("dbname")
