"""Kraken's list of pairs: `GET /AssetPairs`, with the fees of each.

Source: docs.kraken.com, REST, Get Tradable Asset Pairs. The words in it are explained in `name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.listing import Lister, Listing, Row
from engine.adapters.exchanges.kraken.name import our_symbol
from engine.adapters.exchanges.wire.scaled import is_modest
from engine.adapters.exchanges.wire.unreadable import each_of
from engine.domain.number import EXACT
from engine.domain.pair import FeeRate

VENUE = "kraken"

MOST_FEE = 10
"""Percent; a list that says more is not believed, and the schedule counts."""

_OPEN = {"", "online", "post_only", "limit_only"}
"""States in which orders are taken; older answers had none."""


class _Pair(msgspec.Struct):
    altname: str = ""
    wsname: str = ""
    pair_decimals: int = 0
    lot_decimals: int = 8
    fees: list[tuple[Decimal, Decimal]] = []
    fees_maker: list[tuple[Decimal, Decimal]] = []
    ordermin: str = ""
    costmin: str = ""
    tick_size: str = ""
    status: str = ""


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PAIR = msgspec.json.Decoder(_Pair)


def listing(result: msgspec.Raw | bytes) -> Listing:
    """Return the pairs of a result; of those without a name in the streams (dark pools) there are no prices."""
    lister, rates = Lister(VENUE, fee_schedule(VENUE)), _Rates()
    aliases: dict[str, str] = {}
    parts = _PARTS.decode(result)
    rows = each_of(_PAIR, parts.values())
    for key, each in zip(parts, rows, strict=True):
        if each is None:
            lister.unreadable()
            continue
        if "/" not in each.wsname:
            lister.leave_out("Its prices are not public (a dark pool).")
            continue
        row = _row(each, rates)
        lister.add(row)
        aliases.update({name: row.native for name in (key, each.altname, each.wsname) if name})
    return lister.listing(aliases)


class _Rates(dict[Decimal, FeeRate]):
    """Percentages looked up as rates; a rebate is counted as no fee, which is not in the trader's favour."""

    def __missing__(self, percent: Decimal) -> FeeRate:
        rate = self[percent] = FeeRate.parse(max(percent, Decimal(0)).scaleb(-2, EXACT))
        return rate


def _row(each: _Pair, rates: Mapping[Decimal, FeeRate]) -> Row:
    symbol = our_symbol(each.wsname)
    base, _, quote = symbol.partition("/")
    fees = None
    if each.fees:
        taker = each.fees[0][1]
        maker = each.fees_maker[0][1] if each.fees_maker else taker
        if is_modest(maker) and is_modest(taker) and max(maker, taker) <= MOST_FEE:
            fees = (rates[maker], rates[taker])
    tick, lot = each.tick_size or _step(each.pair_decimals), _step(each.lot_decimals)
    return Row(symbol, base, quote, tick, lot, each.ordermin, each.costmin, each.status in _OPEN, fees=fees)


def _step(decimals: int) -> str:
    """Return one unit in the last of so many decimals."""
    return f"0.{'1'.rjust(decimals, '0')}" if 0 < decimals <= 30 else "1"
