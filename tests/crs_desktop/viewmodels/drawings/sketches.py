"""Drawings made by chance, and a pane of plain arithmetic to see them on."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from hypothesis import strategies as st

from crs_desktop.viewmodels.drawings.kinds import KINDS
from crs_desktop.viewmodels.drawings.shape import DASHES, TONES, Anchor, Shape, Style
from engine.domain.pair import TradingPair
from engine.market.catalogue import PAIRS

BTC = next(spec.pair for spec in PAIRS if spec.pair.symbol == "BTC/USDT")
MINUTE = 60_000_000_000
START = 1_750_000_000 * 1_000_000_000


@dataclass
class Grid:
    """A linear `Sight`: bar 0 opens at START, 10 px a bar, price 6,000,000 ticks at the bottom, 1,000 ticks a pixel."""

    pair: TradingPair = BTC
    width: float = 1_000.0
    height: float = 500.0
    step: int = MINUTE
    equity: int | None = None

    def bar(self, at: int) -> int:
        return (at - START) // self.step

    def start(self, bar: int) -> int:
        return START + bar * self.step

    def x(self, at: int) -> float:
        return (self.bar(at) + 0.5) * 10.0

    def y(self, ticks: float) -> float:
        return self.height - (ticks - 6_000_000) / 1_000

    def bar_at(self, x: float) -> int:
        return floor(x / 10.0)

    def price(self, y: float) -> float:
        return 6_000_000 + (self.height - y) * 1_000


def anchor(bar: int, ticks: int) -> Anchor:
    return Anchor(START + bar * MINUTE, BTC.price(ticks))


INSTANTS = st.integers(-(10**18), 4 * 10**18)
PRICES = st.decimals(min_value="0.01", max_value="1000000", places=8, allow_nan=False)
ANCHORS = st.builds(Anchor, INSTANTS, PRICES)
STYLES = st.builds(
    Style,
    color=st.sampled_from(TONES) | st.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
    width=st.integers(1, 4),
    dash=st.sampled_from(DASHES),
    fill=st.integers(0, 100),
    text=st.text(max_size=20),
    levels=st.lists(st.decimals(min_value=-5, max_value=5, places=3), max_size=5).map(tuple),
    risk_bps=st.integers(1, 10_000),
)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    kind = draw(st.sampled_from(KINDS))
    count = kind.anchors or draw(st.integers(2, 6))
    anchors = tuple(draw(st.lists(ANCHORS, min_size=count, max_size=count)))
    return Shape("", kind.name, anchors, draw(STYLES), draw(st.booleans()), draw(st.booleans()))
