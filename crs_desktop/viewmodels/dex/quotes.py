"""The quotes of the swap form as a table: every exchange, the best way over all, and the best division."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.dex.swap import SwapModel, key_of
from crs_desktop.viewmodels.table import MISSING, TableModel
from crs_desktop.viewmodels.wallet.figures import brief, exact, plain
from crs_desktop.viewmodels.words import NOTHING, say

if TYPE_CHECKING:
    from engine.services.dex.quoterow import QuoteRow

COLUMNS = (
    Column("", "chosen", "left"),
    Column("Way", "way", "left"),
    Column("Gives", "amount"),
    Column("After gas", "net"),
    Column("Behind the best", "behind", spare=1),
    Column("Impact", "impact", spare=2),
    Column("Pool fee", "fee", spare=3),
    Column("Gas", "gas", spare=4),
    Column("Route", "route", "left", spare=5),
)
MOST_ROUTE = 160


class QuotesModel(TableModel):
    """Rows of the form's quotes; opening one takes it."""

    columns = COLUMNS

    def __init__(self, form: SwapModel) -> None:
        super().__init__(form.desk, "swap quotes")
        self.form = form

    @property
    def dirty(self) -> bool:
        """Whether the form has something new to show."""
        return self.form.dirty or super().dirty

    @dirty.setter
    def dirty(self, value: bool) -> None:
        TableModel.dirty.fset(self, value)  # type: ignore[attr-defined]  # a property of the base

    def rows(self) -> list[Row]:
        """Return a row for each way, the best first."""
        quotes = self.form.quotes
        if quotes is None:
            return []
        taken = self.form.row
        best = next((each for each in quotes.rows if not each.problem), None)
        return [self._row(each, each is taken, best) for each in quotes.rows]

    @property
    def empty(self) -> Empty:
        """What the form waits for."""
        form = self.form
        if form.is_ready and not form.amount_text.strip():
            return Empty(say("What each exchange gives stands here as soon as there is an amount."))
        return Empty(form.why_not if form.why_not != NOTHING else say("Asking the exchanges…"))

    def open(self, key: str) -> None:
        """Take a row."""
        self.form.choose(key)

    def _row(self, row: QuoteRow, is_taken: bool, best: QuoteRow | None) -> Row:
        amount = row.amount_out if row.is_exact_in else row.amount_in
        tone = "muted" if row.problem else "text"
        route = plain(" · ".join(row.lines), MOST_ROUTE)
        cells = (
            Cell("●" if is_taken else "", "accent", "taken" if is_taken else ""),
            Cell(_title(row), tone, tip=plain(row.problem)),
            Cell(brief(amount, 9), tone, amount.text, exact(amount)),
            Cell(brief(row.net, 9), tone, row.net.text, exact(row.net)),
            _behind(row, best),
            Cell(f"{row.impact_bps / 100:.2f} %", "warn" if row.impact_bps >= 300 else tone),
            Cell(f"{row.fee_bps / 100:.2f} %", "muted"),
            Cell(f"{row.gas:,}", "muted", str(row.gas)),
            Cell(plain(row.problem) if row.problem else route, "warn" if row.problem else "muted", tip=route),
        )
        return Row(key_of(row), cells)


def _title(row: QuoteRow) -> str:
    """Return where it goes, and through how many pools if that is not said by the title."""
    title = plain(row.title, 60)
    hops = max((len(each.edges) for each in row.paths), default=1)
    return f"{title} · {hops} pools" if row.kind == "multi-hop" and hops > 1 else title


def _behind(row: QuoteRow, best: QuoteRow | None) -> Cell:
    """Return how much less than the best a row brings (or more it costs), gas counted."""
    if best is None or row.problem or not best.net.units:
        return MISSING
    if row is best:
        return Cell(say("best"), "up", "0")
    part = abs(row.net.units - best.net.units) * 10_000 // abs(best.net.units)
    if not part:
        return Cell("<0.01 %", "muted")
    return Cell(f"{fmt.MINUS if row.is_exact_in else '+'}{part / 100:.2f} %", "down")
