"""One exchange as ccxt knows it: made off the loop, its markets in our words, its failures as ours.

Numbers are floats there. Their shortest text is what the exchange wrote, up to 15 digits; put on the grid, what does
not fit is left out and counted like anything else that is off it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

from engine.adapters.exchanges.dialect.fees import FeeSchedule, FeeTier
from engine.adapters.exchanges.dialect.listing import Lister, Row
from engine.adapters.exchanges.net.refused import plain
from engine.adapters.exchanges.wire.scaled import LONGEST, expanded
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.pair import FeeRate
from engine.errors import Garbled, InvalidInput, VenueUnavailable
from engine.services.offload import offload

PREFIX = "ccxt-"
"""How the names of exchanges begin that are reached through ccxt; their own name follows."""
FEE = FeeRate.parse(Decimal("0.002"))
"""What is paid on paper where ccxt knows no fee: more than most take."""
MOST_FEE = Decimal("0.1")
"""A higher one is not believed."""
DECIMAL_PLACES, TICK_SIZE = 2, 4
"""How ccxt may tell a grid."""
MISSING = "The extra `ccxt` is not installed; `pip install crs-desktop[ccxt]` brings it."

Configure = Callable[[Any], None]


class Peer:
    """An exchange of ccxt.pro; `open` it, `close` it."""

    def __init__(self, name: str, configure: Configure = lambda _exchange: None) -> None:
        self.name, self.own = name, name.removeprefix(PREFIX)
        self.title = f"{self.own} (ccxt)"
        self._configure = configure
        self.exchange: Any = None
        self.instruments: dict[str, Instrument] = {}

    async def open(self) -> None:
        """Load the library and the list of markets.

        Raises:
            InvalidInput: ccxt is not installed, or does not stream from such an exchange.
            VenueUnavailable: it cannot be reached.
        """
        kind = await offload(_kind, self.own)
        self.exchange = kind({"enableRateLimit": True})
        self._configure(self.exchange)
        with self.failing():
            await self.exchange.load_markets()
        self.instruments = await offload(self._listed)

    async def close(self) -> None:
        """End its connections; safe to call twice."""
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            await exchange.close()

    def can(self, what: str) -> bool:
        """Whether the exchange has something in ccxt, e.g. `watchTrades`."""
        return bool(self.exchange.has.get(what))

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Lend a block in which failures of ccxt are ours, in its words."""
        errors = import_module("ccxt.base.errors")
        try:
            yield
        except errors.NetworkError as error:
            raise VenueUnavailable(f"{self.title} cannot be reached: {plain(str(error))}") from error
        except errors.BaseError as error:
            raise VenueUnavailable(f"{self.title} says: {plain(str(error))}") from error
        except (*UNREADABLE, TypeError, LookupError, AttributeError, Garbled) as error:
            raise VenueUnavailable(f"{self.title} says what cannot be read; it was not used.") from error

    def _listed(self) -> dict[str, Instrument]:
        tier = FeeTier(Decimal(0), FEE, FEE)
        schedule = FeeSchedule(self.name, self.title, "ccxt", date.min, "As ccxt knows them.", (tier,))
        lister = Lister(self.name, schedule)
        for market in self.exchange.markets.values():
            try:
                row = _row(market, self.exchange.precisionMode)
            except (*UNREADABLE, TypeError, KeyError, AttributeError, InvalidInput):
                lister.unreadable()
                continue
            if row is not None:
                lister.add(row)
        return {each.symbol: each for each in lister.listing().instruments}


def text_of(number: float | str | int) -> str:
    """Return a number of ccxt as plain text, the shortest that means it.

    Raises:
        Garbled: it is none, or an absurd one.
    """
    text = number if isinstance(number, str) else repr(number)
    return expanded(text) if "e" in text or "E" in text else text


def _kind(own: str) -> Any:  # noqa: ANN401 - a class of a library without types
    try:
        pro = import_module("ccxt.pro")
    except ImportError as error:
        raise InvalidInput(MISSING) from error
    if own not in pro.exchanges:
        raise InvalidInput(f"ccxt streams from no exchange {own[:40]!r}.")
    return getattr(pro, own)


def _row(market: dict[str, Any], mode: int) -> Row | None:
    """Return a market of spot, or a perpetual settled in its quote; None for anything else."""
    is_perpetual = bool(market.get("swap") and market.get("linear") and market.get("settle") == market.get("quote"))
    if not (market.get("spot") or is_perpetual):
        return None
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    tick, lot = _step(precision.get("price"), mode), _step(precision.get("amount"), mode)
    maker, taker = market.get("maker"), market.get("taker")
    fees = None
    if maker is not None and taker is not None:
        fees = (_rate(maker), _rate(taker))
    return Row(
        str(market["id"]),
        str(market["base"]),
        str(market["quote"]),
        tick,
        lot,
        _number((limits.get("amount") or {}).get("min")),
        _number((limits.get("cost") or {}).get("min")),
        trading=market.get("active") is not False,
        kind=InstrumentKind.PERPETUAL if is_perpetual else InstrumentKind.SPOT,
        fees=fees,
    )


def _rate(fee: float) -> FeeRate:
    rate = Decimal(text_of(max(0.0, fee)))
    return FeeRate.parse(rate) if rate <= MOST_FEE else FEE


def _step(precision: float | None, mode: int) -> str:
    """Return one step of a grid; `0` where it is not told so that we can keep it: such a market is left out."""
    if precision is None:
        return "0"
    if mode == TICK_SIZE:
        return text_of(precision)
    if mode == DECIMAL_PLACES:
        return format(Decimal(1).scaleb(-int(precision)), "f") if abs(precision) <= LONGEST else "0"
    return "0"


def _number(value: float | None) -> str:
    return "" if value is None else text_of(value)
