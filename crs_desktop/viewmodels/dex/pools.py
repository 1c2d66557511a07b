"""The pools of the chain in use: what they hold, trade and pay, over a window of blocks that is told with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.form import percent_text, span_text
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, plain
from crs_desktop.viewmodels.wallet.header import dollars
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say

if TYPE_CHECKING:
    from engine.services.dex.analytics import PoolReport

COLUMNS = (
    Column("Exchange", "exchange", "left"),
    Column("Pool", "pool", "left"),
    Column("Fee", "fee", spare=2),
    Column("Holds", "holds", "left", spare=6),
    Column("Value $", "tvl"),
    Column("Volume $", "volume", spare=1),
    Column("Fees $", "fees", spare=3),
    Column("Fee APR", "apr"),
    Column("Fee APY", "apy", spare=4),
    Column("", "act", "left", action=True),
    Column("Mind", "note", "left", spare=5),
)
MOST_NOTE = 200


class PoolsModel(WalletTable):
    """Enter adds liquidity to the pool of a row."""

    columns = COLUMNS
    old_s = 60.0
    reading_words = say("Looking for pools, and reading their swaps…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.found: list[PoolReport] = []
        super().__init__(desk, door, "pools")

    async def read(self) -> None:
        """Read the pools, the largest first."""
        dex = self.front.dex
        found = await dex.pools() if dex is not None else []
        self.found = sorted(found, key=lambda each: -(each.figures.tvl if each.figures is not None else 0))

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.found = []

    def rows(self) -> list[Row]:
        """Return a row for each pool."""
        return [self._row(each) for each in self.found]

    @property
    def nothing(self) -> Empty:
        """That there are none."""
        return Empty(say("No exchange of this chain has a pool of the tokens that are known here."))

    @property
    def said(self) -> Sentence:
        """Over which window figures are."""
        if not self.found:
            return say("")
        first = self.found[0]
        return say(
            "{count} pools, over {blocks} blocks ({span}). A rate supposes that a year goes on like this.",
            count=len(self.found), blocks=f"{first.last_block - first.first_block:,}", span=span_text(first.seconds),
        )  # fmt: skip

    def open(self, key: str) -> None:
        """Add liquidity to a pool."""
        report = next((each for each in self.found if each.pool.address == key), None)
        if report is not None:
            self.door.doing.dex.add_liquidity(report)

    def _row(self, each: PoolReport) -> Row:
        pool, figures = each.pool, each.figures
        holds = f"{brief(pool.first.units(each.holds[0]), 6)} + {brief(pool.second.units(each.holds[1]), 6)}"
        names = f"{plain(pool.first.symbol, 12)}/{plain(pool.second.symbol, 12)}"
        money = (MISSING, MISSING, MISSING) if figures is None else (
            Cell(dollars(figures.tvl), "text", format(figures.tvl, "f")),
            Cell(dollars(figures.volume), "muted", format(figures.volume, "f")),
            Cell(dollars(figures.fees), "muted", format(figures.fees, "f")),
        )  # fmt: skip
        cells = (
            Cell(pool.dex.title),
            Cell(names, tip=pool.address),
            Cell(f"{float(pool.part) * 100:.2f} %", "muted"),
            Cell(holds, "muted"),
            *money,
            MISSING if figures is None else Cell(percent_text(figures.fee_apr), "up"),
            MISSING if each.fee_apy is None else Cell(percent_text(each.fee_apy), "muted"),
            Cell(say("Add"), "accent"),
            Cell(plain(each.note, MOST_NOTE), "warn", tip=plain(each.note, MOST_NOTE)),
        )
        return Row(pool.address, cells)
