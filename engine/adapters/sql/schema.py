"""The tables. `journal` is the truth; every other table can be made again from it, except imported history.

Amounts are decimal strings, exact, in the asset's engine decimals; prices and quantities carry the
decimals of their pair's grid. Instants are integer nanoseconds UTC (`…_ns`) of the venue, except
`wall_ns`, which is this machine's clock. `seq` is the number of the record that a row was made from.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

REVISION = "0003"
"""The migration that leads to these tables; `tests` compare the two."""

RARE = "kind = 'ListPair' OR kind = 'FundsDeposited' OR kind = 'MarketOpened' OR kind = 'TradingStateChanged'"
"""Which records are few."""

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("ts_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_journal_rare", "kind", sqlite_where=text(RARE), postgresql_where=text(RARE)),
    Index(None, "account", "seq"),
)
"""`ix_journal_rare` finds the kinds of which there are few without reading the others; it costs an order nothing."""

trading_pair = Table(
    "trading_pair",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("tick", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("min_notional", Text, nullable=False),
    Column("maker_fee", Text, nullable=False),
    Column("taker_fee", Text, nullable=False),
)

order = Table(
    "order",
    metadata,
    Column("account", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("order_type", Text, nullable=False),
    Column("tif", Text, nullable=False),
    Column("qty", Text, nullable=False),
    Column("price", Text),
    Column("stop_price", Text),
    Column("trail", Text),
    Column("trail_bps", Text),
    Column("display_qty", Text),
    Column("post_only", Boolean, nullable=False),
    Column("reduce_only", Boolean, nullable=False),
    Column("stp", Text, nullable=False),
    Column("expire_ns", BigInteger),
    Column("list_id", Text),
    Column("list_kind", Text),
    Column("list_place", Integer),
    Column("starts_after", Text),
    Column("filled", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("accepted_ns", BigInteger, nullable=False),
    Column("triggered_ns", BigInteger),
    Column("changed_ns", BigInteger, nullable=False),
    Column("ended_seq", BigInteger),
    PrimaryKeyConstraint("account", "order_id"),
    Index(None, "status"),
    Index(None, "account", "ended_seq"),
    Index(None, "account", "seq"),
    Index(None, "account", "number"),
)
"""`seq` is the record that accepted the order, `ended_seq` the one that ended it, null while the order is open.

`list_place` is its place in its list, from 0; `starts_after` is null from the leg's start on.
"""

trade = Table(
    "trade",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("trade_id", BigInteger, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("qty", Text, nullable=False),
    Column("fee", Text, nullable=False),
    Column("liquidity", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Index(None, "account", "order_id"),
    Index(None, "account", "seq"),
)

fill_why = Table(
    "fill_why",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("trade_id", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Index(None, "account", "order_id"),
)
"""Why a fill happened; `payload` is the record's own text."""

account_setting = Table(
    "account_setting",
    metadata,
    Column("account", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("account", "key"),
)
"""What was chosen for an account; `lot_method` is a value of `LotMethod`."""

portfolio_balance = Table(
    "portfolio_balance",
    metadata,
    Column("account", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("free", Text, nullable=False),
    Column("locked", Text, nullable=False),
    PrimaryKeyConstraint("account", "asset"),
)

portfolio_position = Table(
    "portfolio_position",
    metadata,
    Column("account", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("qty", Text, nullable=False),
    Column("cost", Text, nullable=False),
    Column("realised", Text, nullable=False),
    PrimaryKeyConstraint("account", "symbol"),
)

transaction = Table(
    "transaction",
    metadata,
    Column("seq", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    PrimaryKeyConstraint("seq", "line"),
    Index(None, "account", "seq"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("wall_ns", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("text", Text, nullable=False),
)

market_snapshot = Table(
    "market_snapshot",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("seq", BigInteger, nullable=False),
    Column("ts_ns", BigInteger, nullable=False),
    Column("wall_ns", BigInteger, nullable=False),
    Column("prices", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

account_snapshot = Table(
    "account_snapshot",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("seq", BigInteger, nullable=False),
    Column("ts_ns", BigInteger, nullable=False),
    Column("wall_ns", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

market_data = Table(
    "market_data",
    metadata,
    Column("symbol", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("start_ns", BigInteger, nullable=False),
    Column("open", Text, nullable=False),
    Column("high", Text, nullable=False),
    Column("low", Text, nullable=False),
    Column("close", Text, nullable=False),
    Column("volume", Text, nullable=False),
    Column("trades", BigInteger, nullable=False),
    PrimaryKeyConstraint("symbol", "timeframe", "start_ns"),
)
"""Closed bars as they were traded; they follow from nothing else that is kept, so no migration removes them."""

writer = Table(
    "writer",
    metadata,
    Column("shard", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
)
"""Who writes a shard, by the machine's clock. `epoch` only ever grows, so no migration removes it. Unused in a file."""

PROJECTIONS = (
    trading_pair,
    order,
    trade,
    fill_why,
    account_setting,
    portfolio_balance,
    portfolio_position,
    transaction,
)
"""Tables that follow from the journal alone."""
