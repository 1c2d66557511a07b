"""What a server needs: closed bars as they were traded, who writes, and indexes to page by account.

Bars and the writer's epoch follow from nothing else that is kept, so the way down leaves both tables where there is
anything in them; an older program does not look at them, and the way up takes them as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAGED = ("journal", "order", "trade", "transaction")
"""Tables that are read page by page, for an account, in the order of records."""

KEPT = ("market_data", "writer")


def upgrade() -> None:
    """Add tables and indexes."""
    op.create_table(
        "market_data",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Text(), nullable=False),
        sa.Column("high", sa.Text(), nullable=False),
        sa.Column("low", sa.Text(), nullable=False),
        sa.Column("close", sa.Text(), nullable=False),
        sa.Column("volume", sa.Text(), nullable=False),
        sa.Column("trades", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "timeframe", "start_ns", name=op.f("pk_market_data")),
        if_not_exists=True,
    )
    op.create_table(
        "writer",
        sa.Column("shard", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("since_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_writer")),
        if_not_exists=True,
    )
    for table in PAGED:
        op.create_index(op.f(f"ix_{table}_account_seq"), table, ["account", "seq"], unique=False)
    op.create_index(op.f("ix_order_account_number"), "order", ["account", "number"], unique=False)


def downgrade() -> None:
    """Drop the indexes, and the tables if they are empty."""
    op.drop_index(op.f("ix_order_account_number"), table_name="order")
    for table in PAGED:
        op.drop_index(op.f(f"ix_{table}_account_seq"), table_name=table)
    for table in KEPT:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first() is None:  # noqa: S608 - ours
            op.drop_table(table)
