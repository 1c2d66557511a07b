"""The realism report: what prints allow, what the shadow matcher says, and what really happened."""

from __future__ import annotations

import pytest

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.exchange.realism import BookLost, Probe, Prober, Told, events_of, grade, probe_all
from engine.exchange.realism_truth import TruthAt, _compared, _Fate, truth_of
from engine.market.catalogue import PAIRS
from engine.market.recording import Recording, shipped
from engine.market.tape import ChunkBuilder, header, seal

S = "BTC/USDT"
SECOND = NANOS_PER_SECOND


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in pairs)


def book(at: float) -> BookSnapshot:
    return BookSnapshot(S, levels((100, 10), (99, 10)), levels((102, 10), (103, 10)), 1, ns(at))


def diff(at: float, bids: tuple[Level, ...] = (), asks: tuple[Level, ...] = ()) -> BookDiff:
    return BookDiff(S, bids, asks, 2, 2, ns(at))


def tick(at: float, price: int, qty: int, side: Side = Side.SELL) -> TradeTick:
    return TradeTick(S, Ticks(price), Lots(qty), side, ns(at), 1)


def ns(seconds: float) -> Nanos:
    return Nanos(round(seconds * SECOND))


def only(*told: Told) -> Probe:
    """The one buying probe that joins at 1 s."""
    (probe,) = probe_all([book(0), *told, diff(1.5)], Nanos(SECOND), [Side.BUY])[:1]
    return probe


def test_prints_bound_when_an_order_can_have_been_filled() -> None:
    probe = only(tick(1.1, 100, 4), tick(1.2, 100, 3, Side.BUY), tick(1.3, 100, 2), tick(1.4, 99, 1))

    assert (probe.joined_at, probe.price, probe.queue) == (SECOND, 100, 10)
    assert (probe.possible_at, probe.certain_at) == (ns(1.1), ns(1.4))
    assert (probe.filled_at, probe.rule, probe.printed) == (ns(1.4), "through", 6)


def test_a_print_by_the_same_aggressor_beyond_the_price_is_certain_too() -> None:
    probe = only(tick(1.2, 99, 1, Side.BUY))

    assert (probe.possible_at, probe.certain_at, probe.filled_at) == (ns(1.2), ns(1.2), None)
    assert grade([probe]).late == 1


def test_a_fill_that_no_print_allows_is_early() -> None:
    probe = only(diff(1.2, bids=levels((100, 0)), asks=levels((100, 5))))

    assert (probe.filled_at, probe.rule, probe.possible_at) == (ns(1.2), "displayed", None)
    told = grade([probe])
    assert (told.early, told.inside, told.late) == (1, 0, 0)


def test_horizons_tell_what_was_certain_impossible_and_open() -> None:
    filled = only(tick(1.1, 100, 4), tick(1.4, 99, 1))
    waits = only(tick(1.2, 100, 4))
    never = only(tick(1.2, 100, 4, Side.BUY))
    for each in (filled, waits, never):
        each.left_at = None
    (first,) = grade([filled, waits, never], [1]).horizons

    assert (first.certain, first.certain_filled) == (1, 1)
    assert (first.open, first.open_filled) == (1, 0)
    assert (first.impossible, first.impossible_filled) == (1, 0)
    assert grade([filled]).median_place == 1.0


def test_what_stands_in_a_book_that_is_lost_does_not_count() -> None:
    probe = only(BookLost(ns(1.1)), tick(1.2, 99, 1))

    assert (probe.left_at, probe.filled_at, probe.certain_at) == (ns(1.1), None, None)
    assert grade([probe], [1]).horizons[0].impossible == 0


def test_a_tape_tells_when_its_book_was_lost_and_what_it_was_when_it_came_back() -> None:
    tape = ChunkBuilder()
    tape.snapshot(book(0), ns(0), ns(0))
    tape.mark(True, ns(0))
    tape.diff(diff(1, bids=levels((100, 0))), ns(1))
    tape.mark(False, ns(2))
    tape.diff(BookDiff(S, levels((98, 5)), (), 3, 3, ns(3)), ns(3))
    tape.mark(True, ns(4))
    tape.trade(tick(5, 99, 1), ns(5))
    recording = Recording(header(PAIRS[0].pair, {"venue": "binance", "started": 0}) + seal(tape.take()))

    told = list(events_of(recording))

    assert [type(each).__name__ for each in told] == [
        "BookSnapshot", "BookDiff", "BookLost", "BookDiff", "BookSnapshot", "TradeTick",
    ]  # fmt: skip
    back = told[4]
    assert isinstance(back, BookSnapshot)
    assert (back.bids, back.at) == (levels((99, 10), (98, 5)), ns(4))


def test_no_probe_joins_a_side_that_is_empty() -> None:
    empty = BookSnapshot(S, (), levels((102, 10)), 1, ns(0))

    assert [each.is_buy for each in probe_all([empty, diff(1.5)], Nanos(SECOND))] == [False]


def test_a_fill_that_never_really_happened_is_counted_against_the_prediction() -> None:
    prober, truth = Prober(sides=[Side.BUY]), _Fate()
    prober.hear(book(0))
    prober.join(ns(1))
    prober.hear(tick(1.5, 99, 1))

    told = _compared(prober, truth)

    assert told.horizons[0] == TruthAt(1, only_shadow=1)
    assert told.bias_median_s is None
    truth.filled[0] = ns(1.7)
    assert _compared(prober, truth).bias_median_s == pytest.approx(-0.2)


@pytest.mark.parametrize(("seconds", "every"), [(150, 2), pytest.param(650, 1, marks=pytest.mark.soak)])
def test_on_the_shipped_recording_only_what_was_displayed_fills_before_a_print_allows_it(
    seconds: int, every: int
) -> None:
    recording = shipped()
    first = (told for told in events_of(recording) if told.at < recording.start + seconds * SECOND)
    probes = probe_all(first, Nanos(every * SECOND))
    told = grade(probes)

    assert told.probes > 1.9 * seconds / every - 4
    assert told.inside > 0.95 * told.probes
    early = [each for each in probes if each.filled_at is not None and each.filled_at < (each.possible_at or 2**63)]
    assert {each.rule for each in early} == {"displayed"}
    assert all(each.impossible_filled <= told.early for each in told.horizons)
    assert all(each.certain_filled >= each.certain - told.late for each in told.horizons)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 12))])
def test_in_the_simulated_market_the_truth_is_nearly_always_what_was_predicted(seed: int) -> None:
    truth = truth_of(64, Nanos(SECOND), seed=seed)  # beyond the last horizon: the first orders are taken out

    assert truth.probes > 90
    assert [each.agreed > least for each, least in zip(truth.horizons, (0.7, 0.9, 0.95), strict=True)] == [True] * 3
    assert sum(each.only_shadow for each in truth.horizons) <= 2, "it errs on the careful side"
    assert truth.bias_median_s is not None
    assert 0 <= truth.bias_median_s < 0.5
