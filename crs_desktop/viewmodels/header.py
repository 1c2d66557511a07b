"""The top bar: the current pair's price and day, the account's equity and day's result, the market's time.

Reads caches at the pace of the screen; decides nothing but words and tones.
"""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.markets.day import day_of
from crs_desktop.viewmodels.risk import STATES
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.viewmodels.words import Sentence
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.market import Timeframe
from engine.domain.order import Side
from engine.ports.exchange import PairStateChanged
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.services.portfolio import EquityChanged

UP, DOWN = "▲", "▼"


class HeaderModel(ViewModel):
    """What the top bar shows."""

    pace = 0.2

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listen(TradesPrinted, self._on_trades)
        self._listen(EquityChanged, self.touch)
        self._listen(FeedStateChanged, self.touch)
        self._listen(PairStateChanged, self.touch)
        self._listen(TradingStateChanged, self.touch)
        self._keep(desk.board.on_change(self.touch))

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol == self.desk.symbol:
            self.touch()

    @property
    def timeframe(self) -> Timeframe:
        """The length of bars in the active chart; the chips and keys change that one's."""
        return self.desk.board.active.link.timeframe

    @property
    def last(self) -> str:
        """The last price."""
        ticks = self.desk.market_data.last_price(self.desk.symbol)
        return fmt.DASH if ticks is None else fmt.price(self.desk.pair, ticks)

    @property
    def last_tone(self) -> str:
        """`up` or `down` by the side of the last print's taker; `muted` while the prices cannot be trusted."""
        if not self.desk.trust.trusts(self.desk.symbol):
            return "muted"
        return self._side

    @property
    def _side(self) -> str:
        last = self.desk.market_data.last(self.desk.symbol)
        return "text" if last is None else ("up" if last.side is Side.BUY else "down")

    @property
    def arrow(self) -> str:
        """The direction as a sign, so that colour is not alone."""
        return {"up": UP, "down": DOWN}.get(self._side, "")

    @property
    def change(self) -> tuple[str, str]:
        """The change of 24 hours, and its tone."""
        bps = day_of(self.desk, self.desk.symbol).change_bps
        return fmt.percent(bps), _tone(bps or 0)

    @property
    def day(self) -> tuple[str, str, str]:
        """High, low and volume (in base) of 24 hours."""
        pair, day = self.desk.pair, day_of(self.desk, self.desk.symbol)
        if day.high is None or day.low is None:
            return fmt.DASH, fmt.DASH, fmt.DASH
        volume = fmt.compact(float(pair.qty_text(day.volume)))
        return fmt.price(pair, day.high), fmt.price(pair, day.low), f"{volume} {pair.base.code}"

    @property
    def equity(self) -> str:
        """What the account is worth."""
        quote = self.desk.pair.quote
        return f"{fmt.money(quote, self.desk.portfolio.equity(), 2)} {quote.code}"

    @property
    def day_result(self) -> tuple[str, str]:
        """The day's profit or loss with its sign, and its tone."""
        units = self.desk.portfolio.day_pnl()
        return fmt.signed_money(self.desk.pair.quote, units, 2), _tone(units)

    @property
    def trading(self) -> tuple[Sentence, str]:
        """What passes now, as a word, and its tone."""
        word, tone, _ = STATES[self._trading_state]
        return word, tone

    @property
    def trading_tip(self) -> Sentence:
        """What that word means."""
        return STATES[self._trading_state][2]

    @property
    def _trading_state(self) -> TradingState:
        return getattr(self.desk.gate, "state", TradingState.ACTIVE)

    @property
    def account(self) -> str:
        """The account in use, with its server if it is on one, e.g. `PAPER-1`."""
        return venue_of(self.desk).name

    @property
    def origin(self) -> tuple[str, str]:
        """Whose money and whose prices these are: `PAPER` and `SIMULATED`, or the name of a public exchange."""
        venue = venue_of(self.desk)
        return venue.word, self.desk.source

    @property
    def title(self) -> str:
        """The title of the window."""
        return f"CRS Desktop - {self.desk.symbol} {self.last} - {venue_of(self.desk).title}"

    @property
    def symbol(self) -> str:
        """The current pair; while another one is on its way, that one too."""
        coming = self.desk.coming
        return f"{self.desk.symbol} → {coming}…" if coming else self.desk.symbol


def _tone(value: int) -> str:
    if value == 0:
        return "muted"
    return "up" if value > 0 else "down"
