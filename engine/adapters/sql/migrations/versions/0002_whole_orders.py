"""Whole orders, why they filled, what was chosen per account, and snapshots of the accounts.

The new columns and tables follow from the journal, so a way down and up again loses nothing. The journal is read
here in the form that it had at this version; the program's own code is not used, as it moves on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORDER_COLUMNS = (
    ("seq", sa.BigInteger(), "0"),
    ("trail", sa.Text(), None),
    ("trail_bps", sa.Text(), None),
    ("display_qty", sa.Text(), None),
    ("post_only", sa.Boolean(), "0"),
    ("reduce_only", sa.Boolean(), "0"),
    ("stp", sa.Text(), "none"),
    ("expire_ns", sa.BigInteger(), None),
    ("list_id", sa.Text(), None),
    ("list_kind", sa.Text(), None),
    ("list_place", sa.Integer(), None),
    ("starts_after", sa.Text(), None),
    ("triggered_ns", sa.BigInteger(), None),
    ("ended_seq", sa.BigInteger(), None),
)
"""Name, type and, of those that are never null, what stands there until the journal was read."""

RARE = "kind = 'ListPair' OR kind = 'FundsDeposited' OR kind = 'MarketOpened' OR kind = 'TradingStateChanged'"

BATCH = 1_000


def upgrade() -> None:
    """Add the columns and tables and fill them from the journal."""
    where = sa.text(RARE)
    op.create_index("ix_journal_rare", "journal", ["kind"], unique=False, sqlite_where=where, postgresql_where=where)
    _add_order_columns()
    _create_tables()
    _fill(op.get_bind())


def downgrade() -> None:
    """Drop the columns and tables; the journal still holds what was in them."""
    op.drop_table("account_snapshot")
    op.drop_table("account_setting")
    op.drop_index(op.f("ix_fill_why_account_order_id"), table_name="fill_why")
    op.drop_table("fill_why")
    op.drop_index(op.f("ix_order_account_ended_seq"), table_name="order")
    with op.batch_alter_table("order", recreate=_recreate()) as table:
        for name, _, _ in ORDER_COLUMNS:
            table.drop_column(name)
    op.drop_index("ix_journal_rare", table_name="journal")


def _add_order_columns() -> None:
    """Add them where the tables of the program have them; a copy in the order of acceptance is made."""
    after = {"seq": "order_id", "trail": "stop_price", "triggered_ns": "accepted_ns", "ended_seq": "changed_ns"}
    before, copied = "", _recreate() == "always"
    with op.batch_alter_table("order", recreate=_recreate()) as table:
        for name, kind, default in ORDER_COLUMNS:
            column = sa.Column(name, kind, nullable=default is None, server_default=default)
            table.add_column(column, insert_after=after.get(name, before) if copied else None)
            before = name
    with op.batch_alter_table(
        "order", recreate=_recreate()
    ) as table:  # the values come from the journal, not by default
        for name, _, default in ORDER_COLUMNS:
            if default is not None:
                table.alter_column(name, server_default=None)
    op.create_index(op.f("ix_order_account_ended_seq"), "order", ["account", "ended_seq"], unique=False)


def _recreate() -> Literal["always", "never"]:
    """Return how columns are added: by copying the table, or in place where the database can and order is no matter."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _create_tables() -> None:
    op.create_table(
        "fill_why",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fill_why")),
    )
    op.create_index(op.f("ix_fill_why_account_order_id"), "fill_why", ["account", "order_id"], unique=False)
    op.create_table(
        "account_setting",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_account_setting")),
    )
    op.create_table(
        "account_snapshot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ts_ns", sa.BigInteger(), nullable=False),
        sa.Column("wall_ns", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_snapshot")),
    )


# The journal, read into what was added

Statement = tuple[str, dict[str, Any]]


KINDS = (
    "SubmitList",
    "OrderAccepted",
    "LegStarted",
    "OrderTriggered",
    "OrderAmended",
    "OrderFilled",
    "OrderCancelled",
    "OrderExpired",
    "FillExplained",
    "SetLotMethod",
)


def _fill(connection: sa.Connection) -> None:
    pairs = connection.execute(sa.text("SELECT symbol, tick, lot FROM trading_pair"))
    reading = _Reading({row.symbol: (row.tick, row.lot) for row in pairs})
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    query = f"SELECT seq, kind, account, payload FROM journal WHERE kind IN ({kinds}) ORDER BY seq"  # noqa: S608
    waiting: dict[str, list[dict[str, Any]]] = {}
    for count, row in enumerate(connection.execute(sa.text(query)), 1):
        for statement, values in reading.follows(row, json.loads(row.payload)):
            waiting.setdefault(statement, []).append(values)
        if count % BATCH == 0:
            _write(connection, waiting)
    _write(connection, waiting)


def _write(connection: sa.Connection, waiting: dict[str, list[dict[str, Any]]]) -> None:
    """Write what waits, acceptances first, as they reset what came before under the same id."""
    for statement in (ACCEPTED, STARTED, TRIGGERED, AMENDED, ENDED, EXPLAINED, CHOSEN):
        if values := waiting.pop(statement, None):
            connection.execute(sa.text(statement), values)


ACCEPTED = (
    'UPDATE "order" SET seq = :seq, trail = :trail, trail_bps = :trail_bps, display_qty = :display_qty, '
    "post_only = :post_only, reduce_only = :reduce_only, stp = :stp, expire_ns = :expire_ns, list_id = :list_id, "
    "list_kind = :list_kind, list_place = :list_place, starts_after = :starts_after, triggered_ns = NULL "
    "WHERE account = :account AND order_id = :order_id"
)
STARTED = 'UPDATE "order" SET starts_after = NULL WHERE account = :account AND order_id = :order_id'
TRIGGERED = 'UPDATE "order" SET triggered_ns = :at WHERE account = :account AND order_id = :order_id'
AMENDED = 'UPDATE "order" SET trail = :trail WHERE account = :account AND order_id = :order_id'
ENDED = (
    'UPDATE "order" SET ended_seq = :seq WHERE account = :account AND order_id = :order_id '
    "AND status NOT IN ('pending', 'waiting', 'working')"
)
EXPLAINED = "INSERT INTO fill_why VALUES (:seq, :account, :order_id, :trade_id, :payload)"
CHOSEN = (
    "INSERT INTO account_setting VALUES (:account, 'lot_method', :method) "
    "ON CONFLICT (account, key) DO UPDATE SET value = excluded.value"
)


class _Reading:
    """What must be remembered from one record to the next."""

    def __init__(self, steps: dict[str, tuple[str, str]]) -> None:
        self._steps = steps
        """Tick and lot by symbol."""
        self._symbols: dict[tuple[str, str], str] = {}
        self._place = 0

    def follows(self, row: sa.Row[Any], data: dict[str, Any]) -> Iterator[Statement]:
        """Yield what a record changes."""
        key = {"seq": row.seq, "account": row.account, "order_id": data.get("order_id")}
        known = (row.account, data.get("order_id", ""))
        if row.kind == "SubmitList":
            self._place = 0
        elif row.kind == "OrderAccepted":
            symbol = self._symbols[known] = data["order"]["symbol"]
            yield ACCEPTED, key | _whole(data, self._steps[symbol], self._place)
            self._place += 1
        elif row.kind == "LegStarted":
            yield STARTED, key
        elif row.kind == "OrderTriggered":
            yield TRIGGERED, key | {"at": data["at"]}
        elif row.kind == "OrderAmended":
            yield AMENDED, key | {"trail": _text(data.get("trail"), self._steps[self._symbols[known]][0])}
        elif row.kind == "FillExplained":
            yield EXPLAINED, key | {"trade_id": data["trade_id"], "payload": row.payload}
        elif row.kind == "SetLotMethod":
            yield CHOSEN, {"account": row.account, "method": data["method"]}
        elif row.kind != "OrderFilled" or data["left"] == 0:
            self._symbols.pop(known, None)
            yield ENDED, key


def _whole(data: dict[str, Any], steps: tuple[str, str], place: int) -> dict[str, Any]:
    order = data["order"]
    bps = order.get("trail_bps")
    return {
        "trail": _text(order.get("trail"), steps[0]),
        "trail_bps": None if bps is None else str(bps),
        "display_qty": _text(order.get("display_qty"), steps[1]),
        "post_only": order["post_only"],
        "reduce_only": order["reduce_only"],
        "stp": order["stp"],
        "expire_ns": order.get("expire_ts"),
        "list_id": data.get("list_id"),
        "list_kind": data.get("list_kind"),
        "list_place": None if data.get("list_id") is None else place,
        "starts_after": data.get("starts_after"),
    }


def _text(steps: int | None, step: str) -> str | None:
    """Return a number of steps as plain text with the step's own decimals."""
    if steps is None:
        return None
    exponent = int(Decimal(step).normalize().as_tuple().exponent)
    return format((Decimal(step) * steps).quantize(Decimal(1).scaleb(min(0, exponent))), "f")
