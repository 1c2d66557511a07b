"""When the ticket asks before it sends: above a value, on doubtful data, or the same order twice in a blink."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Nanos
from engine.settings import Settings

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk

REFLEX_NS = 150_000_000
"""A second key press sooner than this after a question is no answer to it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to answer by Enter (yes) or Escape (no)."""

    text: Sentence
    asked_at: Nanos
    deaf_ns: int = REFLEX_NS

    def hears(self, now: Nanos) -> bool:
        """Whether an answer counts already."""
        return now - self.asked_at >= self.deaf_ns


class Guard:
    """Remembers what was sent last and decides what to ask."""

    def __init__(self) -> None:
        self._last: tuple[object, Nanos] | None = None

    def sent(self, form: object, now: Nanos) -> None:
        """Remember an order that went out; `form` compares equal for identical orders."""
        self._last = (form, now)

    def question(
        self, form: object, *, value: Decimal, quote: str, doubt: Sentence | None, settings: Settings, now: Nanos,
        skip: bool, venue: str = "",
    ) -> Question | None:  # fmt: skip
        """Return what to ask first, None to send at once; `skip` leaves out the question about the value.

        `doubt` is what to ask because prices cannot be trusted, None while they can.

        `venue` names where the order goes if that is no paper account; every question then says so.
        """
        trading = settings.trading
        window = trading.duplicate_guard_ms * 1_000_000
        if self._last is not None and self._last[0] == form and now - self._last[1] < window:
            ago = fmt.age(now - self._last[1])
            again = "The same order was sent {ago} ago. Send it again?"
            live = "The same order was sent {ago} ago. Send it to {venue} again?"
            return Question(_asked(again, live, venue, ago=ago), now, window)
        if doubt is not None:
            return Question(doubt, now)
        if skip or trading.confirm == "off":
            return None
        amount = fmt.grouped(f"{value:.2f}")
        if trading.confirm == "always":
            asked = "Send this order of {value} {quote}?"
            live = "Send this order of {value} {quote} to {venue}?"
            return Question(_asked(asked, live, venue, value=amount, quote=quote), now)
        if value > trading.confirm_over:
            over = fmt.grouped(fmt.decimal_text(trading.confirm_over))
            asked = "{value} {quote} is above {over}. Send it?"
            live = "{value} {quote} is above {over}. Send it to {venue}?"
            return Question(_asked(asked, live, venue, value=amount, quote=quote, over=over), now)
        return None


def doubtful(desk: Desk, symbol: str, venue: str, *, at_market: bool) -> Sentence | None:
    """Return what to ask before an order while a pair's prices cannot be trusted; None while they can.

    `venue` names where the order goes if that is no paper account; `at_market` orders are meant to trade at once.
    """
    why = desk.trust.told(symbol)
    if not why.source:
        return None
    exchange = desk.trust.exchange
    if exchange is not None and at_market:
        return say(
            "{why} A market order is refused until the book is in step with {venue}; a limit order waits. Send anyway?",
            why=str(why), venue=exchange.title,
        )  # fmt: skip
    if exchange is not None:
        return say("{why} Prices may be out of date. Send anyway?", why=str(why))
    return _asked(
        "Prices may be out of date. Send anyway?", "Prices may be out of date. Send to {venue} anyway?", venue
    )


def _asked(paper: str, live: str, venue: str, **values: str) -> Sentence:
    """Return a question in one of its two forms."""
    return say(live, venue=venue, **values) if venue else say(paper, **values)
