"""The replayed market: true timing, our orders against recorded depth, an end and a restart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.command import Deposit, SubmitOrder
from engine.domain.event import OrderAccepted, OrderCancelled, OrderFilled, OrderRejected
from engine.domain.market import DataLabel, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderType, Side
from engine.errors import InvalidInput
from engine.exchange.offline import OfflineMarket, load_market, open_market
from engine.exchange.replayed import ReplayMarket
from engine.market.catalogue import PAIRS
from engine.market.l2 import L2Book
from engine.market.recording import Recording, encode, shipped
from engine.risk.gate import Gate, RiskGate
from engine.risk.limits import RiskLimits

S = NANOS_PER_SECOND
ME = AccountId("me")
BTC = PAIRS[0]
SYMBOL = BTC.symbol


def market(gate: Gate | None = None) -> ReplayMarket:
    made = ReplayMarket(gate=gate)
    for asset, units in (("USDT", 10**24), ("BTC", 10**19)):
        made.command(Deposit(ME, asset, Units(units)))
    return made


def order(number: int, side: Side, qty: int, price: int | None = None) -> SubmitOrder:
    return SubmitOrder(
        account=ME,
        order_id=OrderId(f"o{number}"),
        symbol=SYMBOL,
        side=side,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        qty=Lots(qty),
        price=None if price is None else Ticks(price),
    )


def test_every_print_arrives_at_its_own_instant_and_the_replay_ends() -> None:
    made, recording = market(), shipped()
    prints = []
    while not made.ended:
        before = made.now
        step = made.advance(Nanos(made.now + 5 * S))
        ticks = step.prints.get(SYMBOL, [])
        assert all(before <= tick.at <= made.now for tick in ticks)
        prints += ticks

    assert prints == [tick for tick in recording.trades if tick.at > made.opening]
    assert made.now == made.end == recording.end
    assert made.advance(Nanos(made.now + S)).prints == {}
    assert made.now == made.end


def test_a_listener_sees_the_recorded_book() -> None:
    made, recording = market(), shipped()
    made.jump(made.start)
    theirs, ours = L2Book(SYMBOL), L2Book(SYMBOL)
    theirs.apply_snapshot(recording.snapshot())
    theirs.apply_diff(recording.diff(recording.first_diff))
    ours.apply_snapshot(made.snapshot(SYMBOL, 5_000))
    number = recording.first_diff + 1
    times = recording.diff_times

    for _ in range(40):
        for diff in made.advance(Nanos(made.now + 333_000_000)).diffs:
            assert ours.apply_diff(diff)
        while times[number] <= made.now:
            theirs.apply_diff(recording.diff(number))
            number += 1
        for side in Side:
            assert ours.top(side, 100) == theirs.top(side, 100)


@pytest.mark.no_cover
@settings(max_examples=10)
@given(st.lists(st.integers(0, 3 * S), min_size=1, max_size=10))
def test_many_small_steps_are_one_large_step(spans: list[int]) -> None:
    small, large = market(), market()
    prints, facts = [], []
    for each in (small, large):
        bid = each.exchange.book(SYMBOL).best_bid
        assert bid is not None
        each.command(order(1, Side.BUY, 5_000, bid))

    for span in spans:
        step = small.advance(Nanos(small.now + span))
        prints += step.prints.get(SYMBOL, [])
        facts += step.facts
    whole = large.advance(Nanos(large.now + sum(spans)))

    assert prints == whole.prints.get(SYMBOL, [])
    assert facts == whole.facts
    assert small.exchange.dump() == large.exchange.dump()


def test_a_step_stopped_between_its_pieces_goes_on_as_if_it_had_not_been() -> None:
    small, large = market(), market()
    until = Nanos(small.now + 20 * S)
    prints, pauses, answers = [], 0, 0

    def go_on() -> bool:
        nonlocal answers
        answers += 1
        return answers % 3 > 0

    while small.now < until:
        prints += small.advance(until, go_on=go_on).prints.get(SYMBOL, [])
        pauses += small.now < until
    whole = large.advance(until)

    assert pauses
    assert prints == whole.prints[SYMBOL]
    assert small.exchange.dump() == large.exchange.dump()


def test_an_aggressive_order_walks_the_displayed_depth_once() -> None:
    made = market()
    asks = made.snapshot(SYMBOL, 3).asks
    qty = asks[0].qty + asks[1].qty

    fills = [event for event in made.command(order(1, Side.BUY, qty)) if isinstance(event, OrderFilled)]

    assert [(fill.price, fill.qty) for fill in fills] == [tuple(level) for level in asks[:2]]
    assert made.snapshot(SYMBOL, 1).asks[0] == asks[2]  # what we took does not fill us again
    assert made.advance(Nanos(made.now)).prints == {}  # the recorded market never knew


def test_a_resting_order_waits_until_it_is_traded_through() -> None:
    made = market()
    bid = made.exchange.book(SYMBOL).best_bid
    assert bid is not None
    made.command(order(1, Side.BUY, 1_000, bid - 500))
    fills: list[OrderFilled] = []
    lowest = bid
    while not fills and not made.ended:
        step = made.advance(Nanos(made.now + 100_000_000))
        fills += [fact for fact in step.facts if isinstance(fact, OrderFilled)]
        lowest = min([lowest, *(tick.price for tick in step.prints.get(SYMBOL, []))])

    assert fills[0].liquidity is Liquidity.MAKER
    assert fills[0].price == bid - 500
    assert lowest < bid - 500


def test_it_opens_with_five_minutes_of_unbroken_second_bars() -> None:
    made = market()

    seconds = made.bars(SYMBOL, Timeframe.S1, end=made.now, count=1_500)

    assert made.now == made.opening == made.start + 305 * S
    assert 340 * S < made.end - made.opening < 346 * S
    assert len(seconds) >= 300
    assert (np.diff(seconds.start) == S).all()
    quiet = seconds.volume == 0
    assert quiet.any()  # a second without a trade is shown, flat
    np.testing.assert_array_equal(seconds.high[quiet], seconds.low[quiet])
    assert made.advance(Nanos(made.now)).prints == {}  # history is no tape


def test_bars_come_from_the_recording_and_never_from_its_future() -> None:
    made = market()
    made.jump(made.start)
    assert len(made.bars(SYMBOL, Timeframe.S1, end=made.now, count=100)) == 0

    made.advance(Nanos(made.now + 200 * S))
    seconds = made.bars(SYMBOL, Timeframe.S1, end=made.now, count=1_000)
    minutes = made.bars(SYMBOL, Timeframe.M1, end=made.now, count=1_000)
    few = made.bars(SYMBOL, Timeframe.S1, end=made.now, count=10)

    assert (np.diff(seconds.start) == S).all()
    assert seconds.start[-1] + S <= made.now
    assert 198 <= len(seconds) <= 201
    assert len(minutes) == 3
    np.testing.assert_array_equal(few.close, seconds.close[-10:])


def test_a_restored_replay_goes_on_byte_for_byte() -> None:
    made = market()
    made.advance(Nanos(made.now + 10 * S))
    bid = made.exchange.book(SYMBOL).best_bid
    assert bid is not None
    made.command(order(1, Side.BUY, 1_000, bid - 100))
    made.command(order(2, Side.BUY, 70_000))

    again = load_market(made.dump())

    for _ in range(3):
        assert again.advance(Nanos(again.now + 7 * S)) == made.advance(Nanos(made.now + 7 * S))
    assert again.dump() == made.dump()


def test_jumping_and_restarting_cancel_what_works_and_play_again() -> None:
    made = market()
    made.advance(Nanos(made.now + 20 * S))
    made.command(order(1, Side.BUY, 1_000, 5_000_000))

    facts = made.jump(made.opening)

    assert [type(fact) for fact in facts] == [OrderCancelled]
    assert made.now == made.opening
    fresh = market()
    assert made.snapshot(SYMBOL, 5_000).bids == fresh.snapshot(SYMBOL, 5_000).bids
    assert made.advance(Nanos(made.now + 9 * S)).prints == fresh.advance(Nanos(fresh.now + 9 * S)).prints
    made.jump(made.start)
    assert made.now == made.start
    made.jump(Nanos(made.opening + 60 * S))
    fresh.advance(Nanos(fresh.opening + 60 * S))
    assert made.snapshot(SYMBOL, 100).asks == fresh.snapshot(SYMBOL, 100).asks


@pytest.mark.parametrize("kind", ["replay", "simulated"])
def test_after_a_jump_the_orders_of_the_minute_before_do_not_count(kind: str) -> None:
    gate = RiskGate(RiskLimits(max_orders_per_minute=1))
    made: OfflineMarket = market(gate) if kind == "replay" else open_market(kind, seed=5, gate=gate)
    if kind == "simulated":
        made.command(Deposit(ME, "USDT", Units(10**24)))
    made.advance(Nanos(made.now + 2 * S))
    first, second = (made.command(order(number, Side.BUY, 1_000, 1_000_000)) for number in (1, 2))
    assert (type(first[0]), type(second[0])) == (OrderAccepted, OrderRejected)

    made.jump(Nanos(made.now - S))

    assert type(made.command(order(3, Side.BUY, 1_000, 1_000_000))[0]) is OrderAccepted


def test_what_is_out_of_reach_is_refused() -> None:
    made = market()

    with pytest.raises(InvalidInput):
        made.advance(Nanos(made.now - 1))
    with pytest.raises(InvalidInput, match="650 s"):
        made.jump(Nanos(made.end + 1))
    with pytest.raises(InvalidInput):
        made.bars("ETH/USDT", Timeframe.S1, end=made.now, count=1)


def test_a_recording_of_an_unlisted_pair_is_refused() -> None:
    recording = Recording(encode(['1 {"lastUpdateId":5,"bids":[["1.00","1"]],"asks":[]}'], BTC.pair, {}))
    recording.symbol = "ABC/XYZ"

    with pytest.raises(InvalidInput, match="not listed"):
        ReplayMarket(recording)


def test_the_replay_says_what_it_is() -> None:
    made = open_market("replay", seed=1)

    assert made.label is DataLabel.REPLAY
    assert [pair.symbol for pair in made.exchange.pairs()] == [SYMBOL]


def test_a_recording_too_short_to_be_cut_opens_at_its_start() -> None:
    made = ReplayMarket(Recording(encode(['1 {"lastUpdateId":5,"bids":[["1.00","1"]],"asks":[]}'], BTC.pair, {})))

    assert made.now == made.opening == made.start


def test_a_recording_of_ones_own_needs_somebody_who_finds_it() -> None:
    with pytest.raises(InvalidInput, match="cannot be opened here"):
        open_market("recording:binance/BTC-USDT/x.tape", seed=1)
