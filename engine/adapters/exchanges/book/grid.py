"""The texts of a venue on a pair's grid: whole ticks and lots, exactly; what is off the grid is told apart."""

from __future__ import annotations

from collections.abc import Collection

from engine.adapters.exchanges.wire.heard import PrintHeard, TickerHeard, WireLevel
from engine.adapters.exchanges.wire.scaled import KEPT, LONGEST, scaled
from engine.domain.instrument import Instrument, Ticker
from engine.domain.market import Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.errors import InvalidInput

MOST_STEPS = 2**60
"""More ticks or lots than this are no price or quantity: charts and recordings have 64 bits for them, and for sums."""


class Steps(dict[str, int | None]):
    """Texts looked up as whole steps of a grid; None for one that is off it, or no number at all, or an absurd one."""

    def __init__(self, step: str, kept: int = KEPT) -> None:
        super().__init__()
        self._kept = kept
        self.unit = scaled(step)
        """One step in units of `scaled.DECIMALS`."""

    def __missing__(self, text: str) -> int | None:
        try:
            whole, off = divmod(scaled(text), self.unit)
        except InvalidInput:
            whole, off = 0, 1
        found = None if off or whole > MOST_STEPS else whole
        if len(text) > LONGEST:  # not to be remembered, by the thousands
            return None
        if len(self) >= self._kept:
            self.clear()
        self[text] = found
        return found


class Grid:
    """The grid of one instrument; `left_out` counts levels and prints that are off it, `kept` texts are remembered."""

    def __init__(self, instrument: Instrument, kept: int = KEPT) -> None:
        self.instrument, self.symbol = instrument, instrument.symbol
        pair = instrument.pair
        self.ticks, self.lots = Steps(format(pair.tick, "f"), kept), Steps(format(pair.lot, "f"), kept)
        self.left_out = 0

    def levels(self, levels: Collection[WireLevel]) -> list[Level]:
        """Return levels on the grid. One whose quantity is off it is told as empty: what was there is wrong now."""
        ticks, lots = self.ticks, self.lots
        prices, qtys = [ticks[level[0]] for level in levels], [lots[level[1]] for level in levels]
        if all(prices) and None not in qtys:
            return list(map(Level, prices, qtys))  # type: ignore[arg-type]
        return self._on_grid(prices, qtys)

    def _on_grid(self, prices: list[int | None], qtys: list[int | None]) -> list[Level]:
        """Return the levels that are on the grid, and count the others."""
        found: list[Level] = []
        for price, qty in zip(prices, qtys, strict=True):
            self.left_out += not price or qty is None
            if price:
                found.append(Level(Ticks(price), Lots(qty or 0)))
        return found

    def tick_of(self, heard: PrintHeard) -> TradeTick | None:
        """Return a print; None if it is off the grid."""
        price, qty = self.ticks[heard.price], self.lots[heard.qty]
        if not price or not qty:
            self.left_out += 1
            return None
        return TradeTick(self.symbol, Ticks(price), Lots(qty), heard.side, heard.at, heard.trade_id)

    def ticker(self, heard: TickerHeard, now: Nanos) -> Ticker:
        """Return a ticker; figures that are off the grid or missing are None, a volume is cut to whole lots."""
        volume = self.lots[heard.volume] if heard.volume else None
        if volume is None and heard.volume:
            try:
                volume = scaled(heard.volume[:40]) // self.lots.unit
            except InvalidInput:
                volume = None
        return Ticker(
            self.symbol,
            self._price(heard.bid),
            self._price(heard.ask),
            self._price(heard.last),
            self._price(heard.open),
            self._price(heard.high),
            self._price(heard.low),
            None if volume is None else Lots(volume),
            heard.at or now,
            self._qty(heard.bid_qty),
            self._qty(heard.ask_qty),
        )

    def _price(self, text: str) -> Ticks | None:
        found = self.ticks[text] if text else None
        return Ticks(found) if found else None

    def _qty(self, text: str) -> Lots | None:
        found = self.lots[text] if text else None
        return None if found is None else Lots(found)
