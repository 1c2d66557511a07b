"""The pair of a recording, on the grid on which it was recorded."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import ENGINE_DECIMALS, Asset
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.catalogue import PAIRS
from engine.market.recording import Recording

LONGEST = 40
"""Letters of a number, and how far its first digit may be from the dot."""
SHOWN = range(ENGINE_DECIMALS + 1)
"""How many decimals of an asset may be shown."""


def pair_of(recording: Recording) -> TradingPair:
    """Return the pair of a recording: as it says itself, with the fees of then, or the catalogued one of its grid.

    Raises:
        InvalidInput: it does not say enough, and nothing of its grid is in the catalogue.
    """
    about = recording.about
    try:
        tick, lot = _number(about["tick"]), _number(about["lot"])
        if "taker_fee" in about:
            codes, decimals = recording.symbol.partition(":")[0].split("/"), about["shown_decimals"]
            base, money = (
                Asset(code, shown_decimals=_shown(shown)) for code, shown in zip(codes, decimals, strict=True)
            )
            least = money.units(_number(about["min_notional"]))
            fees = (FeeRate.parse(_number(about[name])) for name in ("maker_fee", "taker_fee"))
            return TradingPair(recording.symbol, base, money, tick, lot, least, *fees)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"The recording of {recording.symbol[:40]} does not say what pair it is of.") from error
    for spec in PAIRS:
        if spec.symbol == recording.symbol and (spec.pair.tick, spec.pair.lot) == (tick, lot):
            return spec.pair
    raise InvalidInput(f"The recording is of {recording.symbol}, which is not listed here.")


def _shown(told: object) -> int:
    if not isinstance(told, int) or told not in SHOWN:
        raise ValueError
    return told


def _number(told: object) -> Decimal:
    """Return a number that a venue can have: one of a few letters can mean gigabytes of digits."""
    if not isinstance(told, str) or len(told) > LONGEST:
        raise ValueError
    number = Decimal(told)
    if not number.is_finite() or abs(number.adjusted()) > LONGEST:
        raise ValueError
    return number
