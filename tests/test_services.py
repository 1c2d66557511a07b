"""Claims about the services that tests stand on: real, private, and gone afterwards."""

from __future__ import annotations

import os
import socket

import pytest

from tests.services import Postgres, Redis, postgres_instance

pytestmark = pytest.mark.integration


def test_a_database_is_a_copy_of_its_template_and_is_gone_afterwards(postgres: Postgres) -> None:
    template = postgres.create()
    postgres.execute("CREATE TABLE kept (n integer)", template)

    with postgres.database(template) as url:
        name = url.rpartition("/")[2]
        postgres.execute("INSERT INTO kept VALUES (7)", name)
        assert postgres.execute("SELECT n FROM kept", name) == [(7,)]

    assert postgres.execute("SELECT n FROM kept", template) == []
    assert (name,) not in postgres.execute("SELECT datname FROM pg_database")
    postgres.drop(template)


def test_what_was_committed_is_there_after_a_stop_and_a_start(postgres: Postgres) -> None:
    with postgres_instance(durable=True) as own:
        assert own.port != postgres.port
        assert own.execute("SHOW fsync") == [("on",)]
        own.execute("CREATE TABLE kept AS SELECT 7 AS n")
        own.stop(3)  # SIGQUIT: as if it had crashed
        own.start()
        assert own.execute("SELECT n FROM kept") == [(7,)]
        directory, process = own.directory, own.process
    assert process is not None
    assert process.poll() is not None
    assert not directory.exists()


def test_redis_answers_on_this_machine_only(redis: Redis) -> None:
    with socket.create_connection(("127.0.0.1", redis.port), timeout=5) as probe:
        probe.sendall(b"PING\r\n")
        assert probe.recv(16) == b"+PONG\r\n"
    assert redis.process is not None
    assert redis.process.pid != os.getpid()
