"""Closed bars as they were traded, kept in the table `market_data`; on SQLite and PostgreSQL alike.

The simulated market makes its past from the seed. What was really traded must not be replaced by that after the market
has reopened, so it is kept here and laid over what the market says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.adapters.sql.owned import reading
from engine.adapters.sql.schema import market_data
from engine.domain.market import Bar, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.pair import TradingPair
from engine.errors import StorageUnavailable
from engine.market.bars import from_bars
from engine.ports.feed import BarArrays

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Kept(NamedTuple):
    """A closed bar to keep."""

    timeframe: Timeframe
    bar: Bar


class BarTable:
    """The bars of a database; every call blocks and belongs off the loop."""

    def __init__(self, engine: Engine, pairs: Iterable[TradingPair]) -> None:
        self._engine = engine
        self._pairs = {pair.symbol: pair for pair in pairs}

    def keep(self, bars: Sequence[Kept]) -> None:
        """Write bars, in place of what is there of the same interval.

        Raises:
            StorageUnavailable: the database refuses; nothing was written.
        """
        from sqlalchemy.exc import SQLAlchemyError

        rows = [self._row(each) for each in bars if each.bar.symbol in self._pairs]
        if not rows:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(_upsert(self._engine.dialect.name), rows)
        except SQLAlchemyError as error:
            raise StorageUnavailable("Closed bars cannot be kept now: the database refuses.") from error

    def read(self, symbol: str, timeframe: Timeframe, first: Nanos, last: Nanos) -> BarArrays:
        """Return kept bars that begin from `first` to `last`, oldest first.

        Raises:
            StorageUnavailable: the database cannot be read now.
        """
        from sqlalchemy import select

        table = market_data.c
        query = (
            select(table.start_ns, table.open, table.high, table.low, table.close, table.volume, table.trades)
            .where(table.symbol == symbol, table.timeframe == str(timeframe), table.start_ns.between(first, last))
            .order_by(table.start_ns)
        )
        with reading(self._engine) as connection:
            return from_bars(self._bar(symbol, row) for row in connection.execute(query))

    def last_start(self, symbol: str, timeframe: Timeframe) -> Nanos | None:
        """Return when the last kept bar began; None if there is none.

        Raises:
            StorageUnavailable: the database cannot be read now.
        """
        from sqlalchemy import func, select

        table = market_data.c
        query = select(func.max(table.start_ns)).where(table.symbol == symbol, table.timeframe == str(timeframe))
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return None if found is None else Nanos(found)

    def _row(self, kept: Kept) -> dict[str, Any]:
        bar, pair = kept.bar, self._pairs[kept.bar.symbol]
        return {
            "symbol": bar.symbol,
            "timeframe": str(kept.timeframe),
            "start_ns": bar.start,
            "open": pair.price_text(bar.open),
            "high": pair.price_text(bar.high),
            "low": pair.price_text(bar.low),
            "close": pair.price_text(bar.close),
            "volume": pair.qty_text(bar.volume),
            "trades": bar.trades,
        }

    def _bar(self, symbol: str, row: Any) -> Bar:  # noqa: ANN401 - a row of the driver
        pair = self._pairs[symbol]
        start, opened, high, low, close, volume, trades = row

        def ticks(text: str) -> Ticks:
            return pair.ticks(Decimal(text)) or Ticks(0)

        lots = pair.lots(Decimal(volume)) or Lots(0)
        return Bar(symbol, Nanos(start), ticks(opened), ticks(high), ticks(low), ticks(close), lots, trades)


def laid_over(bars: BarArrays, kept: BarArrays) -> BarArrays:
    """Return bars with those of the same interval replaced by kept ones."""
    if not len(kept) or not len(bars):
        return bars
    place = np.searchsorted(bars.start, kept.start)
    inside = place < len(bars)
    inside[inside] = bars.start[place[inside]] == kept.start[inside]
    columns = [column.copy() for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)]
    for column, source in zip(columns, (kept.open, kept.high, kept.low, kept.close, kept.volume), strict=True):
        column[place[inside]] = source[inside]
    return BarArrays(bars.start, *columns)


def _upsert(dialect: str) -> Any:  # noqa: ANN401 - an insert of that dialect
    from sqlalchemy.dialects import postgresql, sqlite

    statement: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(market_data)
    keys = [column.name for column in market_data.primary_key]
    values = {column.name: statement.excluded[column.name] for column in market_data.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
