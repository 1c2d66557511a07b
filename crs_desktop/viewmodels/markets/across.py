"""The pane of one asset across venues: a row per venue and quote asset, the best marked, the gap, what fees leave."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.markets.cross import FRESH_S, Gap, counts, gaps, market_of
from crs_desktop.viewmodels.markets.opening import open_row
from crs_desktop.viewmodels.markets.rowtext import price_cell, spread_cell
from crs_desktop.viewmodels.markets.scanner import KINDS
from crs_desktop.viewmodels.table import MISSING, TableModel
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.instrument import InstrumentKind
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.services.board import BoardChanged, BoardListed

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from engine.services.board_row import CrossQuote

COLUMNS = (
    Column("Venue", "venue", "left"),
    Column("Pair", "pair", "left"),
    Column("Bid", "bid"),
    Column("Size", "bid_qty", spare=3),
    Column("Ask", "ask"),
    Column("Size", "ask_qty", spare=3),
    Column("Spread, bps", "spread", spare=1),
    Column("Last", "last", spare=4),
    Column("Taker fee", "fee", spare=2),
    Column("Age", "age"),
    Column("State", "state", "left"),
)
BEST_BID, BEST_ASK = say("best bid"), say("best ask")
GAPS_SHOWN = 3
DOUBTED_S = 5.0
"""A gap of which one price is older is told with that age: busy markets move in less."""


class AcrossModel(TableModel):
    """Follows the base of the desk's pair, or an asset that was chosen."""

    pace = 0.1
    poll = 1.0
    columns = COLUMNS

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "across venues")
        self.connected, self._board = desk.connected, desk.connected.board
        self.chosen = ""
        """The asset that was chosen; empty to follow the desk."""
        self.one_dollar = False
        """Whether USD, USDT and USDC are compared as if they were one."""
        bus = self.connected.bus
        self._keep(bus.subscribe(BoardChanged, self.touch))
        self._keep(bus.subscribe(BoardListed, self.touch))
        self._keep(self.connected.on_change(self.touch))

    @property
    def asset(self) -> str:
        """What is compared."""
        return self.chosen or self.desk.pair.base.code

    def assets(self) -> tuple[str, ...]:
        """Return every asset that is listed as a base."""
        return tuple(sorted({row.instrument.pair.base.code for row in self._board.rows()}))

    def choose(self, asset: str) -> bool:
        """Compare an asset, whatever the desk shows; empty follows the desk. False if nobody lists it."""
        code = asset.strip().upper()
        if code and not any(each.instrument.pair.base.code == code for each in self._board.of_asset(code)):
            return False
        self.chosen = code
        self.hurry()
        return True

    def set_one_dollar(self, on: bool) -> None:
        """Compare USD, USDT and USDC as one, or not."""
        self.one_dollar = on
        self.hurry()

    def quotes(self) -> list[CrossQuote]:
        """Return the quotes of the asset: those of the desk's quote asset first, then by quote asset and venue."""
        base = self.asset
        symbols = dict.fromkeys(
            row.symbol for row in self._board.of_asset(base) if row.instrument.pair.base.code == base
        )
        found = [quote for symbol in symbols for quote in self._board.across(symbol).quotes]
        first = self.desk.pair.quote.code

        def place(quote: CrossQuote) -> tuple[bool, bool, str, str]:
            instrument = quote.instrument
            code = instrument.pair.quote.code
            return instrument.kind is not InstrumentKind.SPOT, code != first, code, quote.title

        return sorted((each for each in found if each.instrument.trading), key=place)

    def gaps(self) -> list[Gap]:
        """Return the gaps of every market of the asset that at least two quotes count in."""
        return [each for each in gaps(self.quotes(), one_dollar=self.one_dollar) if each.counted > 1]

    def told(self) -> list[tuple[Sentence, str]]:
        """Return a line about each gap, and its tone."""
        lines = [_line(gap) for gap in self.gaps()[:GAPS_SHOWN]]
        if lines:
            return lines
        return [(self._nothing_to_compare(), "muted")]

    def _nothing_to_compare(self) -> Sentence:
        quotes = self.quotes()
        counting = [each for each in quotes if counts(each)]
        if len(quotes) < 2:
            return say("Only one market of {asset} is connected. Watch another exchange to compare.", asset=self.asset)
        if len({market_of(each, one_dollar=self.one_dollar) for each in counting}) > 1:
            return say("No two of them have the same quote asset. Different quote assets are not compared.")
        return say("Fewer than two of them are synced and fresh now.")

    def rows(self) -> list[Row]:
        """Return a row for each quote."""
        quotes = self.quotes()
        best = gaps(quotes, one_dollar=self.one_dollar)
        bids = {id(each.bid) for each in best if each.counted > 1}
        asks = {id(each.ask) for each in best if each.counted > 1}
        return [self._row(each, id(each) in bids, id(each) in asks) for each in quotes]

    @property
    def empty(self) -> Empty:
        """What to show while nobody lists the asset."""
        return Empty(
            say("Best prices of an asset on every connected venue stand here, with the gap between them."),
            say("Also watch an exchange…"),
        )

    def empty_action(self) -> None:
        """Choose an exchange."""
        self.connected.choose()

    def open(self, key: str) -> None:
        """Look at the pair of a row."""
        venue, _, symbol = key.partition("|")
        open_row(self.desk, Item(venue, symbol))

    def _row(self, quote: CrossQuote, best_bid: bool, best_ask: bool) -> Row:
        instrument, pair = quote.instrument, quote.instrument.pair
        found = self._board.ticker(quote.venue, pair.symbol)
        ticker, good = (None if found is None else found[0]), counts(quote)
        tone = "text" if good else "faint"
        name = pair.symbol if instrument.kind is InstrumentKind.SPOT else f"{pair.symbol} · {KINDS[instrument.kind]}"
        cells = (
            Cell(quote.title, "text" if good else "muted"),
            Cell(name, "text" if good else "muted"),
            _side(price_cell(pair, None if ticker is None else ticker.bid, tone), best_bid),
            _size(quote.bid_qty, pair.qty_text(ticker.bid_qty) if ticker and ticker.bid_qty is not None else ""),
            _side(price_cell(pair, None if ticker is None else ticker.ask, tone), best_ask),
            _size(quote.ask_qty, pair.qty_text(ticker.ask_qty) if ticker and ticker.ask_qty is not None else ""),
            MISSING if ticker is None else spread_cell(ticker, tone),
            price_cell(pair, None if ticker is None else ticker.last, tone),
            Cell(fmt.rate(pair.taker_fee.decimal), "muted"),
            MISSING if quote.age_s is None else Cell(fmt.age(int(quote.age_s * NANOS_PER_SECOND)), "muted"),
            self._state(quote, best_bid, best_ask),
        )
        return Row(f"{quote.venue}|{pair.symbol}", cells)

    def _state(self, quote: CrossQuote, best_bid: bool, best_ask: bool) -> Cell:
        if best_bid and best_ask:
            return Cell(say("best bid and ask"), "accent")
        if best_bid or best_ask:
            return Cell(BEST_BID if best_bid else BEST_ASK, "accent")
        state = next((each.state for each in self._board.venues() if each.venue == quote.venue), FeedState.CONNECTING)
        if state is not FeedState.SYNCED:
            return Cell(WORDS[state], "warn")
        if quote.age_s is None:
            return Cell(say("no price yet"), "muted")
        if not quote.is_good:
            return Cell(say("crossed: does not count"), "warn")
        if quote.age_s > FRESH_S:
            return Cell(say("old: does not count"), "warn")
        return Cell(WORDS[state], "muted")


def _side(cell: Cell, best: bool) -> Cell:
    if not best or cell is MISSING:
        return cell
    return cell._replace(text=f"★ {cell.text}", tone="accent")


def _size(qty: Decimal | None, text: str) -> Cell:
    return MISSING if qty is None else Cell(fmt.grouped(text), "muted", raw=text)


def _line(gap: Gap) -> tuple[Sentence, str]:
    code, bid, ask = gap.market.quote, gap.bid, gap.ask
    unit = bid.instrument.pair.quote.code if code == "$" else code
    net = gap.net_bps
    places = max(bid.instrument.pair.tick_decimals, ask.instrument.pair.tick_decimals)
    if bid is ask:
        said = say(
            "{quote}: {venue} has the best bid {bid} and the best ask {ask} of {count} quotes.",
            quote=code, venue=bid.title, bid=_price(bid, bid.bid), ask=_price(ask, ask.ask), count=gap.counted,
        )  # fmt: skip
        return said, "muted"
    said = say(
        "{quote}: buy on {ask_venue} {ask}, sell on {bid_venue} {bid} · gap {gap} {unit} ({bps} bps) · "
        "after fees {net} bps",
        quote=code, bid_venue=bid.title, ask_venue=ask.title, bid=_price(bid, bid.bid), ask=_price(ask, ask.ask),
        gap=_signed(gap.gap, places), unit=unit, bps=_signed(gap.gap_bps, 1), net=_signed(net, 1),
    )  # fmt: skip
    oldest = max(bid.age_s or 0.0, ask.age_s or 0.0)
    if oldest > DOUBTED_S:  # the market may have moved meanwhile: no gap to speak of
        age = fmt.age(int(oldest * NANOS_PER_SECOND))
        return say("{said} · one of them is {age} old", said=str(said), age=age), "muted"
    return said, "up" if net > 0 else "text" if gap.gap > 0 else "muted"


def _price(quote: CrossQuote, price: Decimal | None) -> str:
    return fmt.DASH if price is None else fmt.grouped(f"{price:.{quote.instrument.pair.tick_decimals}f}")


def _signed(value: Decimal, places: int) -> str:
    text = f"{value:.{places}f}"
    return fmt.signed(fmt.grouped(text if text.strip("-0.") else text.lstrip("-")))
