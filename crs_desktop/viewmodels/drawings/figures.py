"""The figures that stand beside drawings, as text."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.drawings.position import Plan, near
from crs_desktop.viewmodels.drawings.shape import Anchor
from crs_desktop.viewmodels.drawings.sight import Sight
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.pair import TradingPair

CENT = Decimal("0.01")
PLACES = 2
"""Decimals of money beside a drawing."""
Texts = tuple[Sentence, ...]
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def plain(text: str) -> Sentence:
    """Return figures, which are the same in every language."""
    return Sentence("{text}", {"text": text})


def span(nanos: int) -> str:
    """Return a length of time by its two largest units: `3 d 4 h`, `45 min`, `0 s`."""
    left = abs(nanos) // NANOS_PER_SECOND
    for number, (size, unit) in enumerate(SPANS):
        if left >= size:
            whole, rest = divmod(left, size)
            small, small_unit = SPANS[min(number + 1, 3)]
            more = f" {rest // small} {small_unit}" if rest >= small and number < 3 else ""
            return f"{whole} {unit}{more}"
    return "0 s"


def ratio_text(ratio: Decimal) -> str:
    """Return a ratio as short as it is exact."""
    return f"{ratio.normalize():f}".replace("-", fmt.MINUS)


def level_text(pair: TradingPair, ratio: Decimal, price: Decimal) -> Sentence:
    """Return what stands at a Fibonacci level."""
    at = round(price / pair.tick)
    return plain(f"{ratio_text(ratio)} ({fmt.price(pair, at)})")


def change_text(pair: TradingPair, start: int, end: int) -> str:
    """Return the way between two prices in ticks, as money and percent."""
    moved = fmt.signed(fmt.price(pair, end - start))
    return f"{moved} ({fmt.percent(round(Decimal(end - start) * 10_000 / start))})"


def measure_lines(sight: Sight, one: Anchor, other: Anchor) -> Texts:
    """Return price, percent, bars and time between two anchors."""
    start, end = near(sight.pair, one.price), near(sight.pair, other.price)
    bars = sight.bar(other.at) - sight.bar(one.at)
    time = sight.start(sight.bar(other.at)) - sight.start(sight.bar(one.at))
    count = fmt.grouped(str(bars))
    counted = say("{count} bars, {time}", count=count, time=("" if time >= 0 else fmt.MINUS) + span(time))
    return plain(change_text(sight.pair, start, end)), counted


def position_notes(pair: TradingPair, drawn: Plan) -> tuple[Texts, Texts, Texts]:
    """Return what stands at target, entry and stop."""
    quote, base = pair.quote, pair.base.code
    won = f" · {fmt.signed_money(quote, drawn.reward, PLACES)} {quote.code}" if drawn.lots else ""
    lost = f" · {fmt.signed_money(quote, -drawn.risk, PLACES)} {quote.code}" if drawn.lots else ""
    way = change_text(pair, drawn.entry, drawn.target)
    target = say("Target {way}{money}", way=way, money=won)
    stop = say("Stop {way}{money}", way=change_text(pair, drawn.entry, drawn.stop), money=lost)
    r = fmt.decimal_text(drawn.reward_ratio.quantize(CENT, ROUND_HALF_EVEN))
    size = fmt.quantity(pair, drawn.lots)
    kind = say("Long {size} {base} · {r} R", size=size, base=base, r=r)
    if not drawn.is_long:
        kind = say("Short {size} {base} · {r} R", size=size, base=base, r=r)
    warning = _warning(pair, drawn)
    return (target,), (kind,) if warning is None else (kind, warning), (stop,)


def _warning(pair: TradingPair, drawn: Plan) -> Sentence | None:
    if not drawn.is_long:
        return say("Spot is long or flat: this cannot be opened here.")
    if not drawn.known:
        return say("No size: the account's worth is not known yet.")
    if not drawn.lots:
        return say("The risk is less than one lot, {lot} {base}.", lot=pair.qty_text(1), base=pair.base.code)
    if not drawn.affordable:
        cost = f"{fmt.money(pair.quote, drawn.cost, PLACES)} {pair.quote.code}"
        return say("Costs {cost}, more than the account is worth.", cost=cost)
    return None
