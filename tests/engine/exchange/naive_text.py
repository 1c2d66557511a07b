"""The text form of the naive exchange: one JSON object per line in, one per line out.

Written from the specification alone, as `naive.py` is. Reading is strict in what the specification names
(keys, words, decimal strings, time, pairs, deposits) and says no more about it than that a line is malformed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any

from tests.engine.exchange.naive import EXACT, ZERO, Entry, Naive, Pair

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
NO_NUMBERS = ("NaN", "Infinity", "-Infinity")

KEYS = {
    "pair": "symbol base quote tick lot base_decimals quote_decimals min_notional maker_fee taker_fee",
    "deposit": "ts account asset amount",
    "submit": "ts account id symbol side order_type qty",
    "cancel": "ts account id",
    "amend": "ts account id",
    "submit_list": "ts account id kind orders",
    "clock": "ts",
}
ORDER = "id symbol side order_type qty"
ORDER_MAY = "price tif expire_ts post_only reduce_only display_qty stop_price trail trail_bps stp"
MAY = {"submit": ORDER_MAY, "amend": "qty price stop_price trail"}
TEXTS = {"account", "id", "symbol", "asset", "base", "quote"}
INTEGERS = {"ts", "expire_ts", "base_decimals", "quote_decimals"}
FLAGS = {"post_only", "reduce_only"}
NUMBERS = {"amount", "qty", "price", "display_qty", "stop_price", "trail", "trail_bps"}
NUMBERS |= {"tick", "lot", "min_notional", "maker_fee", "taker_fee"}
WORDS = {
    "side": "buy sell",
    "order_type": "market limit stop stop_limit take_profit take_profit_limit trailing_stop",
    "tif": "GTC IOC FOK GTD",
    "stp": "none cancel_taker cancel_maker cancel_both",
    "kind": "oco oto bracket",
}


class Malformed(Exception):  # noqa: N818 - what the line is
    """The line is not well formed."""


def must(true: bool) -> None:
    if not true:
        raise Malformed


class NaiveText:
    """The naive exchange, fed with lines."""

    def __init__(self) -> None:
        self.naive = Naive()
        self.time = 0
        self.seq = 0

    def answer(self, line: str) -> list[Entry]:
        """Carry out one line and return what happens."""
        with localcontext(EXACT):
            entry = json.loads(line)
            must(type(entry) is dict and entry.get("type") in list(KEYS))
            kind = entry["type"]
            read = self.read(entry, "type " + KEYS[kind], MAY.get(kind, ""))
            if kind == "pair":
                self.list_pair(read)
                return []
            must(read["ts"] >= self.time)
            if kind == "deposit":
                self.check_deposit(read)
            self.time = read["ts"]
            self.naive.out = []
            self.naive.handle(read)
            return [self.written(event) for event in self.naive.out]

    def read(self, entry: Entry, needed: str, may: str) -> Entry:
        must(set(needed.split()) <= entry.keys() <= set((needed + " " + may).split()))
        return {key: self.value(key, value) for key, value in entry.items()}

    def value(self, key: str, value: Any) -> Any:  # noqa: ANN401
        if key == "trail_bps" and type(value) is int:
            return Decimal(value)
        if key in NUMBERS:
            must(type(value) is str and (DECIMAL.match(value) is not None or value in NO_NUMBERS))
            return Decimal(value)
        if key in WORDS:
            must(value in WORDS[key].split())
        if key == "orders":
            must(type(value) is list and bool(value) and all(type(each) is dict for each in value))
            return [self.read(each, ORDER, ORDER_MAY) for each in value]
        wanted = str if key in TEXTS else int if key in INTEGERS else bool if key in FLAGS else type(value)
        must(type(value) is wanted)
        return value

    def list_pair(self, entry: Entry) -> None:
        pairs = self.naive.pairs
        must(entry["base_decimals"] >= 0 and entry["quote_decimals"] >= 0)
        base_unit, quote_unit = (Decimal(1).scaleb(-entry[f"{each}_decimals"]) for each in ("base", "quote"))
        tick, lot = entry["tick"], entry["lot"]
        known = {code: unit for p in pairs.values() for code, unit in ((p.base, p.base_unit), (p.quote, p.quote_unit))}
        must(tick.is_finite() and lot.is_finite() and tick > 0 and lot > 0 and entry["symbol"] not in pairs)
        must(not tick * lot % quote_unit and not lot % base_unit and entry["base"] != entry["quote"])
        must(known.get(entry["base"], base_unit) == base_unit and known.get(entry["quote"], quote_unit) == quote_unit)
        must(all(entry[key].is_finite() and entry[key] >= 0 for key in ("maker_fee", "taker_fee", "min_notional")))
        rest = (entry["min_notional"], entry["maker_fee"], entry["taker_fee"])
        pairs[entry["symbol"]] = Pair(
            entry["symbol"], entry["base"], entry["quote"], tick, lot, base_unit, quote_unit, *rest
        )

    def unit(self, asset: str) -> Decimal:
        for pair in self.naive.pairs.values():
            for code, unit in ((pair.base, pair.base_unit), (pair.quote, pair.quote_unit)):
                if code == asset:
                    return unit
        raise Malformed

    def check_deposit(self, entry: Entry) -> None:
        unit, amount = self.unit(entry["asset"]), entry["amount"]
        must(amount.is_finite() and amount > 0 and not amount % unit)

    def written(self, event: Entry) -> Entry:
        self.seq += 1
        return {"seq": self.seq, **{key: text(value) for key, value in event.items()}}

    def state(self) -> Entry:
        """Return the state line, without its hash."""
        with localcontext(EXACT):
            naive = self.naive
            balances = {
                account: {
                    asset: {
                        "free": text((naive.free(account, asset), self.unit(asset))),
                        "locked": text((naive.locked(account, asset), self.unit(asset))),
                    }
                    for asset in assets
                }
                for account, assets in naive.money.items()
            }
            fees = {asset: text((fee, self.unit(asset))) for asset, fee in naive.fees.items()}
            books = {p.symbol: {"bids": self.side(p, True), "asks": self.side(p, False)} for p in naive.pairs.values()}
            working = [[o.account, o.id, text((o.left, o.pair.lot))] for o in naive.live if not o.pending]
            return {
                "type": "state", "balances": balances, "fees": fees, "books": books, "open_orders": sorted(working)
            }  # fmt: skip

    def side(self, pair: Pair, buy: bool) -> list[list[str]]:
        levels: dict[Decimal, Decimal] = {}
        for o in self.naive.live:
            if o.rank and o.pair is pair and o.buy == buy:
                assert o.price is not None
                levels[o.price] = levels.get(o.price, ZERO) + o.left
        best_first = sorted(levels.items(), reverse=buy)
        return [[text((price, pair.tick)), text((qty, pair.lot))] for price, qty in best_first]


def text(value: Any) -> Any:  # noqa: ANN401
    """Write an amount with as many decimals as its step has."""
    if not isinstance(value, tuple):
        return value
    amount, step = value
    return f"{amount:.{decimals(step)}f}"


def decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def run(lines: Iterable[str], *, state: bool = True) -> tuple[int, list[Entry]]:
    """Return the exit status and what is printed for these lines."""
    session, out = NaiveText(), []
    for line in lines:
        try:
            out += session.answer(line)
        except Malformed:
            return 2, out
    return 0, [*out, session.state()] if state else out
