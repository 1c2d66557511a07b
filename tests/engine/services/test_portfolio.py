from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.command import Deposit, ListPair, SetFees, SubmitOrder
from engine.domain.event import BalanceChanged, FundsDeposited, OrderAccepted, OrderFilled, TradeExecuted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.equity import DAY
from engine.portfolio.fold import Fold
from engine.ports.venue import AccountSelected
from engine.services import portfolio as module
from engine.services.market_data import MarketData
from engine.services.portfolio import EquityChanged, Portfolio
from tests.engine.services.direct_venue import OTHER, DirectVenue
from tests.engine.services.scripted_feed import BTC, SECOND, START, ScriptedFeed

CENT = 10**6
"""Units of 0.01 USDT."""


class Desk:
    """Portfolio, market data, feed and venue, with the fold that the paper venue would keep."""

    def __init__(self, bus: Bus) -> None:
        self.bus, self.feed = bus, ScriptedFeed(bus)
        self.venue = DirectVenue(bus, (BTC,), usdt=10_000)
        self.market_data = MarketData(bus, self.feed)
        self.fold = Fold((BTC,))
        self.portfolio = Portfolio(bus, self.venue, self.feed, self.market_data, self.fold)
        self.seen: list[EquityChanged] = []
        self._subscription = bus.subscribe(EquityChanged, self.seen.append)
        self._done = 0
        self.settle()

    def settle(self) -> None:
        """Fold what the venue did since, and publish what changed."""
        for record in self.venue.records[self._done :]:
            if not isinstance(record, Deposit | SubmitOrder | TradeExecuted | SetFees):
                for change in self.fold.apply(record):  # type: ignore[arg-type]
                    self.bus.publish(change)
        self._done = len(self.venue.records)

    def buy(self, qty: int, price: int) -> None:
        for account, side in ((OTHER, Side.SELL), (self.venue.account, Side.BUY)):
            order_id = OrderId(f"o{self.venue.time}")
            self.venue.apply(
                SubmitOrder(
                    account=account, order_id=order_id, symbol="BTC/USDT", side=side, order_type=OrderType.LIMIT,
                    qty=Lots(qty), price=Ticks(price),
                )
            )  # fmt: skip
        self.settle()

    def close(self) -> None:
        self._subscription.close()
        self.portfolio.close()
        self.market_data.close()


@pytest.fixture
def desk(bus: Bus) -> Iterator[Desk]:
    each = Desk(bus)
    yield each
    each.close()


def test_equity_is_money_and_what_is_held_at_the_last_price(desk: Desk) -> None:
    desk.buy(100_000, 600_000)  # 1 BTC at 6,000.00 and 6.00 fee
    desk.feed.print(610_000, 1)

    assert desk.portfolio.equity() == (10_000 - 6_000 - 6 + 6_100) * 100 * CENT
    assert desk.portfolio.value_of("BTC", 10**8) == 6_100 * 100 * CENT
    assert desk.portfolio.value_of("ETH", 10**8) is None


def test_a_position_is_shown_with_its_worth_and_what_is_gained(desk: Desk) -> None:
    desk.buy(100_000, 600_000)
    (unknown,) = desk.portfolio.positions()
    desk.feed.print(610_000, 1)

    (view,) = desk.portfolio.positions()

    assert (unknown.last, unknown.value, unknown.unrealised) == (None, None, None)
    assert (view.last, view.value, view.unrealised) == (610_000, 6_100 * 100 * CENT, (100 - 6) * 100 * CENT)
    assert desk.portfolio.position("BTC/USDT") == view.position
    assert desk.portfolio.position("ETH/USDT") is None


def test_the_day_opens_at_midnight_and_counts_from_there(desk: Desk) -> None:
    desk.buy(100_000, 600_000)
    desk.feed.print(600_000, 1)
    desk.portfolio.mark()
    desk.feed.print(590_000, 1, SECOND)
    desk.portfolio.mark()
    assert [each.day_pnl for each in desk.seen] == [0, -100 * 100 * CENT]

    desk.feed.print(590_000, 1, DAY)
    desk.portfolio.mark()

    assert desk.seen[-1].day_pnl == 0


def test_a_price_that_comes_late_is_no_profit_of_the_day(desk: Desk) -> None:
    desk.buy(100_000, 600_000)
    desk.portfolio.mark()

    desk.feed.print(600_000, 1)
    desk.portfolio.mark()

    assert [each.day_pnl for each in desk.seen] == [0, 0]


def test_nothing_new_is_not_published_again(desk: Desk) -> None:
    desk.portfolio.mark()
    desk.portfolio.mark()
    assert len(desk.seen) == 1

    desk.bus.publish(BalanceChanged(AccountId("PAPER"), "USDT", Units(1), Units(0), desk.feed.now))
    desk.portfolio.mark()

    assert len(desk.seen) == 2


async def test_the_curve_starts_again_when_the_market_jumps_back(desk: Desk) -> None:
    for _ in range(3):
        desk.feed.print(600_000, 1, SECOND)
        desk.portfolio.mark()
    assert list(desk.portfolio.curve()[0]) == [START + second * SECOND for second in (1, 2, 3)]

    desk.feed.jump(START - DAY)
    desk.feed.print(600_000, 1)
    desk.portfolio.mark()

    times, equity = desk.portfolio.curve()
    assert list(times) == [START - DAY]
    assert list(equity) == [10_000.0]


def test_another_account_starts_its_own_day_and_curve(desk: Desk) -> None:
    desk.portfolio.mark()
    desk.venue.apply(Deposit(AccountId("NEW"), "USDT", Units(500 * 100 * CENT)))
    desk.settle()
    desk.portfolio.mark()

    desk.venue.account = AccountId("NEW")
    desk.bus.publish(AccountSelected(desk.venue.account))

    assert (desk.seen[-1].equity, desk.seen[-1].day_pnl) == (500 * 100 * CENT, 0)
    assert list(desk.portfolio.curve()[1]) == [500.0]


def test_the_account_before_finds_its_day_and_curve_again(desk: Desk) -> None:
    first = desk.venue.account
    desk.buy(100_000, 600_000)
    for price in (600_000, 590_000):
        desk.feed.print(price, 1, SECOND)
        desk.portfolio.mark()
    before = (list(desk.portfolio.curve()[1]), desk.portfolio.day_pnl())

    for account in (AccountId("NEW"), first):
        desk.venue.account = account
        desk.bus.publish(AccountSelected(account))

    assert (list(desk.portfolio.curve()[1]), desk.portfolio.day_pnl()) == before
    assert before[1] < 0


def test_a_full_curve_keeps_its_span_with_ever_fewer_points(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CURVE_LENGTH", 4)

    for _ in range(9):
        desk.feed.print(600_000, 1, SECOND)
        desk.portfolio.mark()

    seconds = [int(time - START) // SECOND for time in desk.portfolio.curve()[0]]
    assert seconds == [1, 5, 9]


def test_open_orders_say_what_they_lock(desk: Desk) -> None:
    desk.venue.apply(
        SubmitOrder(
            account=desk.venue.account, order_id=OrderId("o"), symbol="BTC/USDT", side=Side.BUY,
            order_type=OrderType.LIMIT, qty=Lots(100_000), price=Ticks(600_000),
        )
    )  # fmt: skip
    desk.settle()

    (order,) = desk.portfolio.orders()

    assert order.locked == 6_006 * 100 * CENT
    assert desk.portfolio.balances()["USDT"].locked == order.locked


def test_what_is_held_of_a_pair_that_the_market_does_not_list_is_shown_without_a_price(bus: Bus) -> None:
    feed, venue = ScriptedFeed(bus), DirectVenue(bus, (BTC,), usdt=10_000)
    gone = replace(BTC, symbol="ETH/USDT", base=Asset("ETH", 8))
    fold, data = Fold((BTC, gone)), MarketData(bus, feed)
    for fact in bought(venue.account, gone):
        fold.apply(fact)
    portfolio = Portfolio(bus, venue, feed, data, fold)

    (view,) = portfolio.positions()

    assert (view.position.symbol, view.position.qty, view.value) == ("ETH/USDT", 5, None)
    assert list(portfolio.pairs) == ["BTC/USDT", "ETH/USDT"]
    assert portfolio.equity() == portfolio.balances()["USDT"].total
    portfolio.close()
    data.close()


async def test_pairs_of_a_market_that_comes_later_are_known_from_then_on(desk: Desk) -> None:
    listed = replace(BTC, symbol="ETH/USDT", base=Asset("ETH", 8))
    desk.fold.apply(ListPair(listed))
    assert list(desk.portfolio.pairs) == ["BTC/USDT"]

    desk.feed.jump(desk.feed.now)

    assert list(desk.portfolio.pairs) == ["BTC/USDT", "ETH/USDT"]


def bought(account: AccountId, pair: TradingPair) -> list[FundsDeposited | OrderAccepted | OrderFilled]:
    """Return the facts of one purchase."""
    order = SubmitOrder(
        account=account, order_id=OrderId("x"), symbol=pair.symbol, side=Side.BUY, order_type=OrderType.LIMIT,
        qty=Lots(5), price=Ticks(100),
    )  # fmt: skip
    filled = OrderFilled(
        account,
        OrderId("x"),
        1,
        pair.symbol,
        Side.BUY,
        Ticks(100),
        Lots(5),
        Units(0),
        Liquidity.MAKER,
        Lots(0),
        Nanos(0),
    )
    paid = FundsDeposited(account, "USDT", Units(10_000 * 100 * CENT), Nanos(0))
    return [paid, OrderAccepted(account, OrderId("x"), order, 1, Nanos(0)), filled]
