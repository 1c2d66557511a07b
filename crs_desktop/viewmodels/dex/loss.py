"""The calculator of impermanent loss: of equal parts, or of a range of prices, with the curve over price changes."""

from __future__ import annotations

from decimal import Decimal
from math import inf

from crs_desktop.viewmodels.dex.form import ActForm, Field, Outcome, Told, percent_text
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.words import say, verbatim
from engine.defi.yields.loss import range_loss
from engine.errors import InvalidInput

MOST_CHANGE = Decimal(100_000)
POINTS = 121
FARTHEST = 4.0
"""The curve runs from a quarter of the price to four times it, evenly in the logarithm."""


class LossForm(ActForm):
    """Percentages of the price when the liquidity was added; nothing here is signed."""

    title = say("Impermanent loss")

    def __init__(self, door: WalletDoor) -> None:
        super().__init__(door)
        self.texts = {"change": "100", "low": "", "high": "", "apr": "20", "days": "365"}
        self.ratio = 2.0

    @property
    def fields(self) -> tuple[Field, ...]:
        """Price change, range, fees."""
        return (
            Field("change", say("The price changes by"), unit="%", chips=tuple(
                (text, verbatim(f"{text} %")) for text in ("-50", "-20", "20", "100", "300")
            )),
            Field("low", say("Range begins below by"), unit="%"),
            Field("high", say("Range ends above by"), unit="%"),
            Field("apr", say("Fees a year"), unit="%"),
            Field("days", say("For"), unit=str(say("days"))),
        )  # fmt: skip

    def ends(self) -> tuple[float, float]:
        """Return the range as parts of the price then; 0 and infinity where it has no end. Raises InvalidInput."""
        low, high = self.number("low"), self.number("high")
        if low is not None and low >= 100:
            raise InvalidInput("A range begins by less than 100 % below.")
        return (0.0 if low is None else 1.0 - float(low) / 100), (inf if high is None else 1.0 + float(high) / 100)

    def change(self) -> float:
        """Return the price as a part of what it was. Raises InvalidInput."""
        typed = self.text("change").replace("\N{MINUS SIGN}", "-")
        sign = -1 if typed.startswith("-") else 1
        kept, self.texts["change"] = self.texts["change"], typed.lstrip("+-")
        try:
            size = self.number("change")
        finally:
            self.texts["change"] = kept
        if size is None or size > MOST_CHANGE:
            raise InvalidInput("By how many percent does the price change? From -99.99 to 100,000.")
        ratio = 1.0 + sign * float(size) / 100
        if ratio <= 0:
            raise InvalidInput("A price cannot fall by 100 % or more.")
        return ratio

    def curve(self) -> list[tuple[float, float]]:
        """Return (price as a part of what it was, loss) along the curve; empty while the range is none."""
        try:
            low, high = self.ends()
            steps = [FARTHEST ** (2 * at / (POINTS - 1) - 1) for at in range(POINTS)]
            return [(each, range_loss(each, low, high)) for each in steps]
        except InvalidInput:
            return []

    async def work_out(self) -> Outcome | None:
        """Reckon."""
        self.ratio = self.change()
        low, high = self.ends()
        loss = range_loss(self.ratio, low, high)
        rate, days = self.number("apr") or Decimal(0), self.number("days") or Decimal(0)
        fees = float(rate) / 100 * float(days) / 365
        total = loss + fees
        lines = [
            Told(say("Impermanent loss"), verbatim(percent_text(loss, 3)), "down" if loss < 0 else "text"),
            Told(say("Fees in that time"), verbatim(percent_text(fees, 3)), "up"),
            Told(say("Against holding"), verbatim(percent_text(total, 3)), "up" if total >= 0 else "down"),
        ]
        notes = [say("Held against keeping both tokens as they were put in. Fees are taken as told, not foreseen.")]
        if low > self.ratio or high < self.ratio:
            notes.append(say("The price has left the range: it earns no fees there, fewer than told here."))
        return Outcome(tuple(lines), (), tuple(notes))
