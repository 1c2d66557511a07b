"""What a transaction costs: three presets of fee history, and figures of one's own."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.wallet.figures import ABOUT, brief, exact, gwei, seconds, symbol, wei_of
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.defi.chain import ChainSpec
from engine.defi.prepared import FeeChoice, FeePreset, Prepared
from engine.defi.token import TokenAmount

NAMES = {FeePreset.SLOW: say("Slow"), FeePreset.NORMAL: say("Normal"), FeePreset.FAST: say("Fast")}
ORDER = (FeePreset.SLOW, FeePreset.NORMAL, FeePreset.FAST)


class ShownFee(NamedTuple):
    """A preset as it is offered."""

    preset: FeePreset
    name: Sentence
    cost: str
    """About, in the chain's coin, to three figures: the whole of it stands above."""
    wait: Sentence
    is_chosen: bool


class FeeForm:
    """The fee of one prepared transaction; `open` lets own figures be typed, in gwei."""

    def __init__(self, chain: ChainSpec, prepared: Prepared) -> None:
        self._chain, self._prepared = chain, prepared
        self.is_open = False
        self.max_text = self.tip_text = ""
        self.problem: Sentence = NOTHING

    def take(self, prepared: Prepared) -> None:
        """Tell of another one; what is being typed stays."""
        self._prepared = prepared

    @property
    def has_tip(self) -> bool:
        """Whether there is a tip besides the most per gas."""
        return not self._prepared.transaction.is_legacy

    @property
    def presets(self) -> list[ShownFee]:
        """The fees to choose from, slow first."""
        offered = {each.preset: each for each in self._prepared.fees}
        return [self._shown(preset, offered[preset]) for preset in ORDER if preset in offered]

    @property
    def is_own(self) -> bool:
        """Whether own figures are in force."""
        return self._prepared.fee.preset is None

    @property
    def likely(self) -> Sentence:
        """What it will cost if it takes the gas that it took in the simulation."""
        return say("{about} {amount}", about=ABOUT, amount=self._coin(self._likely(self._prepared.fee)))

    @property
    def most(self) -> Sentence:
        """What it can cost at most, exactly."""
        made = self._prepared.transaction
        cost = exact(TokenAmount(self._chain.native, made.gas * made.max_fee))
        return say("At most {amount}: {gas} gas at {price} gwei", amount=cost, gas=f"{made.gas:,}",
                   price=gwei(made.max_fee))  # fmt: skip

    def open(self, fee: FeeChoice) -> None:
        """Begin with a fee."""
        self.is_open, self.problem = True, NOTHING
        self.max_text, self.tip_text = gwei(fee.max_fee), gwei(fee.max_priority_fee)

    def close(self) -> None:
        """Type no own figures any more."""
        self.is_open, self.problem = False, NOTHING

    def set(self, max_text: str, tip_text: str) -> None:
        """Take what is typed; complaints are void."""
        self.max_text, self.tip_text, self.problem = max_text, tip_text, NOTHING

    def choice(self) -> FeeChoice | None:
        """Return the own figures; None, and `problem` says why, if they are none."""
        most, tip = wei_of(self.max_text), wei_of(self.tip_text) if self.has_tip else wei_of(self.max_text)
        base = self._prepared.fee.base_fee
        if most is None:
            self.problem = say("{text} is no price of gas: gwei such as 12.5 are wanted.", text=repr(self.max_text))
        elif tip is None:
            self.problem = say("{text} is no tip: gwei such as 1.5 are wanted.", text=repr(self.tip_text))
        elif tip > most:
            self.problem = say(
                "The tip is part of the most per gas: it cannot be more than {most} gwei.", most=gwei(most)
            )
        elif most == 0:
            self.problem = say("Nobody mines a transaction that pays nothing.")
        elif base is not None and most < base:
            self.problem = say("The next block takes {base} gwei: with less it waits, and may never be mined.",
                               base=gwei(base))  # fmt: skip
        else:
            return FeeChoice(None, most, tip, base)
        return None

    def _shown(self, preset: FeePreset, fee: FeeChoice) -> ShownFee:
        wait = say("about {span}", span=seconds(round(fee.wait_s))) if fee.wait_s is not None else NOTHING
        is_chosen = not self.is_open and self._prepared.fee.preset is preset
        cost = brief(TokenAmount(self._chain.native, self._likely(fee)), 3)
        return ShownFee(preset, NAMES[preset], f"{ABOUT} {cost}", wait, is_chosen)

    def _likely(self, fee: FeeChoice) -> int:
        used = self._prepared.simulation.gas_used or self._prepared.transaction.gas
        price = fee.max_fee if fee.base_fee is None else min(fee.max_fee, fee.base_fee + fee.max_priority_fee)
        return used * price

    def _coin(self, wei: int) -> str:
        amount = TokenAmount(self._chain.native, wei)
        return f"{brief(amount)} {symbol(amount)}"
