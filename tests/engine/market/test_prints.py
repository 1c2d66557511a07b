from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.prints import PrintLog

moves = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50), st.integers(1, 9), st.booleans()), max_size=60)


def ticks_of(rows: list[tuple[int, int, int, bool]]) -> list[TradeTick]:
    ticks, at = [], 0
    for number, (later, price, qty, buys) in enumerate(rows):
        at += later
        side = Side.BUY if buys else Side.SELL
        ticks.append(TradeTick("BTC/USDT", Ticks(price), Lots(qty), side, Nanos(at), number))
    return ticks


@given(moves, st.integers(0, 120), st.integers(0, 120), st.integers(1, 7))
@settings(max_examples=80)
def test_what_lies_between_two_instants_is_what_was_added_there(
    rows: list[tuple[int, int, int, bool]], since: int, until: int, piece: int
) -> None:
    ticks = ticks_of(rows)
    log = PrintLog(Nanos(0))
    for begin in range(0, len(ticks), piece):
        log.add(ticks[begin : begin + piece])
        log.between(0, 1)  # writes what waits

    found = log.between(since, until)

    wanted = [tick for tick in ticks if since <= tick.at < until]
    assert found.at.tolist() == [tick.at for tick in wanted]
    assert found.price.tolist() == [tick.price for tick in wanted]
    assert found.signed.tolist() == [tick.qty if tick.side is Side.BUY else -tick.qty for tick in wanted]


@given(moves, st.integers(5, 20))
@settings(max_examples=80)
def test_a_full_log_forgets_the_oldest_and_says_from_when_on_it_is_whole(
    rows: list[tuple[int, int, int, bool]], most: int
) -> None:
    ticks = ticks_of(rows)
    log = PrintLog(Nanos(0), most)
    for tick in ticks:
        log.add([tick])
        kept = log.from_number(0)

        assert len(kept) <= most
        assert log.count == log.dropped + len(kept)
        seen = [each for each in ticks[: log.count] if each.at >= log.since]
        assert kept.price.tolist() == [each.price for each in seen]
    assert log.count == len(ticks)


def test_prints_are_numbered_through_when_old_ones_go() -> None:
    log = PrintLog(Nanos(0), 10)
    log.add(ticks_of([(1, price, 1, True) for price in range(1, 31)]))
    at = log.count
    log.add(ticks_of([(99, 77, 1, True)]))

    assert log.from_number(at).price.tolist() == [77]
