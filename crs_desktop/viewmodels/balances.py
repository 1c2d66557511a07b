"""Money by asset: total, free, locked, and its worth with the price it was valued at."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING, TableModel
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.account import Balance
from engine.domain.asset import Asset
from engine.domain.event import BalanceChanged, OrderAccepted, OrderCancelled
from engine.domain.order import OrderStatus, Side
from engine.ports.feed import TradesPrinted
from engine.services.explain import Number, Question


class BalancesModel(TableModel):
    """One row per asset that was ever held; the locked amount leads to the orders that lock it."""

    pace = 0.5

    def __init__(self, desk: Desk) -> None:
        self._currency = desk.portfolio.currency
        self.columns = (
            Column("Asset", "asset", "left"),
            Column("Total", "total"),
            Column("Free", "free"),
            Column("Locked", "locked"),
            Column("By", "orders", "left", action=True),
            Column(f"Value ({self._currency})", "value", explained=True),
            Column("Share", "share", spare=1),
            Column("Valued at", "source", "left"),
        )
        super().__init__(desk, "balances")
        self._assets: dict[str, Asset] = {}
        for pair in desk.pairs.values():
            for asset in (pair.base, pair.quote):
                self._assets.setdefault(asset.code, asset)
        for kind in (BalanceChanged, OrderAccepted, OrderCancelled, TradesPrinted):
            self._listen(kind, self.touch)

    def rows(self) -> list[Row]:
        """Return a row per asset, the currency of valuation first."""
        balances = self.desk.portfolio.balances()
        equity = self.desk.portfolio.equity()
        codes = sorted(balances, key=lambda code: (code != self._currency, code))
        return [self._row(code, balances[code], equity) for code in codes if code in self._assets]

    @property
    def empty(self) -> Empty:
        """An account without money."""
        return Empty(say("No money in this account. Reset it under Account to start with new balances."))

    def show_locked(self, asset: str) -> None:
        """Let the open orders show what locks this asset."""
        self.desk.pick_asset(asset)

    def explain(self, _asset: str, _field: str) -> None:
        """Ask where the equity comes from, of which a balance is a part."""
        self.desk.ask_number(Question(Number.EQUITY))

    def _row(self, code: str, balance: Balance, equity: int) -> Row:
        asset = self._assets[code]
        worth = self.desk.portfolio.value_of(code, balance.total)
        money = self._assets[self._currency]
        value = share = MISSING
        if worth is not None:
            value = Cell(fmt.money(money, worth, 2), raw=money.text(worth))
            if equity > 0:
                share = Cell(fmt.share(worth * 10_000 // equity), "muted")
        mine = (each for each in self.desk.orders.open() if each.status is not OrderStatus.PENDING)
        count = sum(1 for each in mine if self._locks(each.symbol, each.side) == code)
        by: str | Sentence = ""
        if count:
            by = say("1 order") if count == 1 else say("{count} orders", count=count)
        return Row(
            code,
            (
                Cell(code),
                _amount(asset, balance.total),
                _amount(asset, balance.free),
                _amount(asset, balance.locked),
                Cell(by, "accent"),
                value,
                share,
                Cell(self._source(code), "muted"),
            ),
        )  # fmt: skip

    def _locks(self, symbol: str, side: Side) -> str:
        pair = self.desk.pairs[symbol]
        return pair.quote.code if side is Side.BUY else pair.base.code

    def _source(self, code: str) -> Sentence:
        if code == self._currency:
            return say("1 by definition")
        symbol = f"{code}/{self._currency}"
        price = self.desk.market_data.last_price(symbol) if symbol in self.desk.pairs else None
        if price is None:
            return say("No price")
        last = self.desk.market_data.last(symbol)
        values = {"label": self.desk.source, "price": fmt.price(self.desk.pairs[symbol], price)}
        if last is None:
            return say("{label} last {price}", **values)
        return say("{label} last {price}, {age} old", age=fmt.age(self.desk.feed.now - last.at), **values)


def _amount(asset: Asset, units: int) -> Cell:
    exact = asset.text(units)
    return Cell(fmt.money(asset, units), "text" if units else "faint", exact, f"{exact} {asset.code}")
