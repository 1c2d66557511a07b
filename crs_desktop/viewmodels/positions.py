"""What is held and what it earned, by the account's lot method; closing a position at the market."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.explain import METHODS
from crs_desktop.viewmodels.table import MISSING, VENUE, TableModel
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.asset import Asset
from engine.domain.event import BalanceChanged, OrderRejected, PositionChanged
from engine.domain.number import Lots
from engine.domain.order import Side
from engine.errors import CrsError
from engine.ports.feed import TradesPrinted
from engine.services.explain import Number, Question
from engine.services.lots import LotMethodChanged
from engine.services.portfolio import PositionView

ASK = say("Double-click or Enter: where it comes from")


class PositionsModel(TableModel):
    """One row per pair that is held or has a result."""

    pace = 0.5
    columns = (
        Column("Pair", "pair", "left"),
        Column("Amount", "qty"),
        Column("Average cost", "average", explained=True),
        Column("Last", "last"),
        Column("Value", "value"),
        Column("Unrealised", "unrealised", explained=True),
        Column("%", "percent"),
        Column("Realised", "realised", explained=True),
        Column("Fees", "fees", spare=1),
        VENUE,
        Column("", "flatten", "left", action=True),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "positions")
        self.asking: str | None = None
        """The pair whose position would be closed, while the user is asked."""
        for kind in (PositionChanged, BalanceChanged, LotMethodChanged):
            self._listen(kind, self.touch)
        self._listen(TradesPrinted, self._on_trades)

    def rows(self) -> list[Row]:
        """Return a row per position."""
        return [self._row(view) for view in self.desk.portfolio.positions()]

    @property
    def empty(self) -> Empty:
        """Nothing is held."""
        refused = self.desk.refuses(self.desk.symbol)
        if refused is not None:  # nothing can be bought in the pair that is shown
            return Empty(refused)
        return Empty(say("No positions. Press B to buy at the best ask."), say("Buy"))

    def empty_action(self) -> None:
        """Start buying."""
        self.desk.pick_side(Side.BUY)

    @property
    def question(self) -> Sentence | None:
        """What to ask before a position is closed."""
        if self.asking is None:
            return None
        pair = self.desk.pairs[self.asking]
        qty = fmt.quantity(pair, self._held(self.asking))
        return say("Cancel the orders of {symbol} and sell {qty} {base} at market?",
                   symbol=pair.symbol, qty=qty, base=pair.base.code)  # fmt: skip

    def ask_flatten(self, symbol: str | None = None) -> None:
        """Ask whether to close the position of a pair (the desk's, if None; hotkey F)."""
        symbol = symbol or self.desk.symbol
        if self._held(symbol) > 0:
            self.asking, self.notice = symbol, None
        else:
            self.notice = say("You hold no {base} to sell.", base=self.desk.pairs[symbol].base.code)
        self.hurry()

    def explain(self, symbol: str, field: str) -> None:
        """Ask where a number of a position comes from."""
        self.desk.ask_number(Question(Number(field), symbol))

    def confirm(self) -> None:
        """Close the position that was asked about."""
        symbol, self.asking = self.asking, None
        self.hurry()
        if symbol is not None:
            self.tasks.start(self._flatten(symbol))

    def dismiss(self) -> None:
        """Take the question back."""
        self.asking = self.notice = None
        self.hurry()

    async def _flatten(self, symbol: str) -> None:
        self.warn(None)
        try:
            answer = await self.desk.orders.flatten(symbol, self._held(symbol))
        except CrsError as error:
            self.failed(error)
        else:
            if isinstance(answer, OrderRejected):
                self.warn(answer.text)

    def _held(self, symbol: str) -> Lots:
        position = self.desk.portfolio.position(symbol)
        return position.qty if position is not None else Lots(0)

    def _on_trades(self, event: TradesPrinted) -> None:
        if self._held(event.symbol):
            self.touch()

    def _tip(self) -> Sentence:
        method = METHODS[self.desk.lots.method]
        return say("{method}, buying fees included. Double-click or Enter: where it comes from", method=method)

    def _row(self, view: PositionView) -> Row:
        position = view.position
        pair = self.desk.pairs[position.symbol]
        quote, held = pair.quote, position.qty > 0
        average = MISSING
        if held:
            per_lot = pair.notional(1, position.qty)
            ticks = (2 * position.cost + per_lot) // (2 * per_lot)
            average = Cell(fmt.price(pair, ticks), raw=pair.price_text(ticks), tip=self._tip())
        last, value, unrealised, percent = (MISSING,) * 4
        if view.last is not None:
            last = Cell(fmt.price(pair, view.last), raw=pair.price_text(view.last))
        if held and view.value is not None and view.unrealised is not None:
            value = Cell(fmt.money(quote, view.value, 2), raw=quote.text(view.value))
            unrealised = _signed(quote, view.unrealised)._replace(tip=ASK)
            if position.cost:
                bps = view.unrealised * 10_000 // position.cost
                percent = Cell(fmt.percent(bps), unrealised.tone, fmt.percent(bps).replace(fmt.MINUS, "-"))
        return Row(
            position.symbol,
            (
                Cell(position.symbol),
                Cell(fmt.quantity(pair, position.qty), raw=pair.qty_text(position.qty)),
                average,
                last,
                value,
                unrealised,
                percent,
                _signed(quote, position.realised)._replace(tip=ASK),
                Cell(fmt.money(quote, position.fees, 4), "muted", quote.text(position.fees)),
                self.venue,
                Cell(say("Flatten") if held else "", "accent"),
            ),
        )


def _signed(quote: Asset, units: int) -> Cell:
    if not units:
        return Cell("0.00", "muted", quote.text(0))
    cent = 10 ** max(0, quote.decimals - 2)
    text = fmt.signed_money(quote, units, 2 if abs(units) >= cent else 4)  # less than a cent is not nothing
    tone = "muted" if not text.strip(f"0.{fmt.MINUS}") else ("up" if units > 0 else "down")
    return Cell(text, tone, quote.text(units))
