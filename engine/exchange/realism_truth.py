"""The shadow matcher against the truth: twins of the simulated market, one of which has real orders in it.

Both twins have the same agents. One shows what a feed would show, levels and prints, and the shadow matcher says when
small orders at its touch would be filled. In the other one the same orders are really placed, at the back of real
queues, and are filled by the agents. Being small they hardly change what the agents do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.domain.command import CancelOrder, Deposit, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderFilled
from engine.domain.market import BookSnapshot
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.exchange.realism import HORIZONS, Probe, Prober
from engine.exchange.simulated import SimulatedMarket
from engine.exchange.slice import Slice
from engine.market.catalogue import PAIRS

STEP = Nanos(NANOS_PER_SECOND // 10)
"""Between two diffs of the feed; prints come as they happen."""
DEPTH = 1_000
PURSE = Units(10**22)
ME = AccountId("probes")


@dataclass(slots=True)
class TruthAt:
    """Whether probes were filled some seconds after they joined, in truth and by prediction."""

    seconds: int
    both: int = 0
    only_truth: int = 0
    """Filled, and not predicted to be: pessimistic."""
    only_shadow: int = 0
    """Predicted, and not filled: optimistic."""
    neither: int = 0

    @property
    def agreed(self) -> float:
        """Share of the probes for which the prediction was right."""
        total = self.both + self.only_truth + self.only_shadow + self.neither
        return (self.both + self.neither) / total if total else 1.0


@dataclass(slots=True)
class Truth:
    """Predictions against what really happened; times in seconds, predicted minus true, None where none fits."""

    probes: int = 0
    horizons: list[TruthAt] = field(default_factory=list)
    bias_median_s: float | None = None
    """Of probes that were filled in both."""
    bias_low_s: float | None = None
    """Of the lowest tenth the highest…"""
    bias_high_s: float | None = None
    """…and of the highest the lowest."""
    median_true_s: float | None = None
    median_predicted_s: float | None = None


def truth_of(seconds: int, every: Nanos, *, seed: int = 1, sides: Iterable[Side] = tuple(Side)) -> Truth:
    """Run twins of the simulated market for so long, and compare the fate of a probe per side every so often."""
    spec = PAIRS[0]
    seen, real = (SimulatedMarket(seed, pairs=(spec,)) for _ in range(2))
    for code in (spec.pair.base.code, spec.pair.quote.code):
        real.command(Deposit(ME, code, PURSE))
    qty = spec.pair.min_notional * 2 // spec.pair.notional(spec.start_price, 1) + 1
    prober, truth = Prober(sides=sides, qty=qty), _Fate()
    prober.hear(_book(seen, spec.symbol))
    end, due = seen.now + seconds * NANOS_PER_SECOND, seen.now + every
    while seen.now < end:
        if seen.now >= due:
            due += every
            for probe in prober.join(seen.now):
                truth.take(real.command(_order(probe, spec.symbol)))
        until = Nanos(seen.now + STEP)
        step, happened = seen.advance(until), real.advance(until)
        _hear(prober, step, spec.symbol)
        truth.take(happened.facts)
        _cancel_old(real, prober, truth)
    prober.end(seen.now)
    return _compared(prober, truth)


class _Fate:
    """What became of the real orders."""

    def __init__(self) -> None:
        self.filled: dict[int, Nanos] = {}
        """By the probe's number: when it first traded."""
        self.rested: dict[int, Nanos] = {}
        self.oldest = 0

    def take(self, events: Iterable[KernelEvent]) -> None:
        """Take note of what happened."""
        for event in events:
            if isinstance(event, OrderAccepted):
                self.rested[int(event.order_id)] = event.at
            elif isinstance(event, OrderFilled):
                self.filled.setdefault(int(event.order_id), event.at)


def _order(probe: Probe, symbol: str) -> SubmitOrder:
    return SubmitOrder(
        account=ME,
        order_id=OrderId(str(probe.key)),
        symbol=symbol,
        side=Side.BUY if probe.is_buy else Side.SELL,
        order_type=OrderType.LIMIT,
        qty=Lots(probe.left),
        price=Ticks(probe.price),
    )


def _book(market: SimulatedMarket, symbol: str) -> BookSnapshot:
    return market.snapshot(symbol, DEPTH)


def _hear(prober: Prober, step: Slice, symbol: str) -> None:
    for tick in step.prints.get(symbol, ()):
        prober.hear(tick)
    for diff in step.diffs:
        prober.hear(diff)


def _cancel_old(real: SimulatedMarket, prober: Prober, truth: _Fate) -> None:
    """Take out of the real book whose time is up."""
    while truth.oldest < len(prober.probes):
        probe = prober.probes[truth.oldest]
        if real.now - probe.joined_at <= HORIZONS[-1] * NANOS_PER_SECOND:
            return
        real.command(CancelOrder(ME, OrderId(str(probe.key))))
        truth.oldest += 1


def _compared(prober: Prober, truth: _Fate) -> Truth:
    told = Truth()
    biases, real, predicted = list[int](), list[int](), list[int]()
    probes = [probe for probe in prober.probes if truth.filled.get(probe.key) != probe.joined_at]  # it never rested
    told.probes = len(probes)
    for probe in probes:
        at = truth.filled.get(probe.key)
        if at is not None:
            real.append(at - probe.joined_at)
        if probe.filled_at is not None:
            predicted.append(probe.filled_at - probe.joined_at)
            if at is not None:
                biases.append(probe.filled_at - at)
    for seconds in HORIZONS:
        row = TruthAt(seconds)
        for probe in probes:
            until = probe.joined_at + seconds * NANOS_PER_SECOND
            if probe.left_at is not None and probe.left_at < until:
                continue
            at = truth.filled.get(probe.key)
            was = at is not None and at <= until
            said = probe.filled_at is not None and probe.filled_at <= until
            row.both += was and said
            row.only_truth += was and not said
            row.only_shadow += said and not was
            row.neither += not was and not said
        told.horizons.append(row)
    told.bias_low_s, told.bias_median_s, told.bias_high_s = (_at(biases, part) for part in (0.1, 0.5, 0.9))
    told.median_true_s, told.median_predicted_s = _at(real, 0.5), _at(predicted, 0.5)
    return told


def _at(spans: list[int], part: float) -> float | None:
    return sorted(spans)[int(len(spans) * part)] / NANOS_PER_SECOND if spans else None
