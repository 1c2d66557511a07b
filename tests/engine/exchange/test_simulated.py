"""The simulated market: one large step is many small ones, a restart goes on, history joins live trading."""

from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.command import CancelOrder, Deposit, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderCancelled, OrderFilled, TradeExecuted
from engine.domain.market import DataLabel, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, CancelReason, OrderId, OrderType, SelfTrade, Side
from engine.errors import InvalidInput
from engine.exchange.calibration import judge_flow
from engine.exchange.offline import OfflineMarket, Slice, load_market, open_market
from engine.exchange.packing import pack, unpack
from engine.exchange.simulated import SimulatedMarket
from engine.market import stage
from engine.market.catalogue import PAIRS
from engine.market.l2 import L2Book

S = NANOS_PER_SECOND
ME = AccountId("me")
BTC = PAIRS[0]
TWO = (PAIRS[0], PAIRS[3])


def market(seed: int = 5, count: int = 2) -> SimulatedMarket:
    made = SimulatedMarket(seed, pairs=TWO[:count])
    for asset, units in (("USDT", 10**24), ("BTC", 10**19)):
        made.command(Deposit(ME, asset, Units(units)))
    return made


def limit(number: int, side: Side, price: int, qty: int = 1_000) -> SubmitOrder:
    return SubmitOrder(
        account=ME,
        order_id=OrderId(f"o{number}"),
        symbol=BTC.symbol,
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(price),
        stp=SelfTrade.NONE,
    )


def at_market(number: int, side: Side, qty: int) -> SubmitOrder:
    return SubmitOrder(
        account=ME,
        order_id=OrderId(f"m{number}"),
        symbol=BTC.symbol,
        side=side,
        order_type=OrderType.MARKET,
        qty=Lots(qty),
    )


def run(
    made: OfflineMarket, spans: list[int], *, coarse: bool = False
) -> tuple[list[KernelEvent], dict[str, list[TradeTick]]]:
    facts: list[KernelEvent] = []
    prints: dict[str, list[TradeTick]] = {}
    for span in spans:
        step = made.advance(Nanos(made.now + span), coarse=coarse)
        facts += step.facts
        for symbol, ticks in step.prints.items():
            prints.setdefault(symbol, []).extend(ticks)
    return facts, prints


SPANS = st.lists(st.integers(0, 700 * S // 1000), min_size=1, max_size=12)


@pytest.mark.no_cover
@settings(max_examples=15)
@given(spans=SPANS, coarse=st.booleans(), lead=st.integers(0, 2 * S))
def test_many_small_steps_are_one_large_step(spans: list[int], coarse: bool, lead: int) -> None:
    small, large = market(), market()
    for each in (small, large):
        each.advance(Nanos(each.now + lead), coarse=coarse)
        bid = each.exchange.book(BTC.symbol).best_bid
        assert bid is not None
        each.command(limit(1, Side.BUY, bid))
        each.command(at_market(2, Side.BUY, 50_000))

    assert run(small, spans, coarse=coarse) == run(large, [sum(spans)], coarse=coarse)
    assert small.now == large.now
    assert small.exchange.dump() == large.exchange.dump()


@pytest.mark.no_cover
@settings(max_examples=12)
@given(
    span=st.integers(1, 3 * S),
    answers=st.lists(st.booleans(), min_size=1, max_size=7).filter(lambda each: not all(each)),
    coarse=st.booleans(),
    crash=st.booleans(),
)
def test_a_step_stopped_between_its_pieces_goes_on_as_if_it_had_not_been(
    span: int, answers: list[bool], coarse: bool, crash: bool
) -> None:
    small, large = market(), market()
    if crash:
        for each in (small, large):
            each.jump(Nanos(stage.day_start(stage.landmarks(5).crash) + (13 * 3_600 + 1_213) * S))
    ask = large.exchange.book(BTC.symbol).best_ask
    assert ask is not None
    for each in (small, large):
        each.command(limit(1, Side.BUY, ask - 1))
    says = cycle(answers)
    prints: list[TradeTick] = []
    facts: list[KernelEvent] = []
    until = Nanos(small.now + (16 * S if coarse else 0) + span)

    while small.now < until:
        step = small.advance(until, coarse=coarse, go_on=lambda: next(says))
        prints += step.prints.get(BTC.symbol, [])
        facts += step.facts
        small.command(CancelOrder(ME, OrderId("nothing")))  # a command is possible at every pause
    whole = large.advance(until, coarse=coarse)

    assert (prints, facts) == (whole.prints.get(BTC.symbol, []), whole.facts)
    assert small.exchange.dump() == large.exchange.dump()
    end = Nanos(until + 20 * S)
    assert small.advance(end, coarse=coarse)[:2] == large.advance(end, coarse=coarse)[:2]


def test_a_command_at_a_pause_acts_at_the_instant_that_was_reached() -> None:
    """What a recovery does: it advances to the command's instant in one go, and must meet the same book."""
    lived, again = market(), market()
    turn = Nanos(lived.now + S)  # when coarse steps are asked for
    until = Nanos(lived.now + 20 * S)
    instants = [lived.now]
    while lived.now < until:
        lived.advance(until, coarse=lived.now > turn, go_on=lambda: False)
        lived.command(at_market(len(instants), Side.BUY if len(instants) % 2 else Side.SELL, 100))
        instants.append(lived.now)

    for number, at in enumerate(instants[1:], 1):
        again.advance(at, coarse=instants[number - 1] > turn)
        again.command(at_market(number, Side.BUY if number % 2 else Side.SELL, 100))

    assert len(instants) > 20
    assert again.exchange.dump() == lived.exchange.dump()


def test_a_frozen_dump_is_of_its_instant_whenever_it_is_made() -> None:
    made = market()
    made.advance(Nanos(made.now + 70 * S))
    at_once, later = made.dump(), made.freeze()
    made.advance(Nanos(made.now + 3 * S))
    made.command(at_market(1, Side.BUY, 500))

    assert later() == at_once


def test_the_same_seed_and_commands_give_the_same_bytes() -> None:
    dumps = []
    for _ in range(2):
        made = market(9)
        made.advance(Nanos(made.now + 3 * S))
        made.command(at_market(1, Side.SELL, 30_000))
        made.advance(Nanos(made.now + 2 * S))
        dumps.append(made.dump())

    assert dumps[0] == dumps[1]


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("lead", [0, 7_300_000_001, 16 * S])
def test_a_restored_market_goes_on_byte_for_byte(lead: int, coarse: bool) -> None:
    made = market()
    made.advance(Nanos(made.now + 15 * S), coarse=coarse)
    bid = made.exchange.book(BTC.symbol).best_bid
    assert bid is not None
    made.command(limit(1, Side.BUY, bid - 200))
    made.advance(Nanos(made.now + lead), coarse=coarse)

    again = load_market(made.dump())

    assert again.exchange.open_orders(ME) == made.exchange.open_orders(ME)
    assert again.exchange.queue_ahead(ME, OrderId("o1")) == made.exchange.queue_ahead(ME, OrderId("o1"))
    for span in (S // 3, 20 * S, 5 * S):
        assert again.advance(Nanos(again.now + span), coarse=coarse) == made.advance(
            Nanos(made.now + span), coarse=coarse
        )
    assert again.dump() == made.dump()


def test_a_market_restored_in_a_cut_coarse_block_goes_on_byte_for_byte() -> None:
    made = market()
    made.advance(Nanos(made.now + 15 * S + 4 * S // 3), coarse=True)
    made.advance(Nanos(made.now + S // 10))

    again = load_market(made.dump())

    assert again.advance(Nanos(again.now + 3 * S)) == made.advance(Nanos(made.now + 3 * S))


def test_full_flow_returns_at_the_next_second_and_coarse_flow_at_its_grid() -> None:
    made = market()
    classes = [made.advance(Nanos(made.now + S), coarse=True).coarse for _ in range(17)]
    back = [made.advance(Nanos(made.now + S // 2)).coarse for _ in range(4)]

    assert classes[0] or classes[15]
    assert classes[-1]
    assert not back[-1]


def test_the_user_trades_with_the_agents_and_only_funded_facts_are_reported() -> None:
    made = market()
    made.advance(Nanos(made.now + S))

    events = made.command(at_market(1, Side.BUY, 2_000))
    step = made.advance(Nanos(made.now + S))

    assert isinstance(events[0], OrderAccepted)
    assert any(isinstance(event, OrderFilled) for event in events)
    assert not any(isinstance(event, TradeExecuted) for event in step.facts)
    mine = [event.trade_id for event in events if isinstance(event, TradeExecuted)]
    assert mine == [tick.trade_id for tick in step.prints[BTC.symbol]][: len(mine)]


def test_a_resting_order_is_filled_by_the_flow_in_the_end() -> None:
    made = market()
    made.advance(Nanos(made.now + S))
    ask = made.exchange.book(BTC.symbol).best_ask
    assert ask is not None
    made.command(limit(1, Side.BUY, ask - 1))

    facts, _ = run(made, [S] * 120)

    assert any(isinstance(fact, OrderFilled) for fact in facts)
    assert made.exchange.open_orders(ME) == []


def test_the_impact_of_a_large_order_decays() -> None:
    made, calm = market(), market()
    for each in (made, calm):
        each.advance(Nanos(each.now + S))
    made.command(at_market(1, Side.BUY, 900_000))
    book = made.exchange.book(BTC.symbol)
    pushed = book.best_ask

    run(made, [90 * S])
    run(calm, [90 * S])

    assert pushed is not None
    assert pushed > (calm.exchange.book(BTC.symbol).best_ask or 0) - 10_000
    assert (book.best_bid, book.best_ask) == (
        calm.exchange.book(BTC.symbol).best_bid,
        calm.exchange.book(BTC.symbol).best_ask,
    )


def test_diffs_keep_a_listener_at_the_displayed_book() -> None:
    made = market()
    book = L2Book(BTC.symbol)
    book.apply_snapshot(made.snapshot(BTC.symbol, 1_000))

    def follow(step: Slice) -> None:
        for diff in step.diffs:
            if diff.symbol == BTC.symbol:
                assert book.apply_diff(diff)
        assert not book.is_crossed

    for number in range(30):
        if number == 10:
            made.command(at_market(1, Side.BUY, 500_000))
        follow(made.advance(Nanos(made.now + 150_000_000)))
    for side in Side:
        assert book.top(side, 50) == made.exchange.book(BTC.symbol).levels(side, 50)


def test_history_joins_live_trading_without_a_seam() -> None:
    made = market()
    run(made, [130 * S])

    for timeframe in Timeframe:
        bars = made.bars(BTC.symbol, timeframe, end=made.now, count=400)
        assert (np.diff(bars.start) == timeframe.nanos).all()
        assert bars.start[-1] + timeframe.nanos <= made.now
        assert len(bars) == 400
    seconds = made.bars(BTC.symbol, Timeframe.S1, end=made.now, count=200)
    joint = int(np.searchsorted(seconds.start, stage.LIVE_START))
    generated = made.bars(BTC.symbol, Timeframe.S1, end=stage.LIVE_START, count=joint)

    np.testing.assert_array_equal(generated.close, seconds.close[:joint])
    gap_bp = abs(seconds.open[joint] / seconds.close[joint - 1] - 1) * 1e4
    assert gap_bp < 1.0  # the first print after the joint is where the path was, within a second's move


def test_the_first_touch_stands_where_history_closed() -> None:
    for spec in PAIRS:
        for seed in (1, 2, 3):
            made = SimulatedMarket(seed, pairs=(spec,))
            close = made.bars(spec.symbol, Timeframe.S1, end=made.now, count=1).close[-1]
            book = made.exchange.book(spec.symbol)
            assert book.best_bid is not None
            assert book.best_ask is not None
            assert abs((book.best_bid + book.best_ask) / 2 / close - 1) * 1e4 < 1.0 + 1e4 * 2 / close


def test_live_minutes_hold_exactly_what_was_printed() -> None:
    made = market()
    _, prints = run(made, [S // 2] * 250)

    bars = made.bars(BTC.symbol, Timeframe.M1, end=made.now, count=2)

    for start, opened, high, low, close, volume in zip(
        bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True
    ):
        inside = [tick for tick in prints[BTC.symbol] if start <= tick.at < start + 60 * S]
        prices = [tick.price for tick in inside]
        assert (opened, high, low, close) == (prices[0], max(prices), min(prices), prices[-1])
        assert volume == sum(tick.qty for tick in inside)


@pytest.mark.no_cover
def test_live_minutes_follow_the_generated_path() -> None:
    made = SimulatedMarket(3, pairs=PAIRS[:1])
    run(made, [600 * S])
    fresh = SimulatedMarket(3, pairs=PAIRS[:1])
    fresh.jump(made.now)

    live = made.bars(BTC.symbol, Timeframe.M1, end=made.now, count=10)
    path = fresh.bars(BTC.symbol, Timeframe.M1, end=made.now, count=10)

    apart_bp = np.abs(np.log(live.close / path.close)) * 1e4
    assert np.median(apart_bp) < 1.0
    assert apart_bp.max() < 8.0  # the last print may be seconds older than the minute's end
    assert 0.3 < live.volume.sum() / path.volume.sum() < 3.0


def test_jumping_cancels_what_works_keeps_the_money_and_makes_the_books_of_that_instant() -> None:
    made = market()
    made.advance(Nanos(made.now + S))
    bid = made.exchange.book(BTC.symbol).best_bid
    assert bid is not None
    made.command(limit(1, Side.BUY, bid - 5_000))
    before = made.exchange.balances(ME)
    to = Nanos(stage.day_start(stage.landmarks(5).crash) + 13 * 3_600 * S + S // 2)

    facts = made.jump(to)

    assert [(type(fact), fact.reason) for fact in facts if isinstance(fact, OrderCancelled)] == [
        (OrderCancelled, CancelReason.USER)
    ]
    assert made.now == to
    assert made.exchange.open_orders(ME) == []
    after = made.exchange.balances(ME)
    assert {code: held.total for code, held in after.items()} == {code: held.total for code, held in before.items()}
    fresh = SimulatedMarket(5, pairs=TWO)
    fresh.jump(to)
    for spec in TWO:
        assert made.snapshot(spec.symbol, 100).bids == fresh.snapshot(spec.symbol, 100).bids
    past = made.bars(BTC.symbol, Timeframe.M1, end=made.now, count=30)
    assert past.start[-1] + 60 * S <= to
    assert made.command(limit(1, Side.BUY, bid - 5_000)) == []  # the id is still known


def test_the_open_minute_after_a_jump_holds_its_first_seconds() -> None:
    made = market()
    to = Nanos(stage.LIVE_START - 100 * 60 * S + 30 * S)
    seconds = SimulatedMarket(5, pairs=TWO).bars(BTC.symbol, Timeframe.S1, end=stage.LIVE_START, count=7_000)
    made.jump(to)
    made.advance(Nanos(to + 40 * S))

    minute = made.bars(BTC.symbol, Timeframe.M1, end=made.now, count=1)

    first = int(np.searchsorted(seconds.start, to - 30 * S))
    assert minute.start[-1] == to - 30 * S
    assert minute.open[-1] == seconds.open[first]
    assert minute.high[-1] >= seconds.high[first : first + 30].max()
    assert minute.volume[-1] > seconds.volume[first : first + 30].sum()


def test_live_bars_are_bounded_and_the_path_stands_in_for_what_was_let_go() -> None:
    made = SimulatedMarket(4, pairs=PAIRS[5:])
    symbol = PAIRS[5].symbol
    made.advance(Nanos(made.now + 2_400 * S))

    bars = made.bars(symbol, Timeframe.S1, end=made.now, count=2_500)

    assert len(bars) == 2_500
    assert (np.diff(bars.start) == S).all()


@pytest.mark.parametrize("kind", ["", "live"])
def test_an_unknown_market_is_refused_by_name(kind: str) -> None:
    with pytest.raises(InvalidInput, match="simulated, replay"):
        open_market(kind, seed=1)


def test_what_is_out_of_reach_is_refused() -> None:
    made = market()

    with pytest.raises(InvalidInput):
        made.advance(Nanos(made.now - 1))
    with pytest.raises(InvalidInput):
        made.jump(Nanos(made.start - 1))
    with pytest.raises(InvalidInput):
        made.bars("ABC/XYZ", Timeframe.M1, end=made.now, count=1)
    with pytest.raises(InvalidInput):
        made.snapshot("ABC/XYZ", 10)
    assert len(made.bars(BTC.symbol, Timeframe.D1, end=Nanos(made.start - 10 * stage.DAY_NANOS), count=3)) == 0


@pytest.mark.parametrize(
    "data", [b"", b"junk", pack("simulated", {})[:-4], pack("simulated", {"version": 99})], ids=range(4)
)
def test_a_damaged_or_foreign_dump_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        load_market(data)


def test_a_dump_with_a_pair_that_is_not_listed_is_refused() -> None:
    dump = unpack(market().dump())
    dump["pairs"].append("ABC/XYZ")

    with pytest.raises(InvalidInput, match="not listed"):
        SimulatedMarket.restored(dump)


def test_the_default_market_has_all_pairs_and_says_what_it_is() -> None:
    made = open_market("simulated", seed=1)

    assert made.label is DataLabel.SIMULATED
    assert [pair.symbol for pair in made.exchange.pairs()] == [spec.symbol for spec in PAIRS]
    assert not made.ended
    assert made.end is None


def test_cancelling_leaves_the_agents_alone() -> None:
    made = market()
    made.advance(Nanos(made.now + S))
    bid = made.exchange.book(BTC.symbol).best_bid
    assert bid is not None
    made.command(limit(1, Side.BUY, bid))
    with_mine = made.snapshot(BTC.symbol, 1).bids[0].qty

    made.command(CancelOrder(ME, OrderId("o1")))

    assert made.snapshot(BTC.symbol, 1).bids[0].qty == with_mine - 1_000


def test_ten_minutes_of_flow_keep_to_the_bands() -> None:
    assert [each for each in judge_flow(2, 600) if not each.holds] == []


@pytest.mark.no_cover
@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12))
def test_an_hour_of_flow_keeps_to_the_bands(seed: int) -> None:
    assert [each for each in judge_flow(seed, 3_600) if not each.holds] == []
