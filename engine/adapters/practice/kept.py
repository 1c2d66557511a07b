"""The file in which a practice chain is kept: written after each block, in one transaction.

An SQLite file with what py-evm stored by key, the blocks, and what waits. A file that does not belong to the contracts
and seed of today, or cannot be read, is set aside, and the chain begins anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from engine.adapters.practice import catalogue, deploy, forks, ledger, rules
from engine.adapters.practice.block import unpacked
from engine.adapters.practice.contracts import Contracts, own
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.manifest import Deployed, read, written
from engine.adapters.practice.nodes import Nodes
from engine.adapters.practice.refusal import Refusal

FORMAT = 1
TABLES = """
CREATE TABLE IF NOT EXISTS node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, header BLOB NOT NULL, transactions BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""


def fingerprint(contracts: Contracts) -> str:
    """Return what a prepared chain depends on, as a short text: contracts, seed and the code that plants it."""
    digest = hashlib.sha256(f"{FORMAT} {contracts.identity}".encode())
    for name in ("Token", "FeeToken", "StakingRewards"):
        digest.update(own(name).bytecode)
    digest.update(repr((catalogue.COINS, catalogue.PAIRS, catalogue.RANGES, catalogue.STAKED)).encode())
    digest.update(repr((catalogue.CHEF_POOLS, catalogue.CHEF_PER_BLOCK, catalogue.TAX_BPS)).encode())
    digest.update(repr((catalogue.STAKING_REWARD, deploy.BALANCES, deploy.TRADER_DOLLARS, deploy.WRAPPED)).encode())
    digest.update(repr((deploy.SEED_VERSION, forks.PAIR_FEE, forks.ROUTER_FEE, ledger.GENESIS_AT)).encode())
    digest.update(repr((rules.CHAIN_ID, rules.GAS_LIMIT, rules.BASE_FEE_FLOOR)).encode())
    return digest.hexdigest()[:16]


class Kept:
    """An open file of one chain."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(TABLES)
        self._written = self._count()

    @property
    def is_empty(self) -> bool:
        """Whether no chain is kept in it."""
        return self._fact("fingerprint") is None

    def load(self, wanted: str) -> tuple[Ledger, Deployed] | None:
        """Return the kept chain and where everything is; None if it is of another fingerprint."""
        if self._fact("fingerprint") != wanted.encode():
            return None
        nodes = Nodes(dict(self._database.execute("SELECT key, value FROM node")))
        rows = self._database.execute("SELECT header, transactions FROM block ORDER BY number")
        found = Ledger(nodes, [unpacked(*row) for row in rows], int(self._fact("ahead") or b"0"))
        for raw in msgspec.msgpack.decode(self._fact("waiting") or b"\x90", type=list[bytes]):
            with suppress(Refusal):
                found.take(raw)
        return found, read(self._fact("manifest") or b"")

    def save(self, chain: Ledger) -> None:
        """Write what changed; all of it or nothing."""
        nodes, rows = chain.nodes, chain.blocks
        first = min(self._written, len(rows))
        while first and self._hash(first - 1) != bytes(rows[first - 1].header.hash):
            first -= 1
        with self._transaction():
            self._database.executemany("DELETE FROM node WHERE key = ?", [(key,) for key in nodes.gone])
            self._database.executemany("INSERT OR REPLACE INTO node VALUES (?, ?)", nodes.fresh.items())
            self._database.execute("DELETE FROM block WHERE number >= ?", (first,))
            self._database.executemany(
                "INSERT INTO block VALUES (?, ?, ?)", [(each.number, *each.packed()) for each in rows[first:]]
            )
            self._set("ahead", str(chain.ahead_s).encode())
            self._set("waiting", msgspec.msgpack.encode([each.raw for each in chain.pool]))
        nodes.settled()
        self._written = len(rows)

    def begin(self, chain: Ledger, deployed: Deployed, of: str) -> None:
        """Write a chain that was just made."""
        self.save(chain)
        with self._transaction():
            self._set("manifest", written(deployed))
            self._set("fingerprint", of.encode())

    def finish(self) -> None:
        """Close so that the one file holds everything, and can be copied."""
        self._database.execute("PRAGMA journal_mode=DELETE")
        self._database.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _hash(self, number: int) -> bytes | None:
        row = self._database.execute("SELECT header, transactions FROM block WHERE number = ?", (number,)).fetchone()
        return None if row is None else bytes(unpacked(*row).header.hash)

    def _count(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM block").fetchone()[0])

    def _fact(self, name: str) -> bytes | None:
        row = self._database.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def _set(self, name: str, value: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


def copy(source: Path, target: Path) -> None:
    """Put a prepared chain where a profile keeps its own; whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    shutil.copyfile(source, fresh)
    os.replace(fresh, target)


def set_aside(path: Path) -> None:
    """Move a file that cannot be used out of the way, and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{path}{suffix}.old")


def remove(path: Path) -> None:
    """Forget a kept chain."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
