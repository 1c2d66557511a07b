"""The form of an order that this program carries out on decentralised exchanges: a limit, or a series of purchases."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal, localcontext

from crs_desktop.viewmodels.dex.adding import shown_number
from crs_desktop.viewmodels.dex.form import ActForm, Field, Outcome, Told, span_text
from crs_desktop.viewmodels.dex.limits import limit_fields, limit_notes, limit_texts, limits_of
from crs_desktop.viewmodels.dex.tokens import why_unsigned
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import exact, plain
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import DexOrder, LimitTerms, SeriesTerms
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

CLOSED = say(
    "The program carries this out itself, while it is open and this chain is in use. While it is closed nothing "
    "happens: a limit waits, purchases whose time passes are missed and not made up for."
)
EVERY = (("300", say("5 minutes")), ("3600", say("hour")), ("86400", say("day")), ("604800", say("week")))
EXPIRES = (("", say("never")), ("3600", say("in an hour")), ("86400", say("in a day")), ("604800", say("in a week")))


class OrderForm(ActForm):
    """A new order, or other terms for one that there is."""

    def __init__(
        self, door: WalletDoor, sell: Token, buy: Token, amount: str, *, series: bool, order: DexOrder | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__(door)
        self.sell, self.buy, self.is_series, self.order, self._now = sell, buy, series, order, now
        pair = f"{plain(sell.symbol, 12)} → {plain(buy.symbol, 12)}"
        self.title = say("Buy again and again: {pair}", pair=pair) if series else say("Limit order: {pair}", pair=pair)
        self.verb = say("Keep the order") if order is None else say("Change the order")
        limits = order.limits if order is not None else Limits()
        self.texts = {
            **limit_texts(limits, self.dex.spec.native),
            "amount": amount, "price": "", "every": "86400", "count": "10", "expires": "",
        }  # fmt: skip
        self._market: Decimal | None = None
        if order is not None:
            self._take(order)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Amount, price and time; then the limits."""
        unit = plain(self.sell.symbol, 12)
        price = f"{plain(self.buy.symbol, 12)} / {unit}"
        coin = plain(self.dex.spec.native.symbol, 12)
        if self.is_series:
            return (
                Field("amount", say("Sell each time"), unit=unit),
                Field("every", say("Every"), EVERY),
                Field("count", say("So many times")),
                Field("price", say("Not below the price"), unit=price),
                *limit_fields(coin),
            )
        return (
            Field("amount", say("Sell"), unit=unit),
            Field("price", say("At the price or better"), unit=price),
            Field("expires", say("Expires"), EXPIRES),
            *limit_fields(coin),
        )

    @property
    def can_go(self) -> bool:
        """Whether it is complete, and there is a key for it."""
        return super().can_go and why_unsigned(self.door) == NOTHING

    @property
    def hint(self) -> Sentence:
        """Why it cannot be kept."""
        unsigned = why_unsigned(self.door)
        return unsigned if unsigned != NOTHING and not self.is_busy else super().hint

    async def work_out(self) -> Outcome | None:
        """Read the price of now, and say what the order would do."""
        amount = self._amount()
        if self._market is None:
            await self._read_market(amount)
        lines = []
        if self._market is not None:
            now = f"{shown_number(self._market)} {plain(self.buy.symbol, 12)}"
            lines.append(Told(say("Price now, gas paid"), verbatim(now)))
        terms, limits = self._terms(amount), limits_of(self, self.dex.spec.native)
        if terms.least is not None:
            lines.append(Told(say("At least"), say("{amount} arrive", amount=exact(self.buy.units(terms.least)))))
        if isinstance(terms, SeriesTerms):
            total = exact(TokenAmount(self.sell, amount.units * terms.count))
            span = span_text(terms.every_s * (terms.count - 1))
            lines.append(Told(say("In all"), say("{total} over {span}", total=total, span=span)))
        return Outcome(tuple(lines), (), (*limit_notes(limits), CLOSED))

    async def carry_out(self, over: object, then: Callable[[], object]) -> None:
        """Keep it; it is on the disk when the form closes."""
        dex, amount, limits = self.dex, self._amount(), limits_of(self, self.dex.spec.native)
        terms, order = self._terms(amount), self.order
        if order is not None:
            await dex.orders.edit(order.id, amount=amount.units, terms=terms, limits=limits)
        elif isinstance(terms, SeriesTerms):
            await dex.orders.series(dex.account, self.sell, self.buy, amount.units, terms, limits)
        else:
            await dex.orders.limit(dex.account, self.sell, self.buy, amount.units, terms, limits)
        then()

    # -- inside -------------------------------------------------------------------------------------

    def _amount(self) -> TokenAmount:
        typed = self.number("amount")
        if not typed:
            raise InvalidInput(f"How much {plain(self.sell.symbol, 12)}?")
        return self.sell.of(typed)

    def _terms(self, amount: TokenAmount) -> LimitTerms | SeriesTerms:
        least = self._least(amount)
        now = int(self._now())
        if not self.is_series:
            if least is None:
                raise InvalidInput("At which price?")
            expires = self.text("expires")
            if expires.startswith("@"):
                return LimitTerms(least, int(expires[1:]))
            return LimitTerms(least, now + int(expires) if expires else None)
        count, every = self.whole("count", "How often"), int(self.text("every") or 0)
        if not count:
            raise InvalidInput("How many times?")
        begun = self.order.terms if self.order is not None else None
        start = begun.start if isinstance(begun, SeriesTerms) and begun.every_s == every else now
        return SeriesTerms(start, every, count, least)

    def _least(self, amount: TokenAmount) -> int | None:
        price = self.number("price")
        if not price:
            return None
        with localcontext() as context:
            context.prec = 90
            return int((amount.exact * price).scaleb(self.buy.decimals))

    async def _read_market(self, amount: TokenAmount) -> None:
        quotes = await self.dex.quotes(self.sell, self.buy, amount.units, exact_in=True)
        best = quotes.best
        if best is not None:
            with localcontext() as context:
                context.prec = 30
                self._market = best.net.exact / amount.exact
            if not self.texts["price"] and not self.is_series:
                self.texts["price"] = shown_number(self._market)

    def _take(self, order: DexOrder) -> None:
        terms = order.terms
        if terms.least is not None:
            self.texts["price"] = shown_number(order.price(terms.least))
        if isinstance(terms, SeriesTerms):
            self.texts["every"], self.texts["count"] = str(terms.every_s), str(terms.count)
        elif terms.expires is not None:
            self.texts["expires"] = f"@{terms.expires}"
