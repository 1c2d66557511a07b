"""The swap form: two tokens and an amount; quotes of all exchanges follow what is typed and every new block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.beside import Beside
from crs_desktop.viewmodels.dex.tokens import TokenChoice, TokenShelf, why_shut, why_unsigned
from crs_desktop.viewmodels.wallet.behind import BehindDoor
from crs_desktop.viewmodels.wallet.dexes import DexFront, Following
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, exact, plain, symbol
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.errors import CrsError, InvalidInput
from engine.services.task import TaskOwner
from engine.services.wallet.events import TransactionChanged, WalletChanged

if TYPE_CHECKING:
    from engine.services.dex.quoterow import DexQuotes, QuoteRow

TYPING_S = 0.3
"""Nothing is asked before nobody typed for so long."""
SLIPPAGE_BPS, WARN_BPS, DEADLINE_MIN = 100, 300, 20
STALE_S = 60.0
"""Quotes older than that are marked: no block came for so long."""
HELD_S = 8.0
"""How old what the account has may be while somebody looks."""
SHOWN = 10
"""Figures of the amount that a quote comes to."""


class SwapModel(BehindDoor):
    """What is typed, the quotes for it, and which of them is taken."""

    def __init__(self, desk: Desk, door: WalletDoor | None = None) -> None:
        super().__init__(desk, door)
        self.sell_key, self.buy_key = NATIVE, ""
        self.amount_text = ""
        self.exact_in = True
        self._slippage_bps: int | None = None
        """What was said here; None: the user's setting counts."""
        self.deadline_min = DEADLINE_MIN
        self.quotes: DexQuotes | None = None
        self.chosen = ""
        """The key of the row that is taken; empty: the best."""
        self.problem: Sentence = NOTHING
        """Why there are no quotes."""
        self.slippage_problem: Sentence = NOTHING
        self.is_asking = False
        self._quoted_at = 0.0
        self.shelf, self.beside = TokenShelf(self.door), Beside(desk)
        self._following: Following | None = None
        self._held_at = float("-inf")
        self._asked = 0
        self._tasks = TaskOwner("swap form")
        self.wait()

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def slippage_bps(self) -> int:
        """How much less than expected is taken, in basis points."""
        if self._slippage_bps is not None:
            return self._slippage_bps
        return self.dex.slippage_bps if self.dex is not None else SLIPPAGE_BPS

    @property
    def dex(self) -> DexFront | None:
        """The exchanges of the chain in use; None while there is no wallet, chain or account."""
        front = self.door.front
        return front.dex if front is not None else None

    @property
    def state(self) -> Sentence:
        """Why nothing can be swapped at all yet; NOTHING if it can."""
        return why_shut(self.door)

    @property
    def tokens(self) -> list[TokenChoice]:
        """The tokens to choose from, those that the account has first."""
        return self.shelf.choices()

    @property
    def sell(self) -> Token | None:
        """The token that is given."""
        return self.shelf.by_key(self.sell_key)

    @property
    def buy(self) -> Token | None:
        """The token that is wanted."""
        return self.shelf.by_key(self.buy_key)

    @property
    def available(self) -> TokenAmount | None:
        """How much there is to give."""
        return self.shelf.has(self.sell)

    @property
    def available_text(self) -> Sentence:
        """The same in words."""
        have = self.available
        return say("{amount} available", amount=exact(have)) if have is not None else NOTHING

    @property
    def gives_text(self) -> str:
        """What stands in the field of what is given: what was typed, or what the row that is taken wants."""
        if self.exact_in:
            return self.amount_text
        return brief(self.row.amount_in, SHOWN) if self.row is not None else ""

    @property
    def gets_text(self) -> str:
        """What stands in the field of what comes out."""
        if not self.exact_in:
            return self.amount_text
        return brief(self.row.amount_out, SHOWN) if self.row is not None else ""

    @property
    def row(self) -> QuoteRow | None:
        """The row that is taken: the chosen one, or the best that can be carried out."""
        if self.quotes is None:
            return None
        rows = [each for each in self.quotes.rows if not each.problem]
        named = [each for each in rows if key_of(each) == self.chosen]
        return next(iter(named or rows), None)

    @property
    def is_ready(self) -> bool:
        """Whether only the amount may be missing."""
        return self.state == NOTHING and None not in (self.sell, self.buy) and self.sell != self.buy

    @property
    def why_not(self) -> Sentence:
        """Why the button is off; NOTHING if it is on."""
        if self.state != NOTHING:
            return self.state
        sell, buy = self.sell, self.buy
        if (unsigned := why_unsigned(self.door)) != NOTHING:
            return unsigned
        if sell is None or buy is None:
            return say("Choose what to sell and what to buy.")
        if sell == buy:
            return say("The same token stands on both sides.")
        if not self.amount_text.strip():
            return say("How much?")
        if self.problem != NOTHING:
            return self.problem
        if self.slippage_problem != NOTHING:
            return self.slippage_problem
        row = self.row
        if row is None:
            return say("Asking the exchanges…") if self.is_asking else self._no_row()
        have = self.available
        if have is not None and row.amount_in.units > have.units:
            missing = exact(TokenAmount(have.token, row.amount_in.units - have.units))
            return say("You need {missing} more: {have} available.", missing=missing, have=exact(have))
        return NOTHING

    @property
    def age_s(self) -> float | None:
        """How old the quotes are; None without any."""
        return None if self.quotes is None else time.monotonic() - self._quoted_at

    @property
    def is_stale(self) -> bool:
        """Whether what is shown is not of now."""
        following, age = self._following, self.age_s
        is_broken = following is not None and bool(following.problem)
        return is_broken or (age is not None and age > STALE_S)

    @property
    def quoted_text(self) -> Sentence:
        """Of which block the quotes are, and how long ago that was read."""
        if self.quotes is None:
            return say("Asking the exchanges…") if self.is_asking else NOTHING
        if self._following is not None and self._following.problem:
            return say("Not of now. {why}", why=plain(self._following.problem))
        age = int(self.age_s or 0)
        return say("Block {block}, {age} s ago", block=f"{self.quotes.block:,}", age=age)

    @property
    def warning(self) -> Sentence:
        """What should be thought about before it is signed."""
        row = self.row
        stranger = self.shelf.warning(self.sell, self.buy)
        if stranger != NOTHING:
            return stranger
        if self.slippage_bps > WARN_BPS:
            return say(
                "A slippage of {slippage} % invites others to trade ahead of you.", slippage=percent(self.slippage_bps)
            )
        if row is not None and row.impact_bps >= WARN_BPS:
            return say("This swap moves the price by {impact} % against you.", impact=percent(row.impact_bps))
        if row is not None and row.transactions > 1:
            return say(
                "{count} transactions, each signed by itself: if one fails, the others stand.", count=row.transactions
            )
        return NOTHING

    @property
    def least_text(self) -> Sentence:
        """What arrives at least, or is paid at most."""
        row = self.row
        if row is None or self.slippage_problem != NOTHING:
            return NOTHING
        if row.is_exact_in:
            least = sum(each.units for each in row.least_out(self.slippage_bps))
            amount = TokenAmount(row.token_out, least)  # cut off, so it is never said to be more
            return say("At least {amount} {symbol} arrive", amount=brief(amount, 9), symbol=symbol(amount))
        most = sum(each.units for each in row.most_in(self.slippage_bps))
        return say("At most {amount} leave", amount=exact(TokenAmount(row.token_in, most)))

    # -- what the user does -------------------------------------------------------------------------

    def set_sell(self, key: str) -> None:
        """Give another token; what was on the other side changes place if it is the same."""
        if key == self.buy_key:
            self.buy_key = self.sell_key
        self.sell_key = key
        self._changed()

    def set_buy(self, key: str) -> None:
        """Want another token."""
        if key == self.sell_key:
            self.sell_key = self.buy_key
        self.buy_key = key
        self._changed()

    def flip(self) -> None:
        """Swap the other way round."""
        self.sell_key, self.buy_key = self.buy_key, self.sell_key
        self._changed()

    def set_amount(self, text: str, *, exact_in: bool = True) -> None:
        """Take what was typed as the amount to give, or as the amount that is to come out."""
        self.amount_text, self.exact_in = text, exact_in
        self._changed()

    def set_slippage(self, text: str) -> None:
        """Take how many percent less than quoted are still taken."""
        try:
            points = Decimal(fmt.parse(text)) * 100
        except (InvalidInput, InvalidOperation):
            points = Decimal(-1)
        if points != points.to_integral_value() or not 0 <= points < 10_000:
            self.slippage_problem = say("A slippage is 0 to 99.99 percent, in steps of 0.01.")
        else:
            self.slippage_problem, self._slippage_bps = NOTHING, int(points)
        self.hurry()

    def set_deadline(self, minutes: int) -> None:
        """Say for how long the exchange may still carry it out."""
        self.deadline_min = minutes
        self.hurry()

    def choose(self, key: str) -> None:
        """Take another row; it stays chosen as blocks come."""
        self.chosen = key
        self.hurry()

    def use_part(self, percent_of_it: int) -> None:
        """Give a part of what there is; of the coin as much as leaves the gas."""
        self._tasks.start(self._use_part(percent_of_it))

    def go(self) -> None:
        """Have the swap confirmed."""
        if self.why_not == NOTHING:
            self._tasks.start(self._go())

    def order(self, *, series: bool) -> None:
        """Make a limit order or a series of purchases from what the form says."""
        sell, buy, row = self.sell, self.buy, self.row
        if self.why_no_order != NOTHING or sell is None or buy is None:
            return
        amount = self.amount_text if self.exact_in else row.amount_in.text if row is not None else ""
        self.door.doing.dex.order(sell, buy, amount, series=series)

    @property
    def why_no_order(self) -> Sentence:
        """Why no order can be made; NOTHING if it can."""
        if self.state != NOTHING:
            return self.state
        if (unsigned := why_unsigned(self.door)) != NOTHING:
            return unsigned
        if self.sell is None or self.buy is None or self.sell == self.buy:
            return say("Choose what to sell and what to buy.")
        return NOTHING

    def take_text(self, text: str, take: Callable[[str], object]) -> None:
        """Take a token by the address of its contract; says why if that is none."""

        async def look_up() -> None:
            try:
                take(await self.shelf.take_stranger(text))
            except CrsError as error:
                self.problem = verbatim(plain(str(error)))
                self.hurry()

        self._tasks.start(look_up())

    def close(self) -> None:
        """Stop following."""
        super().close()
        self._stop()
        self._tasks.close()

    def listen(self, front: WalletFront) -> None:
        """Hear of other accounts and chains, and of what was sent."""
        self._keep(front.bus.subscribe(WalletChanged, lambda _event: self._start_over()))
        self._keep(front.bus.subscribe(TransactionChanged, lambda _event: self.read_holdings()))
        self.read_holdings()

    # -- inside -------------------------------------------------------------------------------------

    def _no_row(self) -> Sentence:
        if self.quotes is None:
            return say("How much?")
        reasons = [each.problem for each in self.quotes.rows if each.problem] or list(self.quotes.refusals.values())
        return verbatim(plain(reasons[0])) if reasons else say("No exchange of this chain knows a way.")

    def _units(self) -> TokenAmount | None:
        token = self.sell if self.exact_in else self.buy
        if token is None or not self.amount_text.strip():
            return None
        amount = token.of(fmt.parse(self.amount_text))
        if not amount.units:
            raise InvalidInput("Nothing would be swapped: the amount is 0.")
        return amount

    def _changed(self) -> None:
        """Ask anew, once nobody types any more."""
        self._stop()
        self.quotes, self.problem, self.chosen = None, NOTHING, ""
        self.beside.forget()
        self._asked += 1
        self._tasks.start(self._ask(self._asked))
        self.hurry()

    async def _ask(self, number: int) -> None:
        await asyncio.sleep(TYPING_S)
        dex, sell, buy = self.dex, self.sell, self.buy
        if number != self._asked or dex is None or sell is None or buy is None or sell == buy:
            return
        try:
            amount = self._units()
            if amount is None:
                return
            self.is_asking = True
            self.hurry()
            quotes = await dex.quotes(sell, buy, amount.units, exact_in=self.exact_in)
        except CrsError as error:
            if number == self._asked:
                self.problem = verbatim(plain(str(error)))
        else:
            if number == self._asked:
                self._take(quotes)
                self._following = dex.follow(quotes, self._take)
        finally:
            if number == self._asked:
                self.is_asking = False
            self.hurry()

    def _take(self, quotes: DexQuotes) -> None:
        self.quotes, self._quoted_at = quotes, time.monotonic()
        self._tasks.start(self._compare(quotes))
        self.hurry()

    async def _compare(self, quotes: DexQuotes) -> None:
        """Hold the order book against the best route."""
        dex = self.dex
        if dex is not None and await self.beside.look(dex, quotes):
            self.hurry()

    async def _use_part(self, percent_of_it: int) -> None:
        dex, have = self.dex, self.available
        if dex is None or have is None:
            return
        try:
            if have.token.is_native and percent_of_it == 100:
                have = await dex.most_of_coin()
        except CrsError as error:
            self.problem = verbatim(plain(str(error)))
        else:
            self.set_amount(TokenAmount(have.token, have.units * percent_of_it // 100).text)
        self.hurry()

    async def _go(self) -> None:
        dex, row = self.dex, self.row
        if dex is None or row is None:
            return
        try:
            intents = await dex.swap(row, slippage_bps=self.slippage_bps, deadline_s=self.deadline_min * 60)
        except CrsError as error:
            self.problem = verbatim(plain(str(error)))
            self.hurry()
        else:
            self.door.doing.confirm(*intents, then=self._sent)

    def _sent(self, all_sent: bool) -> None:
        if all_sent:
            self.amount_text = ""
            self._changed()
        self.read_holdings()

    def look(self) -> None:
        """Read anew what there is, if it was read some time ago; called while somebody looks."""
        if time.monotonic() - self._held_at >= HELD_S:
            self.read_holdings()

    def read_holdings(self) -> None:
        """Read anew how much there is."""
        if self.dex is not None:
            self._held_at = time.monotonic()
            self._tasks.start(self._read_holdings())

    async def _read_holdings(self) -> None:
        dex = self.dex
        if dex is None:
            return
        try:
            await self.shelf.read()
        except CrsError as error:
            self.problem = verbatim(plain(str(error)))
        if self.shelf.by_key(self.buy_key) is None:
            stables = (each for each in dex.spec.stables if self.shelf.by_key(each) is not None)
            self.buy_key = next((each for each in stables if each != self.sell_key), "")
        self.hurry()

    def _stop(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.close()

    def _start_over(self) -> None:
        """Another account or chain is in use."""
        self.shelf.forget()
        self.sell_key = NATIVE if self.shelf.by_key(self.sell_key) is None else self.sell_key
        self.read_holdings()
        self._changed()


def key_of(row: QuoteRow) -> str:
    """Return what tells a way of swapping from the others, from one block to the next."""
    return f"{row.kind}:{row.title}"


def percent(points: int) -> str:
    """Return basis points as percent: 1, 0.5, 12.25."""
    return format(Decimal(points) / 100, "f").rstrip("0").rstrip(".") if points % 100 else str(points // 100)
