"""PostgreSQL and Redis for tests: Debian's own programs, started in a temporary directory when first asked for.

Nothing here touches an instance that was there before: each has its own directory, a free loopback port and, for
PostgreSQL, its own socket directory. PostgreSQL refuses to run as root, so root runs it as the user `postgres`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

START_S = 30.0

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""Settings under which a killed machine would lose data; for tests that ask other questions."""

_USER = "crs"


class Postgres:
    """A PostgreSQL instance of our own; `start` and `stop` may be called in turns, the data stays.

    Args:
        directory: where it lives; made and owned by the user that runs it.
        durable: whether a commit waits for the disk.
        settings: more settings, each `name=value`.
    """

    def __init__(self, directory: Path, *, durable: bool = False, settings: Sequence[str] = ()) -> None:
        self.directory, self.port = directory, free_port()
        self.programs = _programs("initdb", "postgres", "pg_dump", "pg_restore")
        self._settings = [*settings, *(() if durable else FAST)]
        self._as: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if _root() else {}
        self._names = count(1)
        self.process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        if self._as:
            shutil.chown(directory, "postgres", "postgres")
        flags = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        self._run([str(self.programs["initdb"]), "-D", str(self.data), *flags])

    @property
    def data(self) -> Path:
        """Where the cluster is."""
        return self.directory / "data"

    @property
    def log(self) -> str:
        """What the server said."""
        path = self.directory / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def url(self, database: str = "postgres") -> str:
        """Return the URL of one of its databases, as people write it."""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.directory),
            "port": str(self.port),
            "shared_buffers": "32MB",
            "max_connections": "60",
            "autovacuum": "off",
            **dict(each.split("=", 1) for each in self._settings),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            command = [str(self.programs["postgres"]), "-D", str(self.data), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory, **self._as)
        until = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {self.log[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGINT) -> None:
        """End it: SIGINT ends its sessions and closes in order, SIGQUIT is a crash."""
        process, self.process = self.process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(how)
            process.wait(START_S)

    def create(self, template: str | None = None) -> str:
        """Make a new database, as a copy of one that nobody uses if named, and return its name."""
        name = f"t{next(self._names)}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also when somebody still uses it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Lend the URL of a new database."""
        name = self.create(template)
        yield self.url(name)
        self.drop(name)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement of a test's own and return the rows, if it has any."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.directory, **self._as)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr}")


class Redis:
    """A Redis instance of our own, which keeps nothing on the disk."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.port = directory, free_port()
        self.program = _programs("redis-server")["redis-server"]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.program), *options, "--dir", str(self.directory)], stdout=log, stderr=log
            )
        until = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Redis did not start: {(self.directory / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; what it held is gone."""
        process, self.process = self.process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(how)
            process.wait(START_S)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2.0) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        return False


@contextmanager
def postgres_instance(*, durable: bool = False, settings: Sequence[str] = ()) -> Iterator[Postgres]:
    """Lend a running PostgreSQL of one's own; skips where it is not installed."""
    _programs("initdb", "postgres", "pg_dump", "pg_restore")
    with _directory("crs-postgres-") as directory:
        instance = Postgres(directory, durable=durable, settings=settings)
        try:
            instance.start()
            yield instance
        finally:
            instance.stop(signal.SIGQUIT)  # nobody needs what an orderly end writes


@contextmanager
def redis_instance() -> Iterator[Redis]:
    """Lend a running Redis of one's own; skips where it is not installed."""
    _programs("redis-server")
    with _directory("crs-redis-") as directory:
        instance = Redis(directory)
        try:
            instance.start()
            yield instance
        finally:
            instance.stop(signal.SIGKILL)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _directory(prefix: str) -> Iterator[Path]:
    """Lend a directory that another user may enter too, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        yield Path(directory) / "instance"


def _root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _programs(*names: str) -> dict[str, Path]:
    """Return where programs are: on the PATH or, newest version first, where Debian keeps PostgreSQL's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    found: dict[str, Path] = {}
    for name in names:
        known = [each / name for each in folders if (each / name).exists()]
        on_path = shutil.which(name)
        if not known and not on_path:
            package = "redis-server" if name == "redis-server" else "postgresql"
            pytest.skip(f"{name} is not installed: this test needs a real one (apt-get install {package})")
        found[name] = known[0] if known else Path(str(on_path))
    return found
