"""The pair of a recording, on the grid on which it was recorded."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.catalogue import PAIRS
from engine.market.recording import Recording


def pair_of(recording: Recording) -> TradingPair:
    """Return the pair of a recording: as it says itself, with the fees of then, or the catalogued one of its grid.

    Raises:
        InvalidInput: it does not say enough, and nothing of its grid is in the catalogue.
    """
    about = recording.about
    try:
        tick, lot = Decimal(about["tick"]), Decimal(about["lot"])
        if "taker_fee" in about:
            codes, decimals = recording.symbol.partition(":")[0].split("/"), about["shown_decimals"]
            base, money = (Asset(code, shown_decimals=shown) for code, shown in zip(codes, decimals, strict=True))
            least = money.units(Decimal(about["min_notional"]))
            fees = (FeeRate.parse(Decimal(about[name])) for name in ("maker_fee", "taker_fee"))
            return TradingPair(recording.symbol, base, money, tick, lot, least, *fees)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"The recording of {recording.symbol[:40]} does not say what pair it is of.") from error
    for spec in PAIRS:
        if spec.symbol == recording.symbol and (spec.pair.tick, spec.pair.lot) == (tick, lot):
            return spec.pair
    raise InvalidInput(f"The recording is of {recording.symbol}, which is not listed here.")
