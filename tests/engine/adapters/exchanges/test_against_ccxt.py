"""The same answers read by ccxt, an independent reader: instruments, bars, trades and tickers must agree."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.exchanges.binance.rest import BinanceRest
from engine.adapters.exchanges.coinbase.advanced_rest import CoinbaseAdvancedRest
from engine.adapters.exchanges.coinbase.exchange_rest import CoinbaseExchangeRest
from engine.adapters.exchanges.dialect.rest import RestDialect
from engine.adapters.exchanges.kraken.rest import KrakenRest
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.pair import TradingPair
from tests.engine.adapters.exchanges.recorded import answer

ccxt: Any = pytest.importorskip("ccxt")

MILLI = 1_000_000


@pytest.fixture(scope="module")
def bitcoin(shared_data: Path) -> TradingPair:
    listing = BinanceRest().hear_listing(answer(shared_data, "binance_exchangeInfo_2021-10-12"))
    return next(each.pair for each in listing.instruments if each.symbol == "BTC/USDT")


def test_binance_lists_what_ccxt_lists(shared_data: Path) -> None:
    text = answer(shared_data, "binance_exchangeInfo_2021-10-12")
    reader = ccxt.binance({"options": {"crossMarginPairsData": [], "isolatedMarginPairsData": []}})
    theirs = {each["symbol"]: reader.parse_market(each) for each in json.loads(text)["symbols"]}
    ours = BinanceRest().hear_listing(text).instruments
    assert len(theirs) == len(ours)
    for each in ours:
        market, pair = theirs[each.native], each.pair
        assert f"{market['baseId']}/{market['quoteId']}" == each.symbol  # ccxt renames some in its own way
        assert (market["active"] and market["info"]["isSpotTradingAllowed"]) == each.trading
        assert Decimal(str(market["precision"]["price"])) == pair.tick
        assert Decimal(str(market["precision"]["amount"])) == pair.lot
        assert Decimal(str(market["limits"]["amount"]["min"])) == pair.qty(each.min_lots)
        assert Decimal(str(market["limits"]["cost"]["min"])) == pair.quote.amount(pair.min_notional)


def rows(count: int = 50) -> list[tuple[int, str, str, str, str, str]]:
    """Start (s), open, high, low, close, volume of minutes that follow each other."""
    chance = random.Random(7)  # noqa: S311 - a market, no secret
    made = []
    for each in range(count):
        prices = sorted(chance.randrange(6_000_000, 6_100_000) for _ in range(4))
        low, first, second, high = (f"{price / 100:.2f}" for price in prices)
        opened, closed = (first, second) if chance.random() < 0.5 else (second, first)
        made.append((1_616_662_740 + 60 * each, opened, high, low, closed, f"{chance.randrange(10**9) / 10**5:.5f}"))
    return made


def answers() -> list[tuple[RestDialect, str, Any, list[Any]]]:
    """A dialect, its answer, the reader of ccxt, and the rows that it reads."""
    made = rows()
    binance = [[at * 1000, o, h, low, c, v, at * 1000 + 59_999, "0", 1, "0", "0", "0"] for at, o, h, low, c, v in made]
    exchange = [[at, float(low), float(h), float(o), float(c), float(v)] for at, o, h, low, c, v in reversed(made)]
    keys = ("start", "open", "high", "low", "close", "volume")
    advanced = [dict(zip(keys, map(str, row), strict=True)) for row in reversed(made)]
    kraken = [[at, o, h, low, c, o, v, 9] for at, o, h, low, c, v in [*made, (made[-1][0] + 60, *made[0][1:])]]
    result = json.dumps({"error": [], "result": {"XBTUSDT": kraken, "last": made[-1][0]}})
    return [
        (BinanceRest(), json.dumps(binance), ccxt.binance(), binance),
        (CoinbaseExchangeRest(), json.dumps(exchange), ccxt.coinbaseexchange(), exchange),
        (CoinbaseAdvancedRest(), json.dumps({"candles": advanced}), ccxt.coinbase(), advanced),
        (KrakenRest(), result, ccxt.kraken(), kraken[:-1]),
    ]


def test_bars_are_those_of_ccxt(bitcoin: TradingPair) -> None:
    far = Nanos(2_000_000_000 * NANOS_PER_SECOND)
    for rest, text, reader, theirs in answers():
        bars = rest.hear_bars(text, bitcoin, Timeframe.M1, start=Nanos(0), end=far, now=far)
        parsed = sorted(reader.parse_ohlcv(each) for each in theirs)
        assert len(bars) == len(parsed) == 50
        for place, (at, *prices, volume) in enumerate(parsed):
            assert bars.start[place] == at * MILLI
            columns = (bars.open, bars.high, bars.low, bars.close)
            assert [bitcoin.price(int(column[place])) for column in columns] == [Decimal(str(each)) for each in prices]
            assert bitcoin.qty(int(bars.volume[place])) == Decimal(str(volume))


def test_trades_are_those_of_ccxt() -> None:
    exchange = {"trade_id": 9, "side": "buy", "size": "0.1", "price": "5", "time": "2026-04-07T00:28:58.544Z"}
    advanced = exchange | {"trade_id": "9", "side": "BUY", "product_id": "BTC-USD"}
    kraken = ["30243.4", "0.34507674", 1688669597.827, "b", "m", "", 61044952]
    binance = {"id": 8, "price": "4.0", "qty": "12.0", "time": 1499865549590, "isBuyerMaker": True}
    cases: list[tuple[RestDialect, str, Any, Any]] = [
        (BinanceRest(), json.dumps([binance]), ccxt.binance(), binance),
        (CoinbaseExchangeRest(), json.dumps([exchange]), ccxt.coinbaseexchange(), exchange),
        (KrakenRest(), json.dumps({"error": [], "result": {"X": [kraken]}}), ccxt.kraken(), kraken),
    ]
    for rest, text, reader, row in cases:
        (ours,) = rest.hear_trades(text, "X").prints
        theirs = reader.parse_trade(row, reader.safe_market("BTC/USD"))
        assert (ours.side.value, ours.trade_id) == (theirs["side"], int(theirs["id"]))
        assert (float(ours.price), float(ours.qty), ours.at // MILLI) == (
            theirs["price"], theirs["amount"], theirs["timestamp"],
        )  # fmt: skip
    (ours,) = CoinbaseAdvancedRest().hear_trades(json.dumps({"trades": [advanced]}), "X").prints
    theirs = ccxt.coinbase().parse_trade(advanced)
    assert ours.side.value != theirs["side"], "ccxt tells the maker's side here, as the venue writes it"
