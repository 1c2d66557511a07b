"""The exchange: `handle(command, now)` returns what happened, in the order of happening.

Synchronous and deterministic: the time is an argument, nothing is random, nothing iterates over a
hash. What expires does so before any command of the same instant. A refusal is an `OrderRejected` among the
events. A submit that repeats an earlier one returns no events; `first_answer` says how the first was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SetFees, SubmitList, SubmitOrder
from engine.domain.event import FundsDeposited, KernelEvent, OrderAccepted, OrderRejected
from engine.domain.flow import FlowOrder
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.account import Account, Rates, digest_of
from engine.exchange.dump import load_floor
from engine.exchange.floor import Floor
from engine.exchange.flow import run_flow
from engine.exchange.intake import Intake
from engine.exchange.lists import list_digest
from engine.exchange.market import Market
from engine.exchange.outcomes import Outcome
from engine.exchange.recorder import Recorder
from engine.exchange.seat import seat_account
from engine.exchange.view import View
from engine.matching.shadow import Due, ShadowBook
from engine.risk.gate import Gate


class Exchange(View):
    """Accounts, books, fees and triggers of all pairs behind one door.

    `gate` may refuse what is sound. With `explain` every fill of an account is followed by why it happened.
    """

    def __init__(self, *, gate: Gate | None = None, explain: bool = False) -> None:
        super().__init__(Floor())
        if explain:
            self._floor.record_with(Recorder())
        self._intake = Intake(self._floor, gate)

    @classmethod
    def load(cls, dump: Mapping[str, Any], pairs: Iterable[TradingPair], *, gate: Gate | None = None) -> Exchange:
        """Return the exchange that was dumped; it answers every later command as that one would.

        Raises:
            InvalidInput: the dump has another form, or names a pair that is not among `pairs`.
        """
        exchange = cls()
        exchange._floor = load_floor(dump, pairs)
        exchange._intake = Intake(exchange._floor, gate)
        return exchange

    def seat(
        self,
        account: AccountId,
        balances: Mapping[str, Balance],
        open_orders: Iterable[OpenOrder] = (),
        accepted: Mapping[OrderId, OrderAccepted] | None = None,
        rates: Mapping[str, Rates] | None = None,
        order_rates: Mapping[OrderId, Rates] | None = None,
        lists: Mapping[OrderId, SubmitList] | None = None,
    ) -> None:
        """Put an account and its open orders back, at the back of the queues, reporting nothing.

        `accepted` brings the orders' own commands, without which a repeated submit is not recognised
        and the self-trade mode is `none`. `rates` are the account's own fees by symbol, `order_rates`
        those under which its open orders were accepted, `lists` the commands of lists of which an order is open.
        Earlier ids come back with `remember`.

        Raises:
            InvalidInput: the account is there already, or an order names a pair that is not listed.
        """
        seat_account(
            self._floor, account, balances, open_orders, accepted or {}, rates or {}, order_rates or {}, lists or {}
        )

    def count_trades_from(self, last: int) -> None:
        """Number the coming trades above `last`, the highest of an earlier life, so that no number comes twice."""
        self._floor.trade_id = max(self._floor.trade_id, last)

    def remember(self, asked: SubmitOrder | SubmitList, answer: OrderAccepted | OrderRejected) -> None:
        """Note how a submit of an earlier life was answered (a list: its first order), so that its repeat is known."""
        self.recall(asked.account, asked.order_id, outcome_of(asked, answer))

    def recall(self, account: AccountId, order_id: OrderId, outcome: Outcome) -> None:
        """Do the same with the digest of what was asked."""
        self._account(account).outcomes.add(order_id, outcome)
        self._floor.number = max(self._floor.number, outcome.number)

    # Commands

    def handle(self, command: Command, now: Nanos, sent_at: Nanos | None = None) -> list[KernelEvent]:
        """Carry out a command at `now` and return all that happened; it may have been sent earlier.

        Raises:
            InvalidInput: time runs backwards, or a pair or deposit does not fit what is listed.
        """
        floor = self._begin(now)
        floor.sent_at = now if sent_at is None else sent_at
        if isinstance(command, SubmitOrder):
            self._intake.submit(command)
        elif isinstance(command, CancelOrder):
            self._intake.cancel(command)
        elif isinstance(command, AmendOrder):
            self._intake.amend(command)
        elif isinstance(command, SubmitList):
            self._intake.submit_list(command)
        elif isinstance(command, Deposit):
            self._deposit(command)
        elif isinstance(command, ListPair):
            self._list_pair(command.pair)
        else:
            self._set_fees(command)
        return floor.events

    def advance(self, now: Nanos) -> list[KernelEvent]:
        """Let the time pass; what expires until then happens."""
        return self._begin(now).events

    def flow(self, symbol: str, orders: Iterable[FlowOrder]) -> list[KernelEvent]:
        """Let unfunded orders act in a pair, each at its own instant.

        Raises:
            InvalidInput: no such pair, or an order that is not sound.
        """
        floor = self._floor
        floor.events = []
        run_flow(floor, self._market(symbol), orders)
        return floor.events

    def use_feed(self, symbol: str) -> None:
        """Let a pair's book be the shadow of a feed's; before anybody stands in it.

        Raises:
            InvalidInput: no such pair.
        """
        self._market(symbol).show_feed()
        if self._floor.recorder is not None:
            self._floor.record_with(self._floor.recorder)

    def feed_snapshot(self, snapshot: BookSnapshot, now: Nanos | None = None) -> list[KernelEvent]:
        """Replace the levels of a pair that uses a feed, and fill whom they cross.

        `now` is when it arrived, here and below; None: at the instant with which the venue stamped it.

        Raises:
            InvalidInput: no such pair, or it uses no feed; likewise below.
        """
        shadow = self._shadow(snapshot.symbol)
        return self._feed(snapshot.symbol, now or snapshot.at, partial(shadow.apply_snapshot, snapshot), None)

    def feed_diff(self, diff: BookDiff, now: Nanos | None = None) -> list[KernelEvent]:
        """Take over the changed levels of a pair that uses a feed, and fill whom they cross."""
        return self._feed(diff.symbol, now or diff.at, partial(self._shadow(diff.symbol).apply_diff, diff), None)

    def feed_print(self, tick: TradeTick, now: Nanos | None = None) -> list[KernelEvent]:
        """Take over a print of a pair that uses a feed: fill whom it meets, then fire what it triggers."""
        return self._feed(tick.symbol, now or tick.at, partial(self._shadow(tick.symbol).print_fills, tick), tick)

    def feed_price(self, tick: TradeTick, now: Nanos | None = None) -> list[KernelEvent]:
        """Let a print of a pair that uses a feed fire what it triggers, and fill nobody: the book has it already."""
        self._shadow(tick.symbol)
        return self._feed(tick.symbol, now or tick.at, lambda: iter(()), tick)

    def distrust(self, symbol: str) -> None:
        """Let nothing in a pair that uses a feed trade until its next snapshot; prints still set stops going.

        Raises:
            InvalidInput: no such pair, or it uses no feed.
        """
        self._shadow(symbol).distrust()

    def _feed(
        self, symbol: str, at: Nanos, fills: Callable[[], Iterator[Due]], tick: TradeTick | None
    ) -> list[KernelEvent]:
        """Let the time pass to what the feed says, then carry out the fills that are due."""
        market = self._market(symbol)
        floor = self._begin(max(self._floor.now, at))
        if floor.recorder is not None:
            floor.recorder.feed_says(floor.now, tick)
        due = fills()
        if market.book.is_trusted and (market.held or market.fired):
            floor.let_look(market)
        for order, qty, rule in due:
            floor.fill_resting(market, order, qty, rule)
        if tick is None:
            floor.line_up([])
        else:
            floor.print_at(market, tick.price)
        floor.settle_down()
        return floor.events

    def _shadow(self, symbol: str) -> ShadowBook:
        book = self._market(symbol).book
        if not isinstance(book, ShadowBook):
            raise InvalidInput(f"{symbol} has a book of its own, no feed's.")
        return book

    def _begin(self, now: Nanos) -> Floor:
        floor = self._floor
        if now < floor.now:
            raise InvalidInput(f"Time runs backwards: {now} comes after {floor.now}.")
        floor.events = []
        if now >= floor.deadlines.next_at:
            floor.pass_time(now)
        floor.now = now
        return floor

    def _list_pair(self, pair: TradingPair) -> None:
        if pair.symbol in self._floor.markets:
            raise InvalidInput(f"{pair.symbol} is listed already.")
        for market in self._floor.markets.values():
            for asset in (market.pair.base, market.pair.quote):
                for new in (pair.base, pair.quote):
                    if asset.code == new.code and asset.decimals != new.decimals:
                        raise InvalidInput(
                            f"{pair.symbol} gives {new.code} {new.decimals} decimals, "
                            f"{market.symbol} gave it {asset.decimals}."
                        )
        self._floor.markets[pair.symbol] = Market(pair)

    def _deposit(self, command: Deposit) -> None:
        if command.units <= 0:
            raise InvalidInput("A deposit must be positive.")
        floor = self._floor
        account = floor.accounts.get(command.account)
        if account is None:
            account = floor.accounts[command.account] = Account(command.account)
        account.purse(command.asset).free += command.units
        floor.events.append(FundsDeposited(command.account, command.asset, command.units, floor.now))

    def _set_fees(self, command: SetFees) -> None:
        account = self._account(command.account)
        account.rates[self._market(command.symbol).symbol] = (command.maker, command.taker)

    def _account(self, account: AccountId) -> Account:
        known = self._floor.accounts.get(account)
        if known is None:
            raise InvalidInput(f"There is no account {account}.")
        return known


def outcome_of(asked: SubmitOrder | SubmitList, answer: OrderAccepted | OrderRejected) -> Outcome:
    """Return what is remembered of a submit and its answer."""
    digest = digest_of(asked) if isinstance(asked, SubmitOrder) else list_digest(asked)
    if isinstance(answer, OrderAccepted):
        return Outcome(digest, answer.number, None, "", answer.at)
    return Outcome(digest, 0, answer.reason, answer.text, answer.at)
