"""The form that takes liquidity out: a part of it, with all fees that are due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.dex.form import SLIPPAGE_FIELD, ActForm, Field, Outcome, Told, percent_text
from crs_desktop.viewmodels.dex.swap import percent
from crs_desktop.viewmodels.dex.tokens import why_unsigned
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import exact, plain
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.token import TokenAmount
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.services.dex.positions import LpPosition

PARTS = (25, 50, 75, 100)


class TakeOutForm(ActForm):
    """What comes out of a position."""

    verb = say("Look at it…")

    def __init__(self, door: WalletDoor, position: LpPosition) -> None:
        super().__init__(door)
        self.position = position
        names = f"{plain(position.first.symbol, 12)}/{plain(position.second.symbol, 12)}"
        self.title = say("Take liquidity out: {pool} at {exchange}", pool=names, exchange=position.dex.title)
        self.texts = {"part": "100", "slippage": percent(self.dex.slippage_bps)}

    @property
    def fields(self) -> tuple[Field, ...]:
        """Which part, and how much less is still taken."""
        chips = tuple((str(each), say("{part} %", part=each)) for each in PARTS)
        return Field("part", say("Part to take out"), unit="%", chips=chips), SLIPPAGE_FIELD

    @property
    def hint(self) -> Sentence:
        """Why it cannot be signed."""
        unsigned = why_unsigned(self.door)
        return unsigned if unsigned != NOTHING and not self.is_busy else super().hint

    @property
    def can_go(self) -> bool:
        """Whether there is a key for it."""
        return super().can_go and why_unsigned(self.door) == NOTHING

    async def work_out(self) -> Outcome | None:
        """Work out what comes out."""
        part = self.number("part")
        if part is None:
            return None
        points = part * 100
        if points != points.to_integral_value() or not 1 <= points <= 10_000:
            raise InvalidInput("The part is from 0.01 to 100 %.")
        plan = await self.dex.take_out(self.position, int(points), slippage_bps=self.basis_points())
        fitted = plan.fitted
        lines = [Told(say("Comes out"), verbatim(exact(each))) for each in (fitted.first, fitted.second) if each.units]
        fees = getattr(fitted, "fees", (0, 0))
        for token, units in zip((fitted.first.token, fitted.second.token), fees, strict=True):
            if units:
                lines.append(Told(say("Fees, collected too"), verbatim(exact(TokenAmount(token, units))), "up"))
        result = self.position.result
        if result is not None:
            tone = "up" if result.against_holding >= 0 else "down"
            lines.append(Told(say("Impermanent loss so far"), verbatim(percent_text(result.loss, 3))))
            lines.append(Told(say("Against holding"), verbatim(percent_text(result.against_holding, 3)), tone))
        notes = [verbatim(plain(self.position.note))] if self.position.note else []
        if self.position.staked:
            notes.append(say("What is staked in a farm stays there: take it back there first."))
        return Outcome(tuple(lines), plan.intents, tuple(notes))
