"""The tables of the wallet's own database, and how an older one becomes a newer one.

Amounts are whole numbers of the smallest unit as decimal text: they have more digits than SQLite's integers. The
version stands in SQLite's own `user_version`; each step of `STEPS` leads from one to the next, in one transaction.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text

VERSION = 1
"""What this program writes."""

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

sent = Table(
    "sent",
    metadata,
    Column("chain_id", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("unsigned", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kept_ns", BigInteger, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
    Column("block", BigInteger),
    Column("block_hash", Text),
    Column("depth", Integer, nullable=False),
    Column("gas_used", BigInteger),
    Column("gas_price", Text),
    Column("reason", Text, nullable=False),
    Column("replaces", Text),
    Column("replaced_by", Text),
    Column("reorgs", Integer, nullable=False),
    PrimaryKeyConstraint("chain_id", "hash"),
    Index(None, "chain_id", "sender", "nonce"),
    Index(None, "state"),
    Index(None, "kept_ns"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("chain_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("counterparty", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("transaction", Text, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("chain_id", "account", "block", "log_index", "token", "units"),
)

scanned = Table(
    "scanned",
    metadata,
    Column("chain_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
    PrimaryKeyConstraint("chain_id", "account"),
)

dex_orders = Table(
    "dex_orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
    Index(None, "state"),
)

STEPS: dict[int, tuple[str, ...]] = {}
"""From a version to the next: the statements that lead there. Version 0 is an empty file; all tables are made then."""
