"""Pools for readers: a network that says nothing is waited for as long as the writer waits, not for minutes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.adapters.sql.pool import pooled
from engine.adapters.sql.postgres.address import PATIENCE


class Caught(Exception):  # noqa: N818 - what would have been connected to
    """The parameters of a connection."""


def parameters_of(url: str) -> dict[str, Any]:
    """Return what a connection of a pool would be made with."""
    engine = pooled(url)

    def caught(_dialect: object, _record: object, _args: object, parameters: dict[str, Any]) -> None:
        raise Caught(parameters)

    sa.event.listen(engine, "do_connect", caught)
    with pytest.raises(Caught) as found:
        engine.connect()
    engine.dispose()
    told: dict[str, Any] = found.value.args[0]
    return told


def test_a_connection_has_the_writers_patience() -> None:
    told = parameters_of("postgresql+psycopg://crs@db.test/crs")
    assert {name: told[name] for name in PATIENCE} == PATIENCE


def test_what_the_url_says_counts_more() -> None:
    told = parameters_of("postgresql+psycopg://crs@db.test/crs?connect_timeout=2")
    assert told["connect_timeout"] == "2"
    assert told["keepalives"] == PATIENCE["keepalives"]
