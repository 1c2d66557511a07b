"""What a replay came to, as texts: figures, the list of round trips, and the list as CSV."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Units
from engine.domain.pair import TradingPair
from engine.portfolio.roundtrip import RoundTrip, Summary

HEADER = (
    "number", "opened_utc", "closed_utc", "pair", "bought", "average_bought", "sold", "average_sold", "fees", "result",
)  # fmt: skip


class Figure(NamedTuple):
    """One figure: what it is, its text, and its tone."""

    title: Sentence
    text: str
    tone: str = "text"


class ReplayResult:
    """A summary for the screen and for a file."""

    def __init__(self, pair: TradingPair, result: Summary, last: int) -> None:
        self._pair, self._result, self._last = pair, result, last

    @property
    def is_empty(self) -> bool:
        """Whether nothing was traded."""
        return not self._result.trips

    @property
    def headline(self) -> Sentence:
        """All of it in a sentence."""
        result = self._result
        if self.is_empty:
            return say("Nothing was traded in this replay.")
        ahead = result.profit - result.held
        values = {"profit": self._money(result.profit), "hold": self._money(result.held), "code": self._code}
        better = "{profit} {code}. Buying once and holding would have brought {hold}: you did better."
        worse = "{profit} {code}. Buying once and holding would have brought {hold}: holding did better."
        return Sentence(better if ahead >= 0 else worse, values)

    @property
    def figures(self) -> list[Figure]:
        """The figures, most important first."""
        result = self._result
        share = fmt.percent(round(result.profit * 10_000 / result.start))
        rate = fmt.DASH if result.win_rate is None else f"{result.win_rate:.0%}"
        fall = f"{fmt.MINUS}{fmt.money(self._pair.quote, result.drawdown, 2)} ({result.drawdown_share:.2%})"
        open_trips = len(result.trips) - result.closed
        return [
            Figure(say("Profit after fees"), f"{self._money(result.profit)} ({share})", tone(result.profit)),
            Figure(say("Buy and hold"), self._money(result.held), tone(result.held)),
            Figure(say("Trades"), f"{result.closed}" + (f" + {open_trips}" if open_trips else "")),
            Figure(say("Won"), f"{rate} ({result.wins}/{result.closed})" if result.closed else rate),
            Figure(say("Best trade"), self._maybe(result.best), tone(result.best or 0)),
            Figure(say("Worst trade"), self._maybe(result.worst), tone(result.worst or 0)),
            Figure(say("Deepest fall of equity"), fall if result.drawdown else fmt.DASH),
            Figure(say("Fees"), fmt.money(self._pair.quote, result.fees, 2)),
            Figure(say("Equity"), f"{fmt.money(self._pair.quote, result.equity, 2)} {self._code}"),
        ]

    @property
    def columns(self) -> tuple[Sentence, ...]:
        """The titles of the list's columns."""
        return (
            say("#"), say("Opened"), say("Closed"), say("Quantity"), say("Bought at"), say("Sold at"), say("Fees"),
            say("Result"),
        )  # fmt: skip

    def rows(self) -> list[tuple[str, ...]]:
        """Return the round trips, oldest first."""
        return [self._row(number, trip) for number, trip in enumerate(self._result.trips, start=1)]

    def tones(self) -> list[str]:
        """Return the tone of each row's result."""
        return [tone(trip.result(self._pair, self._last)) for trip in self._result.trips]

    def csv(self) -> str:
        """Return the list with exact figures; what is open has no end."""
        pair, file = self._pair, io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number, trip in enumerate(self._result.trips, start=1):
            closed = fmt.date_clock(trip.closed) if trip.closed is not None else ""
            writer.writerow((
                number, fmt.date_clock(trip.opened), closed, pair.symbol, pair.qty_text(trip.bought),
                self._average(trip.paid, trip.bought, plain=True), pair.qty_text(trip.sold),
                self._average(trip.got, trip.sold, plain=True), pair.quote.shown(trip.fees),
                pair.quote.shown(trip.result(pair, self._last)),
            ))  # fmt: skip
        return file.getvalue()

    @property
    def _code(self) -> str:
        return self._pair.quote.code

    def _row(self, number: int, trip: RoundTrip) -> tuple[str, ...]:
        pair = self._pair
        return (
            str(number),
            fmt.date_clock(trip.opened),
            fmt.date_clock(trip.closed) if trip.closed is not None else fmt.DASH,
            fmt.quantity(pair, trip.bought),
            self._average(trip.paid, trip.bought),
            self._average(trip.got, trip.sold),
            fmt.money(pair.quote, trip.fees, 2),
            self._money(trip.result(pair, self._last)),
        )

    def _average(self, notional: int, lots: int, *, plain: bool = False) -> str:
        if not lots:
            return "" if plain else fmt.DASH
        ticks = round(notional / (lots * self._pair.notional_unit))
        return self._pair.price_text(ticks) if plain else fmt.price(self._pair, ticks)

    def _money(self, units: int) -> str:
        return fmt.signed_money(self._pair.quote, units, 2)

    def _maybe(self, units: Units | None) -> str:
        return fmt.DASH if units is None else self._money(units)


def tone(units: int) -> str:
    """Return the tone of a profit."""
    return "up" if units > 0 else "down" if units < 0 else "text"
