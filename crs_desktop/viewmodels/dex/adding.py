"""The form that adds liquidity: to a pair, or to a range of prices of a V3 pool; one amount follows from the other."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.dex.form import SLIPPAGE_FIELD, ActForm, Field, Outcome, Told, percent_text
from crs_desktop.viewmodels.dex.positions import figure
from crs_desktop.viewmodels.dex.swap import percent
from crs_desktop.viewmodels.dex.tokens import oriented, why_unsigned
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import exact, plain
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.defi.chain import DexKind
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.services.dex.analytics import PoolReport

SPREADS = (5, 10, 25, 50)
"""Ranges that a button sets: so many percent below and above the price."""
FULL = "full"
PRECISION = 60
ENDS = 6
"""Figures of an end that a button sets: the pool takes the nearest of its ticks anyway."""


class AddForm(ActForm):
    """What goes into a pool. The price is of the first token in the second; the coin stands for its wrapped token."""

    verb = say("Look at it…")

    def __init__(self, door: WalletDoor, report: PoolReport) -> None:
        super().__init__(door)
        self.pool = pool = report.pool
        spec = self.dex.spec
        pooled = oriented(spec, pool.first, pool.second)
        self.first, self.second = (spec.native if each == spec.wrapped else each for each in pooled)
        names = f"{plain(self.first.symbol, 12)}/{plain(self.second.symbol, 12)}"
        self.title = say("Add liquidity: {pool} at {exchange}", pool=names, exchange=pool.dex.title)
        self.texts = {"slippage": percent(self.dex.slippage_bps), "first": "", "second": "", "low": "", "high": ""}
        self.price: Decimal | None = None
        self.held: dict[Token, int] = {}
        self._led = "first"

    @property
    def is_range(self) -> bool:
        """Whether it goes into a range of prices."""
        return self.pool.dex.kind is DexKind.V3

    @property
    def fields(self) -> tuple[Field, ...]:
        """Amounts and slippage; of a range also its ends."""
        ends: tuple[Field, ...] = ()
        if self.is_range:
            unit = f"{plain(self.second.symbol, 12)} / {plain(self.first.symbol, 12)}"
            chips = tuple((f"±{each}", say("± {part} %", part=each)) for each in SPREADS)
            ends = (
                Field("low", say("Lowest price"), unit=unit),
                Field("high", say("Highest price"), unit=unit, chips=(*chips, (FULL, say("All prices")))),
            )
        return (
            *ends,
            Field("first", self._amount_title(self.first), unit=plain(self.first.symbol, 12)),
            Field("second", self._amount_title(self.second), unit=plain(self.second.symbol, 12)),
            SLIPPAGE_FIELD,
        )

    @property
    def hint(self) -> Sentence:
        """What is missing, or goes on."""
        if self.is_busy:
            return say("Working it out…")
        if (unsigned := why_unsigned(self.door)) != NOTHING:
            return unsigned
        return say("How much of one of both? The other follows from the price.") if self.outcome is None else NOTHING

    @property
    def can_go(self) -> bool:
        """Whether there is something to sign, and a key for it."""
        return super().can_go and bool(self.outcome and self.outcome.intents) and why_unsigned(self.door) == NOTHING

    def ends(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the range as it is typed; None: no end. Raises InvalidInput."""
        return self.number("low"), self.number("high")

    def set_ends(self, low: Decimal | None, high: Decimal | None) -> None:
        """Take a range that was dragged."""
        self.texts["low"] = "" if low is None else shown_number(low)
        self.texts["high"] = "" if high is None else shown_number(high)
        self.typed("low")
        self.ask()

    def typed(self, name: str) -> None:
        """Let the other amount follow; a button of the range sets both of its ends."""
        value = self.texts[name]
        if name in ("low", "high") and (value == FULL or value.startswith("±")):
            spread = None if value == FULL else Decimal(value[1:]) / 100
            at = self.price
            self.texts["low"] = "" if spread is None or at is None else shown_number(at * (1 - spread), ENDS)
            self.texts["high"] = "" if spread is None or at is None else shown_number(at * (1 + spread), ENDS)
        if name in ("first", "second"):
            self._led = name
        self._follow()

    def _follow(self) -> None:
        """Work the other amount out from the one that was typed last."""
        leads, follows = (self.first, self.second) if self._led == "first" else (self.second, self.first)
        other = "second" if self._led == "first" else "first"
        try:
            ratio = self._ratio()
            typed = self.number(self._led)
        except InvalidInput:
            return
        if typed is None or ratio is None:
            self.texts[other] = ""
            return
        with localcontext() as context:
            context.prec = PRECISION
            first, second = ratio
            parts = (first, second) if self._led == "first" else (second, first)
            value = Decimal(0) if not parts[0] else typed * parts[1] / parts[0]
            cut = value.quantize(Decimal(1).scaleb(-follows.decimals)) if follows.decimals <= 30 else value
        self.texts[other] = shown_number(cut) if parts[0] else ""
        if not parts[0]:
            self.texts[self._led] = "0"
            self._led = other
        del leads

    def _ratio(self) -> tuple[Decimal, Decimal] | None:
        """Return how much of both goes in together, at the price of now."""
        price = self.price
        if price is None or not price:
            return None
        if not self.is_range:
            return Decimal(1), price
        low, high = self.ends()
        if low is not None and high is not None and low >= high:
            raise InvalidInput("The lowest price must be below the highest one.")
        with localcontext() as context:
            context.prec = PRECISION
            inside = max(min(price, high) if high else price, low or Decimal(0))
            root = inside.sqrt()
            first = 1 / root - (1 / high.sqrt() if high else Decimal(0))
            return max(first, Decimal(0)), max(root - (low or Decimal(0)).sqrt(), Decimal(0))

    async def work_out(self) -> Outcome | None:
        """Read the price, and work out what fits."""
        dex = self.dex
        if self.price is None:
            self.price = await dex.pool_price(self.pool.dex, self.first, self.second, self.pool.fee)
            self.held = dict(await dex.holdings())
            if self.is_range and self.price is not None and not self.text("low") and not self.text("high"):
                self.texts["low"], self.texts["high"] = (
                    shown_number(self.price * each, ENDS) for each in (_LOWER, _UPPER)
                )
            self._follow()
        first, second = self.number("first") or Decimal(0), self.number("second") or Decimal(0)
        if not first and not second:
            return Outcome(self._price_lines()) if self.price is not None else None
        amounts = self.first.of(first), self.second.of(second)
        self._check_held(*amounts)
        slippage = self.basis_points()
        if self.is_range:
            return await self._range(amounts, slippage)
        plan = await dex.add_pair(self.pool.dex, *amounts, slippage_bps=slippage)
        fitted = plan.fitted
        lines = (
            *self._price_lines(),
            *_moves(fitted.first, fitted.second),
            Told(say("Part of the pool"), say("{part}", part=percent_text(float(getattr(fitted, "part", 0)), 4))),
        )
        return Outcome(lines, plan.intents, self._notes())

    async def _range(self, amounts: tuple[TokenAmount, TokenAmount], slippage: int) -> Outcome:
        from engine.services.dex.liquidity import RangeWish

        low, high = self.ends()
        where = RangeWish(self._pooled(self.first), self._pooled(self.second), self.pool.fee, low, high)
        plan = await self.dex.add_range(self.pool.dex, where, *amounts, slippage_bps=slippage)
        fitted = plan.fitted
        notes = list(self._notes())
        if self.price is not None and ((low and self.price < low) or (high and self.price > high)):
            notes.insert(0, say("The price is outside of this range: it earns nothing until the price comes in."))
        return Outcome((*self._price_lines(), *_moves(fitted.first, fitted.second)), plan.intents, tuple(notes))

    def _check_held(self, *amounts: TokenAmount) -> None:
        for each in amounts:
            have = self.held.get(each.token)
            if have is not None and each.units > have:
                missing = exact(TokenAmount(each.token, each.units - have))
                raise InvalidInput(f"You need {missing} more: {exact(TokenAmount(each.token, have))} available.")

    def _price_lines(self) -> tuple[Told, ...]:
        if self.price is None:
            return ()
        first, second = plain(self.first.symbol, 12), plain(self.second.symbol, 12)
        text = say("1 {first} = {price} {second}", first=first, price=figure(self.price), second=second)
        return (Told(say("Price now"), text),)

    def _notes(self) -> tuple[Sentence, ...]:
        worse = say("If the price moves, this is worth less than keeping both tokens. Fees may make up for it, or not.")
        if not self.is_range:
            return (worse,)
        return (worse, say("In a range both are larger: the narrower, the more fees and the more loss."))

    def _amount_title(self, token: Token) -> Sentence:
        have = self.held.get(token)
        if have is None:
            return say("{token}", token=plain(token.symbol, 12))
        return say("{token} of {have}", token=plain(token.symbol, 12), have=figure(TokenAmount(token, have).exact))

    def _pooled(self, token: Token) -> Token:
        return self.dex.spec.wrapped if token.is_native else token


_LOWER, _UPPER = Decimal("0.9"), Decimal("1.1")


def _moves(first: TokenAmount, second: TokenAmount) -> tuple[Told, ...]:
    return tuple(Told(say("Goes in"), say("{amount}", amount=exact(each))) for each in (first, second) if each.units)


def shown_number(value: Decimal, figures: int = 12) -> str:
    """Return a price or amount without an exponent, cut off after so many significant figures."""
    if not value:
        return "0"
    with localcontext() as context:
        context.prec = figures
        context.rounding = "ROUND_DOWN"
        text = format(+value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
