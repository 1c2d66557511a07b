"""The simulated market held against the bands of real ones: the proof behind `crs data stats`.

The month before the start, the calm, the crash and the rally are measured on bars; an hour (or less)
of BTC/USDT from the start on is run in full flow through the exchange.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.exchange.offline import OfflineMarket
from engine.exchange.simulated import SimulatedMarket
from engine.market import stage
from engine.market.catalogue import PAIRS, PairSpec
from engine.market.generator import BarGenerator
from engine.market.history import PastBars
from engine.market.latent import LatentPath
from engine.market.stats import (
    CALM_BANDS,
    CRASH_BANDS,
    FLOW_BANDS,
    RALLY_BANDS,
    SHAPE_BANDS,
    FlowMeasures,
    FlowMeter,
    Verdict,
    judged,
    measure_bars,
)

LOOK = Nanos(NANOS_PER_SECOND // 10)
"""Market time between looks at the touch."""
MONTH_DAYS = 30


def judge_bars(seed: int, spec: PairSpec) -> list[Verdict]:
    """Return the verdicts on a pair's bars: an ordinary month, the calm, the crash, the rally."""
    past = PastBars(LatentPath(BarGenerator(spec, seed)))
    marks = stage.landmarks(seed)
    stretches = (
        ("month", stage.START_DAY - MONTH_DAYS, MONTH_DAYS, SHAPE_BANDS),
        ("calm", marks.calm, stage.CALM_DAYS, CALM_BANDS),
        ("crash", marks.crash, 1, CRASH_BANDS),
        ("rally", marks.rally, stage.RALLY_DAYS, RALLY_BANDS),
    )
    verdicts: list[Verdict] = []
    for name, first, days, bands in stretches:
        bars = past.span(Timeframe.M1, stage.day_start(first), stage.day_start(first + days))
        verdicts += judged(name, measure_bars(bars), bands)
    return verdicts


def judge_flow(seed: int, seconds: int, progress: Callable[[float], object] = lambda _: None) -> list[Verdict]:
    """Return the verdicts on BTC/USDT's flow from the start on."""
    market = SimulatedMarket(seed, pairs=PAIRS[:1])
    return judged("flow", measure_flow(market, seconds, progress), FLOW_BANDS)


def measure_flow(
    market: OfflineMarket, seconds: int, progress: Callable[[float], object] = lambda _: None
) -> FlowMeasures:
    """Run a market of one pair and measure its flow."""
    (pair,) = market.exchange.pairs()
    meter = FlowMeter(float(pair.lot))
    per_second = NANOS_PER_SECOND // LOOK
    for look in range(seconds * per_second):
        step = market.advance(Nanos(market.now + LOOK))
        meter.add(step.prints.get(pair.symbol, ()))
        book = market.exchange.book(pair.symbol)
        meter.look(book.best_bid, book.best_ask)
        if look % per_second == 0:
            meter.depth(sum(level.qty for level in book.levels(Side.BUY, 20)))
            progress(look / per_second / seconds)
    return meter.measures(seconds)
