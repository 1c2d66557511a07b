"""Decimal texts of a server as ticks, lots and units, and pairs as their grids; what is off the grid is no data."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from engine.domain.asset import Asset
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput, NotACrsServer
from engine.wire.market import Level as WireLevel
from engine.wire.market import Market


def pair_of(market: Market) -> TradingPair:
    """Return a pair as a server lists it.

    Raises:
        NotACrsServer: its grid is none.
    """
    try:
        quote = Asset(market.quote, market.quote_decimals)
        return TradingPair(
            symbol=market.symbol,
            base=Asset(market.base, market.base_decimals),
            quote=quote,
            tick=Decimal(market.tick),
            lot=Decimal(market.lot),
            min_notional=quote.units(Decimal(market.min_notional)),
            maker_fee=FeeRate.parse(Decimal(market.maker_fee)),
            taker_fee=FeeRate.parse(Decimal(market.taker_fee)),
        )
    except (InvalidInput, InvalidOperation) as error:
        raise NotACrsServer(f"The server lists {market.symbol} on a grid that is none: {error}") from error


def ticks_of(pair: TradingPair, text: str) -> Ticks:
    """Return a price in ticks, above 0.

    Raises:
        ValueError: it is no price of the grid.
    """
    found = _steps(text, pair.tick_decimals, pair.tick_places)
    if found <= 0:
        raise ValueError(f"{text} is no price of {pair.symbol}")
    return Ticks(found)


def lots_of(pair: TradingPair, text: str) -> Lots:
    """Return a quantity in lots, 0 or more; raises as `ticks_of`."""
    found = _steps(text, pair.lot_decimals, pair.lot_places)
    if found < 0:
        raise ValueError(f"{text} is no quantity of {pair.symbol}")
    return Lots(found)


def levels_of(pair: TradingPair, levels: tuple[WireLevel, ...]) -> tuple[Level, ...]:
    """Return levels of a book; raises as `ticks_of`."""
    return tuple([Level(ticks_of(pair, price), lots_of(pair, qty)) for price, qty in levels])


def _steps(text: str, decimals: int, places: int) -> int:
    """Return a plain decimal in steps of `places` in its last of `decimals` places, without a float in between."""
    whole, _, part = text.partition(".")
    if len(part) > decimals:
        part, rest = part[:decimals], part[decimals:]
        if rest.strip("0"):
            raise ValueError(f"{text} is finer than the grid")
    digits = whole + part
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"{text!r} is no decimal")
    found, off = divmod(int(digits.ljust(len(whole) + decimals, "0")), places)
    if off:
        raise ValueError(f"{text} is off the grid")
    return found
